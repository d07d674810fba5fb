//! Keyset paging: "what comes after this row" as index ranges.
//!
//! What follows a row in an order of several keys falls into ranges that lie one behind the other:
//! first those with all keys but the last the same, then those with all but the last two, and so on.
//! Each range is one statement that an index answers without reading what came before, so a page
//! costs the same at any depth. Null is the smallest value.

use super::Sql;
use super::quote::quote;
use crate::entry::{Column, Value};

/// One key of a total order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) column: Column,
    pub(super) descending: bool,
}

/// Conditions that bound one range; none means all rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment(Vec<Bound>);

#[derive(Clone, Debug)]
struct Bound {
    column: &'static str,
    test: Bounded,
}

#[derive(Clone, Debug)]
enum Bounded {
    Same(Value),
    Greater(Value),
    Less(Value),
    Null,
    NotNull,
}

/// The ranges behind the row whose keys have these values, in order.
pub(super) fn segments(keys: &[Key], values: &[Value]) -> Vec<Segment> {
    let mut found = Vec::new();
    for last in (0..keys.len()).rev() {
        let (Some(key), Some(value)) = (keys.get(last), values.get(last)) else { continue };
        let same = keys.iter().zip(values).take(last);
        let same: Vec<Bound> =
            same.map(|(key, value)| Bound { column: key.column.name, test: Bounded::Same(value.clone()) }).collect();
        for test in behind(key.descending, value) {
            let mut bounds = same.clone();
            bounds.push(Bound { column: key.column.name, test });
            found.push(Segment(bounds));
        }
    }
    found
}

fn behind(descending: bool, value: &Value) -> Vec<Bounded> {
    match (descending, value.is_null()) {
        (false, true) => vec![Bounded::NotNull],
        (false, false) => vec![Bounded::Greater(value.clone())],
        (true, true) => Vec::new(),
        (true, false) => vec![Bounded::Less(value.clone()), Bounded::Null],
    }
}

impl Segment {
    /// Adds the conditions to a statement.
    pub(super) fn push(&self, sql: &mut Sql<'_>) {
        for bound in &self.0 {
            let column = quote(bound.column);
            let condition = match &bound.test {
                Bounded::Null => format!("{column} IS NULL"),
                Bounded::NotNull => format!("{column} IS NOT NULL"),
                Bounded::Same(value) => sql.same(&column, value.clone()),
                Bounded::Greater(value) => format!("{column} > {}", sql.parameter(value.clone())),
                Bounded::Less(value) => format!("{column} < {}", sql.parameter(value.clone())),
            };
            sql.push(" AND ").push(&condition);
        }
    }
}
