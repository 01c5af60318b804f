//! Tokens that we accept and another judge does not, and rightly so. Each has its reason here and in
//! docs/differential.md; whatever is not here is a fault.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::judges::Verdict;

/// A refusal by another judge that does not count, and why.
struct Exception {
    judge: &'static str,
    /// What the judge says.
    refusal: &'static str,
    reason: &'static str,
    applies: fn(token: &str) -> bool,
}

const EXCEPTIONS: &[Exception] = &[Exception {
    judge: "PyJWT",
    refusal: "InvalidAlgorithmError",
    reason: "`Ed25519` is the name of RFC 9864 for EdDSA on that curve, which PyJWT does not know yet",
    applies: |token| algorithm(token).is_some_and(|name| name == "Ed25519"),
}];

/// What `alg` says.
fn algorithm(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?.as_str().map(str::to_owned)
}

/// Why the refusal of `judge` does not count; `None` if it does.
pub fn excused(judge: &str, verdict: &Verdict, token: &str) -> Option<&'static str> {
    let Verdict::Refused(refusal) = verdict else {
        return None;
    };
    EXCEPTIONS
        .iter()
        .find(|one| one.judge == judge && one.refusal == refusal && (one.applies)(token))
        .map(|one| one.reason)
}
