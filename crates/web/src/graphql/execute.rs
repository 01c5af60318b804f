//! One GraphQL request from its parameters to its response.

use std::sync::Arc;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Request, Response, Value, Variables};
use countersign_domain::access::Rule;

use super::documents::{Document, Documents};
use super::errors::{Code, Fault, Result};
use super::limits::{self, RootField};
use super::params::Parameters;
use super::rules::{self, Declared};
use super::schema::{self, Build, Served};
use crate::{Call, GraphqlSettings, WebState};

/// What runs requests.
pub(super) struct Engine {
    /// Validates what it is given.
    strict: Served,
    /// For documents that the other has validated before.
    trusting: Served,
    documents: Documents,
    limits: GraphqlSettings,
}

/// A request that was found good, as far as that can be told without running it.
pub(super) struct Prepared {
    document: Arc<Document>,
    is_known: bool,
    parameters: Parameters,
    /// Whether it changes nothing.
    pub(super) is_safe: bool,
    /// Whether every field at its root is for anybody, so that nobody asks who calls.
    pub(super) is_public: bool,
}

impl Engine {
    pub(super) fn new(web: &WebState) -> Self {
        let limits = web.settings.graphql.clone();
        let introspection = limits.introspection;
        let build = |validated| {
            schema::build(
                Some(web.app.clone()),
                Build {
                    introspection,
                    validated,
                },
            )
        };
        Self {
            strict: build(false),
            trusting: build(true),
            documents: Documents::new(),
            limits,
        }
    }

    /// Parses and judges a request.
    pub(super) fn prepare(&self, parameters: Parameters) -> Result<Prepared> {
        let found = self.documents.find(&parameters.query);
        let is_known = found.is_some();
        let document = match found {
            Some(document) => document,
            None => Arc::new(Document::parse(&parameters.query)?),
        };
        let operation = &document
            .operation(parameters.operation_name.as_deref())?
            .node;
        let variables = &parameters.variables;
        // The engine walks all operations, also those that it is not to run.
        for (_, other) in document.parsed.operations.iter() {
            if !std::ptr::eq(&raw const other.node, operation) && !is_known {
                limits::judge(&document.parsed, &other.node, variables, &self.limits)?;
            }
        }
        let roots = limits::judge(&document.parsed, operation, variables, &self.limits)?;
        check_variables(operation, variables)?;
        let is_safe = Document::is_safe(operation);
        let is_public = roots.iter().all(|root| is_public(operation.ty, root));
        Ok(Prepared {
            document,
            is_known,
            parameters,
            is_safe,
            is_public,
        })
    }

    /// Runs a request. Its errors are those of fields, if they have a path.
    pub(super) async fn run(&self, prepared: Prepared, call: Call) -> Response {
        let Prepared {
            document,
            is_known,
            parameters,
            ..
        } = prepared;
        let Parameters {
            query,
            operation_name,
            variables,
        } = parameters;
        let mut request = Request::new("").variables(variables).data(call);
        request.operation_name = operation_name;
        request.set_parsed_query(document.parsed.clone());
        let trusts = is_known && document.is_constant();
        let schema = if trusts { &self.trusting } else { &self.strict };
        let mut response = schema.execute(request).await;
        let is_valid = response.errors.iter().all(|error| !error.path.is_empty());
        if is_valid && !is_known {
            self.documents.keep(&query, document);
        }
        if is_valid && response.data == Value::Null && response.errors.is_empty() {
            response.data = Value::Object(async_graphql::indexmap::IndexMap::new());
        }
        response
    }
}

/// Whether nobody needs to ask who calls: a mutation for anybody, or the schema itself.
fn is_public(ty: OperationType, root: &RootField) -> bool {
    let is_declared = |(kind, field, declared): &(&str, &str, Declared)| {
        *kind == "Mutation" && *field == root.name && *declared == Declared::Always(Rule::Public)
    };
    match ty {
        OperationType::Query => root.name.starts_with("__"),
        OperationType::Mutation => rules::TABLE.iter().any(is_declared),
        OperationType::Subscription => false,
    }
}

/// Variables that must be there and are not (the engine looks at those alone that are used).
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let is_null = variables
            .get(name)
            .is_none_or(|value| *value == Value::Null);
        let may_be_left_out = definition.default_value().is_some() && !variables.contains_key(name);
        if is_null && !definition.var_type.node.nullable && !may_be_left_out {
            let pointer = format!("/variables/{name}");
            return Err(Fault::input(
                &pointer,
                "this variable must be given, and not as null",
            ));
        }
    }
    Ok(())
}

/// Why a request is refused that the transport can't take at all.
pub(super) fn bad_request(why: &'static str) -> Fault {
    Fault::new(Code::BadRequest, why)
}
