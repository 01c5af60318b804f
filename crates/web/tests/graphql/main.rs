//! The GraphQL interface, through the router, over a real store.

#[path = "../../../app/tests/support/mod.rs"]
#[cfg(test)]
mod instance;

#[cfg(test)]
mod audits;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod free_text;
#[cfg(test)]
mod graphiql;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod node;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod transport;
