//! A weak password as a problem: the explanation in words, and its code at the member.

use countersign_domain::password::WeakPassword;

use crate::problem::{Code, FieldError, Problem};

/// The problem, at this member of the body.
pub(super) fn problem(weak: &WeakPassword, pointer: &str) -> Problem {
    let detail = weak.to_string();
    let error = FieldError {
        pointer: Some(pointer.to_owned()),
        parameter: None,
        code: weak.code(),
        detail: detail.clone(),
    };
    Problem::new(Code::WeakPassword)
        .detail(detail)
        .errors(vec![error])
}
