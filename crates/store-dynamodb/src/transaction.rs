//! A conditional `TransactWriteItems` in the making. Every attribute in an expression is written
//! `#name` and stands for the attribute of that name, so that no word the service reserves gets in
//! the way.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as Return,
    TransactWriteItem, Update,
};
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;

use crate::layout::{Item, Key};

/// What an operation of a transaction is about: so that a refusal can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Idempotency,
    User,
    Email,
    Username,
    Roles,
    Admins,
    Session,
    Leftover,
    Other,
}

/// Values of an expression.
pub(crate) type Values = Vec<(&'static str, AttributeValue)>;

/// Conditions that did not hold, each with what it was about and the item it was asked of.
pub(crate) type Refusals = Vec<(About, Option<Item>)>;

/// The operations, in the order in which their refusals count.
#[derive(Debug)]
pub(crate) struct Transaction {
    table: String,
    items: Vec<TransactWriteItem>,
    about: Vec<About>,
}

/// How a transaction ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is committed.
    Done,
    /// Nothing was changed: these conditions did not hold, on these items.
    Refused(Refusals),
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    fn refusal(&self, about: About) -> Option<&(About, Option<Item>)> {
        match self {
            Self::Done => None,
            Self::Refused(refusals) => refusals.iter().find(|(one, _)| *one == about),
        }
    }

    /// Whether a condition about this did not hold.
    pub fn is_refused(&self, about: About) -> bool {
        self.refusal(about).is_some()
    }

    /// The item that a condition about this did not hold on.
    pub fn refused_item(&self, about: About) -> Option<&Item> {
        self.refusal(about)?.1.as_ref()
    }
}

/// The names in an expression, each for itself.
pub(crate) fn names(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for expression in expressions {
        for part in expression.split('#').skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            names.insert(format!("#{name}"), name);
        }
    }
    (!names.is_empty()).then_some(names)
}

/// The values of an expression, as the service wants them.
pub(crate) fn values(values: Values) -> Option<HashMap<String, AttributeValue>> {
    let values: HashMap<_, _> = values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    (!values.is_empty()).then_some(values)
}

fn incomplete<E>(_: E) -> StoreError {
    StoreError::Corrupt("an operation of a transaction is incomplete".to_owned())
}

impl Transaction {
    /// The most operations that the service takes.
    pub const MOST: usize = 100;

    pub fn new(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            items: Vec::new(),
            about: Vec::new(),
        }
    }

    pub fn into_parts(self) -> (Vec<TransactWriteItem>, Vec<About>) {
        (self.items, self.about)
    }

    fn push(&mut self, about: About, item: TransactWriteItem) {
        self.items.push(item);
        self.about.push(about);
    }

    /// Puts an item, whatever is there.
    pub fn put(&mut self, item: Item) -> StoreResult<()> {
        self.put_if(About::Other, item, "", Vec::new())
    }

    /// Puts an item under a condition on what is there.
    pub fn put_if(
        &mut self,
        about: About,
        item: Item,
        condition: &str,
        of: Values,
    ) -> StoreResult<()> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_condition_expression(text(condition))
            .set_expression_attribute_names(names(&[condition]))
            .set_expression_attribute_values(values(of))
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()
            .map_err(incomplete)?;
        self.push(about, TransactWriteItem::builder().put(put).build());
        Ok(())
    }

    /// Deletes an item, if it is there.
    pub fn delete(&mut self, key: &Key) -> StoreResult<()> {
        self.delete_if(About::Other, key, "", Vec::new())
    }

    /// Deletes an item under a condition.
    pub fn delete_if(
        &mut self,
        about: About,
        key: &Key,
        condition: &str,
        of: Values,
    ) -> StoreResult<()> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .set_condition_expression(text(condition))
            .set_expression_attribute_names(names(&[condition]))
            .set_expression_attribute_values(values(of))
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()
            .map_err(incomplete)?;
        self.push(about, TransactWriteItem::builder().delete(delete).build());
        Ok(())
    }

    /// Changes attributes of an item under a condition.
    pub fn update_if(
        &mut self,
        about: About,
        key: &Key,
        update: &str,
        condition: &str,
        of: Values,
    ) -> StoreResult<()> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression(update)
            .set_condition_expression(text(condition))
            .set_expression_attribute_names(names(&[update, condition]))
            .set_expression_attribute_values(values(of))
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()
            .map_err(incomplete)?;
        self.push(about, TransactWriteItem::builder().update(update).build());
        Ok(())
    }

    /// Asks a condition of an item that the transaction leaves as it is.
    pub fn check(
        &mut self,
        about: About,
        key: &Key,
        condition: &str,
        of: Values,
    ) -> StoreResult<()> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[condition]))
            .set_expression_attribute_values(values(of))
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()
            .map_err(incomplete)?;
        let item = TransactWriteItem::builder().condition_check(check).build();
        self.push(about, item);
        Ok(())
    }
}

fn text(condition: &str) -> Option<String> {
    (!condition.is_empty()).then(|| condition.to_owned())
}
