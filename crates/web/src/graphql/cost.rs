//! What a selection weighs, fragments expanded, each worked out once.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value, Variables};
use countersign_domain::page::PageRequest;

use super::errors::{Code, Fault, Result};

/// The most directives on one field, fragment or operation.
const MAX_DIRECTIVES: usize = 4;
/// What a list without pages is taken to hold, and what a field that reads the store costs at
/// least.
const SHORT_LIST: u64 = 10;

/// The most fields of one look at the schema; that of `graphql-js` has about 200.
const MAX_INTROSPECTED_FIELDS: u64 = 400;

/// What a selection weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Levels of fields.
    pub(super) depth: usize,
    /// Levels of fields, fragments and inline fragments.
    pub(super) hops: usize,
    /// How often introspection goes from a list of the schema into another.
    pub(super) introspected_lists: usize,
    /// Aliases.
    pub(super) aliases: u64,
    /// Fields.
    pub(super) fields: u64,
    /// Fields without fields of their own, each times the sizes of the lists around it.
    pub(super) cost: u64,
}

impl Load {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.hops = self.hops.max(other.hops);
        self.introspected_lists = self.introspected_lists.max(other.introspected_lists);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.fields = self.fields.saturating_add(other.fields);
        self.cost = self.cost.saturating_add(other.cost);
    }
}

enum Fragment {
    InProgress,
    Done(Load),
}

/// Works out loads within one operation.
pub(super) struct Costs<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    fragments: HashMap<&'a Name, Fragment>,
}

impl<'a> Costs<'a> {
    pub(super) fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        Self {
            document,
            operation,
            variables,
            fragments: HashMap::new(),
        }
    }

    /// The load of the operation's own selection.
    pub(super) fn selected(&mut self, set: &'a Positioned<SelectionSet>) -> Result<Load> {
        check_directives(&self.operation.directives)?;
        self.set(&set.node)
    }

    /// The loads of all fragments and operations of the document, the selected one or not: the
    /// engine's validation walks them all.
    pub(super) fn all(&mut self) -> Result<Vec<Load>> {
        let document = self.document;
        let fragments = document.fragments.keys();
        let mut loads: Vec<Load> = fragments
            .map(|name| self.fragment(name))
            .collect::<Result<_>>()?;
        for (_, operation) in document.operations.iter() {
            loads.push(self.set(&operation.node.selection_set.node)?);
        }
        Ok(loads)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Load> {
        let mut load = Load::default();
        for selection in &set.items {
            check_directives(selection.node.directives())?;
            let inner = match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?
                }
                Selection::InlineFragment(inline) => {
                    let inner = self.set(&inline.node.selection_set.node)?;
                    Load {
                        hops: inner.hops + 1,
                        ..inner
                    }
                }
            };
            load.add(inner);
        }
        Ok(load)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Load> {
        match self.fragments.get(name) {
            Some(Fragment::Done(load)) => return Ok(*load),
            Some(Fragment::InProgress) => {
                let why = "a fragment contains itself";
                return Err(Fault::new(Code::ValidationFailed, why));
            }
            None => {}
        }
        // Not left to the engine's validation: that walks the whole tree first, and fragments that
        // double one another and end in one that is not there would weigh nothing here.
        let Some(fragment) = self.document.fragments.get(name) else {
            let why = "a fragment is spread that is not defined";
            return Err(Fault::new(Code::ValidationFailed, why));
        };
        check_directives(&fragment.node.directives)?;
        self.fragments.insert(name, Fragment::InProgress);
        let inner = self.set(&fragment.node.selection_set.node)?;
        let load = Load {
            hops: inner.hops + 1,
            // A spread is work too, whatever stands in it.
            fields: inner.fields.saturating_add(1),
            ..inner
        };
        self.fragments.insert(name, Fragment::Done(load));
        Ok(load)
    }

    fn field(&mut self, field: &'a Field) -> Result<Load> {
        let inner = self.set(&field.selection_set.node)?;
        let name = field.name.node.as_str();
        let is_object = !field.selection_set.node.items.is_empty();
        let aliases = inner
            .aliases
            .saturating_add(u64::from(field.alias.is_some()));
        let fields = inner.fields.saturating_add(1);
        let hops = inner.hops + 1;
        if matches!(name, "__schema" | "__type") {
            if inner.fields > MAX_INTROSPECTED_FIELDS {
                let why = format!("introspection of more than {MAX_INTROSPECTED_FIELDS} fields");
                return Err(Fault::new(Code::TooComplex, why));
            }
            let introspected_lists = inner.introspected_lists;
            return Ok(Load {
                depth: 1,
                hops,
                introspected_lists,
                aliases,
                fields,
                cost: 1,
            });
        }
        let cost = match name {
            "pageInfo" => 0,
            "users" | "auditEvents" => inner.cost.saturating_mul(self.page_size(field)),
            "sessions" | "personalAccessTokens" | "roles" | "details" if is_object => {
                inner.cost.saturating_mul(SHORT_LIST)
            }
            // Those that take an id, not the ones of edges and payloads.
            "node" | "user" if !field.arguments.is_empty() => inner.cost.max(SHORT_LIST),
            "effectiveScopes" => SHORT_LIST,
            _ => inner.cost.max(1),
        };
        let is_list = matches!(
            name,
            "fields" | "interfaces" | "possibleTypes" | "inputFields"
        );
        Ok(Load {
            depth: inner.depth + 1,
            hops,
            introspected_lists: inner.introspected_lists + usize::from(is_list),
            aliases,
            fields,
            cost,
        })
    }

    /// How many items the page may have that the field's arguments ask for. An argument that makes
    /// no sense is refused by the field itself.
    fn page_size(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].into_iter().filter_map(|name| {
            let argument = field.get_argument(name)?.node.clone();
            match argument
                .into_const_with(|name| self.variable(&name).ok_or(()))
                .ok()?
            {
                Value::Number(number) => number.as_u64(),
                _ => None,
            }
        });
        asked
            .map(|number| number.clamp(1, PageRequest::MAX.into()))
            .max()
            .unwrap_or(PageRequest::DEFAULT.into())
    }

    /// What a variable stands for in the operation.
    fn variable(&self, name: &Name) -> Option<Value> {
        self.variables.get(name).cloned().or_else(|| {
            let mut defined = self.operation.variable_definitions.iter();
            let definition = defined.find(|defined| defined.node.name.node == *name)?;
            definition.node.default_value().cloned()
        })
    }
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<()> {
    if directives.len() > MAX_DIRECTIVES {
        let why = format!("more than {MAX_DIRECTIVES} directives in one place");
        return Err(Fault::new(Code::TooManyDirectives, why));
    }
    Ok(())
}
