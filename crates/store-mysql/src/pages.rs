//! Pages of a table by its key. The text of a query is put together from constants of this crate,
//! one for each condition asked for; every value is a literal.

use countersign_domain::page::{Direction, PageRequest};

use crate::sql::{Literal, Sql};

/// A query for one page in the making.
pub(crate) struct Listing<'q> {
    sql: Sql,
    key: &'static str,
    request: &'q PageRequest,
    has_conditions: bool,
}

impl<'q> Listing<'q> {
    /// Starts with `SELECT … FROM …`, to be listed in the order of the column `key`.
    pub fn new(select: &'static str, key: &'static str, request: &'q PageRequest) -> Self {
        Self::of(Sql::new(select, []), key, request)
    }

    /// The same with values in the select.
    pub fn of(select: Sql, key: &'static str, request: &'q PageRequest) -> Self {
        let mut listing = Self {
            sql: select,
            key,
            request,
            has_conditions: false,
        };
        if let Some(cursor) = &request.cursor {
            listing.condition(key, []);
            let sign = match request.direction {
                Direction::Forward => " > ?",
                Direction::Backward => " < ?",
            };
            listing.sql.add(sign, [(*cursor.id()).into()]);
        }
        listing
    }

    /// Adds a condition.
    pub fn condition<const N: usize>(&mut self, text: &'static str, values: [Literal; N]) {
        let joint = if self.has_conditions {
            " AND "
        } else {
            " WHERE "
        };
        self.has_conditions = true;
        self.sql.add(joint, []);
        self.sql.add(text, values);
    }

    /// The query, for one row more than the page has, which tells whether there are more.
    pub fn into_sql(self) -> Sql {
        self.sql
            .push(" ORDER BY ", [])
            .push(self.key, [])
            .push(direction(self.request), [])
            .push(" LIMIT ?", [(i64::from(self.request.limit()) + 1).into()])
    }
}

/// What follows the key in `ORDER BY`.
pub(crate) fn direction(request: &PageRequest) -> &'static str {
    match request.direction {
        Direction::Forward => "",
        Direction::Backward => " DESC",
    }
}
