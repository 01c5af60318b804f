//! Documents, parsed. Those that come again and again are remembered, so that a client's fixed
//! queries are scanned, parsed, judged and validated once.
//!
//! A document with strings in it is never remembered: one may be a password. Bounded, by two
//! generations of which the older is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Positioned;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};

use super::errors::{self, Code, Fault, Result};
use super::scan::scan;

/// How many documents one generation holds.
const GENERATION: usize = 256;
/// The longest document that is remembered, in bytes. With two generations the texts take 2 MiB.
const LONGEST: usize = 4_096;

/// A document, parsed.
pub(super) struct Document {
    /// The parsed document.
    pub(super) parsed: ExecutableDocument,
    /// Whether it may be remembered.
    may_be_kept: bool,
}

impl Document {
    /// Scans and parses a text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let scan = scan(text)?;
        let parsed = errors::parse(text)?;
        let may_be_kept = !scan.has_strings && text.len() <= LONGEST;
        Ok(Self {
            parsed,
            may_be_kept,
        })
    }

    /// The operation with a name, or the only one.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&Positioned<OperationDefinition>> {
        let unclear = |why| Fault::new(Code::OperationUnclear, why);
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok(operation),
            (DocumentOperations::Single(_), Some(_)) => {
                Err(unclear("the document has no operation of this name"))
            }
            (DocumentOperations::Multiple(operations), Some(name)) => operations
                .get(name)
                .ok_or_else(|| unclear("the document has no operation of this name")),
            (DocumentOperations::Multiple(operations), None) => {
                let mut all = operations.values();
                match (all.next(), all.next()) {
                    (Some(operation), None) => Ok(operation),
                    _ => Err(unclear("say by `operationName` which operation to run")),
                }
            }
        }
    }

    /// Whether what comes of validating it is the same at every call: variables can't change it.
    pub(super) fn is_constant(&self) -> bool {
        self.parsed
            .operations
            .iter()
            .all(|(_, operation)| operation.node.variable_definitions.is_empty())
    }

    /// Whether an operation may be asked for by GET.
    pub(super) fn is_safe(operation: &OperationDefinition) -> bool {
        operation.ty == OperationType::Query
    }
}

type Table = HashMap<Box<str>, Arc<Document>>;

/// Documents that were found good.
pub(super) struct Documents {
    tables: Mutex<(Table, Table)>,
}

impl Documents {
    pub(super) fn new() -> Self {
        Self {
            tables: Mutex::new((Table::new(), Table::new())),
        }
    }

    /// The document with this text, if it is remembered.
    pub(super) fn find(&self, text: &str) -> Option<Arc<Document>> {
        if text.len() > LONGEST {
            return None;
        }
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = &mut *tables;
        if let Some(found) = young.get(text) {
            return Some(found.clone());
        }
        let (text, found) = old.remove_entry(text)?;
        young.insert(text, found.clone());
        Some(found)
    }

    /// Remembers a document that was validated, if it may be.
    pub(super) fn keep(&self, text: &str, document: Arc<Document>) {
        if !document.may_be_kept {
            return;
        }
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if tables.0.len() >= GENERATION {
            let full = std::mem::take(&mut tables.0);
            tables.1 = full;
        }
        tables.0.insert(text.into(), document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_with_a_string_is_not_remembered() {
        let documents = Documents::new();
        for (text, kept) in [
            ("{ me { username } }", true),
            (
                "mutation { login(input: {identifier: \"jill\", password: \"x\"}) { __typename } }",
                false,
            ),
        ] {
            documents.keep(text, Arc::new(Document::parse(text).unwrap()));
            assert_eq!(documents.find(text).is_some(), kept, "{text}");
        }
    }

    #[test]
    fn a_flood_of_documents_does_not_fill_the_memory() {
        let documents = Documents::new();
        for n in 0..2_000 {
            let text = format!("{{ a{n} }}");
            documents.keep(&text, Arc::new(Document::parse(&text).unwrap()));
        }
        let tables = documents.tables.lock().unwrap();
        assert!(tables.0.len() + tables.1.len() <= 2 * GENERATION);
    }
}
