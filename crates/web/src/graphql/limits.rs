//! How much a document may ask for, judged on the parsed document before the engine sees it.
//!
//! Fragments are counted wherever they are spread, each one worked out once, so that neither
//! doubling fragments nor cycles cost more than their text (CVE-2024-47614, CVE-2025-32032). The
//! introspection query has a budget of its own: it is deep, and harmless.

use async_graphql::Variables;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};

use super::cost::{Costs, Load};
use super::errors::{Code, Fault, Result};
use crate::GraphqlSettings;

/// The most hops of a document: fields, fragments and inline fragments inside one another. The
/// engine itself stops at 32, with an error of its own.
const MAX_HOPS: usize = 30;
/// The most fields with all fragments expanded, whatever they cost.
const MAX_FIELDS: u64 = 5_000;
/// How often one operation may ask for the schema; tools ask once.
const MAX_LOOKS: usize = 3;
/// How often introspection may go from a list of the schema into another, as in `graphql-js`.
const MAX_INTROSPECTED_LISTS: usize = 2;

/// What the root of an operation selects, fragments expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RootField {
    /// The field's name.
    pub(super) name: String,
    key: String,
}

/// Judges one operation of a document, and tells what it selects at its root.
pub(super) fn judge(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &GraphqlSettings,
) -> Result<Vec<RootField>> {
    let mut costs = Costs::new(document, operation, variables);
    let load = costs.selected(&operation.selection_set)?;
    check(&load, limits)?;
    for load in costs.all()? {
        check_size(&load)?;
    }
    let mut roots = Vec::new();
    root_fields(document, &operation.selection_set.node, &mut roots);
    if roots.len() > limits.max_root_fields {
        let why = format!("more than {} fields at the root", limits.max_root_fields);
        return Err(Fault::new(Code::TooManyRootFields, why));
    }
    check_introspection(&roots, limits)?;
    if operation.ty == OperationType::Mutation {
        refuse_repeats(&roots)?;
    }
    Ok(roots)
}

/// What the engine's validation can bear, also of what is not executed.
fn check_size(load: &Load) -> Result<()> {
    if load.hops > MAX_HOPS {
        let why = format!("more than {MAX_HOPS} levels of fields and fragments");
        return Err(Fault::new(Code::TooDeep, why));
    }
    if load.fields > MAX_FIELDS {
        let why = format!("more than {MAX_FIELDS} fields in all");
        return Err(Fault::new(Code::TooComplex, why));
    }
    Ok(())
}

fn check(load: &Load, limits: &GraphqlSettings) -> Result<()> {
    let (code, limit, what) = if load.depth > limits.max_depth {
        (Code::TooDeep, limits.max_depth, "levels of fields")
    } else if load.hops > MAX_HOPS {
        (Code::TooDeep, MAX_HOPS, "levels of fields and fragments")
    } else if load.introspected_lists > MAX_INTROSPECTED_LISTS {
        (
            Code::TooDeep,
            MAX_INTROSPECTED_LISTS,
            "lists of the schema inside one another",
        )
    } else if load.aliases > wide(limits.max_aliases) {
        (Code::TooManyAliases, limits.max_aliases, "aliases")
    } else if load.fields > MAX_FIELDS {
        (
            Code::TooComplex,
            usize::try_from(MAX_FIELDS).unwrap_or(usize::MAX),
            "fields in all",
        )
    } else if load.cost > wide(limits.max_complexity) {
        let why = format!(
            "the query costs {}, and at most {} is allowed: each field counts once for each item \
             of the lists around it",
            load.cost, limits.max_complexity
        );
        return Err(Fault::new(Code::TooComplex, why));
    } else {
        return Ok(());
    };
    Err(Fault::new(code, format!("more than {limit} {what}")))
}

fn wide(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}

/// The fields at the root, fragments expanded. The load was checked before, so it is bounded.
fn root_fields(document: &ExecutableDocument, set: &SelectionSet, roots: &mut Vec<RootField>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => roots.push(RootField {
                name: field.node.name.node.to_string(),
                key: field.node.response_key().node.to_string(),
            }),
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.node.selection_set.node, roots);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, roots);
                }
            }
        }
    }
}

fn check_introspection(roots: &[RootField], limits: &GraphqlSettings) -> Result<()> {
    let is_look = |root: &&RootField| matches!(root.name.as_str(), "__schema" | "__type");
    let looks = roots.iter().filter(is_look).count();
    if looks > MAX_LOOKS {
        let why = format!("more than {MAX_LOOKS} looks at the schema in one operation");
        return Err(Fault::new(Code::TooComplex, why));
    }
    if looks > 0 && !limits.introspection {
        return Err(Fault::new(
            Code::IntrospectionDisabled,
            "the schema can't be asked for here",
        ));
    }
    Ok(())
}

/// The engine runs a field that stands twice under one key twice, and merges the answers
/// afterwards. A mutation must not run twice where the specification has it run once.
fn refuse_repeats(roots: &[RootField]) -> Result<()> {
    for (at, root) in roots.iter().enumerate() {
        if roots.iter().skip(at + 1).any(|other| other.key == root.key) {
            let why = "the same mutation stands twice: write it once, or give each an alias";
            return Err(Fault::new(Code::ValidationFailed, why));
        }
    }
    Ok(())
}
