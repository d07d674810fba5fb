//! The same filters in memory: for entries that a batch has changed and not written yet, and for
//! subscriptions, which ask whether an entry was inside a filter before it changed.

use std::cmp::Ordering;

use super::{Comparison, Filter, Test, TextTest};
use crate::entry::{EACH, Row, Table, Value};
use crate::value::Json;

impl Filter {
    /// Whether the filter holds for a row of `table`, exactly as the database would say. Nothing is known here of other entries:
    /// what is said of them does not hold.
    #[must_use]
    pub fn matches(&self, table: &Table, row: &Row) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(table, row)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(table, row)),
            Self::Field { column, test } => test.holds(&row.value(table, column)),
            Self::Refers(_) => false,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Compare(comparison, with) => compare(*comparison, value, with),
            Self::In(values) => values.iter().any(|one| compare(Comparison::Equal, value, one)),
            Self::NotIn(values) => !values.iter().any(|one| compare(Comparison::Equal, value, one)),
            Self::Text(test) => test.holds(value),
            Self::Length(comparison, length) => {
                let found = i64::try_from(elements(value).len()).unwrap_or(i64::MAX);
                comparison.holds(found.cmp(length))
            }
            Self::Holds(ids) => holds_any(value, ids),
            Self::HoldsNone(ids) => !holds_any(value, ids),
            Self::Inside(steps, texts) => matches!(value, Value::Json(json) if is_inside(json, steps, texts)),
        }
    }
}

impl TextTest {
    fn holds(&self, value: &Value) -> bool {
        let found = match value {
            Value::Text(text) => {
                let (text, wanted) =
                    if self.folded { (fold(text), fold(&self.text)) } else { (text.clone(), self.text.clone()) };
                if self.part { text.contains(&wanted) } else { text == wanted }
            }
            _ => false,
        };
        found != self.negated
    }
}

/// The form of a text in which upper and lower case are the same. Each character is folded by itself, so that databases can
/// do the same; the small sigma of a word's end is the other small sigma.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|one| if one == 'ς' { 'σ' } else { one }).collect()
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> bool {
    match (left.is_null(), right.is_null()) {
        (true, true) => comparison == Comparison::Equal,
        (true, false) | (false, true) => comparison == Comparison::NotEqual,
        (false, false) => order_of(left, right).is_some_and(|ordering| comparison.holds(ordering)),
    }
}

fn order_of(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Real(left), Value::Real(right)) => left.partial_cmp(right),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Instant(left), Value::Instant(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Decimal(left), Value::Decimal(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn elements(value: &Value) -> &[Json] {
    match value {
        Value::Json(Json::Array(elements)) => elements,
        _ => &[],
    }
}

fn holds_any(value: &Value, ids: &[String]) -> bool {
    elements(value).iter().filter_map(Json::as_str).any(|element| ids.iter().any(|id| id == element))
}

/// Of every list on the way each element counts, as the database sees it too.
fn is_inside(json: &Json, steps: &[&str], texts: &[String]) -> bool {
    match (json, steps) {
        (Json::Array(elements), [] | [EACH]) => elements.iter().any(|element| is_inside(element, &[], texts)),
        (Json::Array(elements), [EACH, rest @ ..]) => elements.iter().any(|element| is_inside(element, rest, texts)),
        (Json::Object(fields), [name, rest @ ..]) => {
            fields.get(*name).is_some_and(|field| is_inside(field, rest, texts))
        }
        (Json::String(text), []) => texts.contains(text),
        (Json::Number(number), []) => texts.contains(&number.to_string()),
        (Json::Bool(flag), []) => texts.contains(&flag.to_string()),
        _ => false,
    }
}
