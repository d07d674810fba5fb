//! Unique constraints: fields whose values no two entries of a tenant share.

use std::fmt;

use ring::digest::{Context, SHA256};

use super::{Row, Table, Value};
use crate::query::Filter;

/// Bytes of a digest.
const DIGEST: usize = 16;

/// Fields whose values, taken together, no two entries of a tenant share. Where one of them is null, nothing is asked of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// What the constraint is called in errors.
    pub name: &'static str,
    /// The columns, by their names in SQL.
    pub columns: &'static [&'static str],
}

impl Unique {
    /// The values of these columns in a row of `table`; none where one of them is null.
    #[must_use]
    pub(crate) fn values(&self, table: &Table, row: &Row) -> Option<Vec<Value>> {
        let values = self.columns.iter().map(|column| row.value(table, column));
        values.map(|value| (!value.is_null()).then_some(value)).collect()
    }

    /// Means the entries that have these values.
    #[must_use]
    pub(crate) fn filter(&self, values: &[Value]) -> Filter {
        let tests = self.columns.iter().zip(values);
        Filter::all(tests.map(|(column, value)| Filter::equals(*column, value.clone())).collect())
    }

    /// Says that an entry breaks it. Whose values it shares is not told.
    #[must_use]
    pub(crate) const fn violated(&self) -> Violated {
        Violated(self.name)
    }
}

/// A unique constraint, by its name, that an entry breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violated(pub &'static str);

impl Violated {
    /// What all that it says begins with.
    pub(crate) const BEGINS: &'static str = "violation of unique constraint";
}

impl fmt::Display for Violated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} '{}'", Self::BEGINS, self.0)
    }
}

/// A hash of values, of 128 bits in hexadecimal, that is the same for what the databases take for equal.
pub(crate) fn digest(values: &[Value]) -> String {
    let mut hasher = Context::new(&SHA256);
    for value in values {
        let (kind, text) = canonical(value);
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        hasher.update(&[kind]);
        hasher.update(&length.to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finish().as_ref().iter().take(DIGEST).map(|byte| format!("{byte:02x}")).collect()
}

fn canonical(value: &Value) -> (u8, String) {
    match value {
        Value::Null => (0, String::new()),
        Value::Text(text) => (1, text.clone()),
        Value::Integer(number) => (2, number.to_string()),
        // Zero has two forms, and one of them a sign.
        Value::Real(number) => (3, (number + 0.0).to_string()),
        Value::Boolean(flag) => (4, flag.to_string()),
        Value::Instant(at) => (5, at.millis().to_string()),
        Value::Date(date) => (6, date.to_string()),
        Value::Decimal(number) => (7, number.normalized().to_string()),
        Value::Json(json) => (8, json.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_that_are_equal_have_one_hash_and_others_do_not() {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        assert_eq!(digest(&[decimal("1.50")]), digest(&[decimal("1.5")]));
        assert_eq!(digest(&[decimal("0.00")]), digest(&[decimal("-0")]));
        assert_eq!(digest(&[Value::Real(-0.0)]), digest(&[Value::Real(0.0)]));
        assert_ne!(digest(&[Value::from("a"), Value::from("bc")]), digest(&[Value::from("ab"), Value::from("c")]));
        assert_ne!(digest(&[Value::from("1")]), digest(&[Value::Integer(1)]));
        assert_ne!(digest(&[Value::from("a")]), digest(&[Value::from("A")]));
    }
}
