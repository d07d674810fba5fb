//! Checks a filter or an order against the table it is meant for, before any SQL is built.

use super::{Comparison, Filter, Invalid, Order, Test};
use crate::entry::{Column, ColumnKind, Table, Value};

/// Conditions a caller may combine in one filter.
const MAX_TESTS: usize = 500;
/// Levels of `and`/`or` in one filter.
const MAX_DEPTH: usize = 30;
/// Fields in one order.
const MAX_KEYS: usize = 10;
/// Values in one list of a filter.
const MAX_VALUES: usize = 10_000;

/// Checks a filter that came through the API: known, indexed columns, values of their kinds, bounded size.
pub(crate) fn filter(table: &Table, filter: &Filter) -> Result<(), Invalid> {
    let mut check = Check { table, indexed_only: true, tests: 0, found: Invalid::default() };
    check.walk(filter, 0);
    check.found.into_result()
}

/// Checks a filter that a projection's own definition gave: any column may be used.
pub(crate) fn own_filter(table: &Table, filter: &Filter) -> Result<(), Invalid> {
    let mut check = Check { table, indexed_only: false, tests: 0, found: Invalid::default() };
    check.walk(filter, 0);
    check.found.into_result()
}

/// Checks that an order uses indexed columns only, each of them once.
pub(crate) fn order(table: &Table, order: &[Order]) -> Result<(), Invalid> {
    let mut found = Invalid::default();
    let mut seen = Vec::new();
    if order.len() > MAX_KEYS {
        found.push("orderBy", format!("has more than {MAX_KEYS} fields"));
    }
    for by in order {
        match table.column(&by.column) {
            None => found.push(by.column.clone(), "there is no such field to order by"),
            Some(column) if !column.indexed || column.kind == ColumnKind::Json => {
                found.push(column.field, "only indexed fields can be ordered by; it needs @index");
            }
            Some(column) if seen.contains(&column.name) => found.push(column.field, "is ordered by twice"),
            Some(column) => seen.push(column.name),
        }
    }
    found.into_result()
}

struct Check<'a> {
    table: &'a Table,
    indexed_only: bool,
    tests: usize,
    found: Invalid,
}

impl Check<'_> {
    fn walk(&mut self, filter: &Filter, depth: usize) {
        if depth > MAX_DEPTH {
            return self.found.push("filter", format!("is nested more than {MAX_DEPTH} levels deep"));
        }
        match filter {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().for_each(|part| self.walk(part, depth + 1)),
            Filter::Field { column, test } => self.field(column, test),
            Filter::Refers(refers) => {
                self.found.push(refers.column, "entries cannot be asked for by what they refer to")
            }
        }
    }

    fn field(&mut self, name: &str, test: &Test) {
        self.tests += 1;
        if self.tests == MAX_TESTS + 1 {
            self.found.push("filter", format!("has more than {MAX_TESTS} conditions"));
        }
        if self.tests > MAX_TESTS {
            return;
        }
        match self.table.column(name) {
            None => self.found.push(name, "there is no such field to filter by"),
            Some(column) if self.indexed_only && !column.indexed => {
                self.found.push(column.field, "only indexed fields can be filtered by; it needs @index");
            }
            Some(column) => self.values(column, test),
        }
    }

    fn values(&mut self, column: Column, test: &Test) {
        if holds_nul(test) {
            return self.found.push(column.field, "is compared with a text that holds U+0000, which no text has");
        }
        let problem = match test {
            Test::Compare(comparison, value) => compare_problem(column.kind, *comparison, value),
            Test::In(values) | Test::NotIn(values) if values.len() > MAX_VALUES => {
                Some(format!("has more than {MAX_VALUES} values"))
            }
            Test::In(values) | Test::NotIn(values) => {
                values.iter().find_map(|value| compare_problem(column.kind, Comparison::Equal, value))
            }
            Test::Text(_) if column.kind != ColumnKind::Text => Some("is not a text".to_owned()),
            Test::Holds(ids) | Test::HoldsNone(ids) if ids.len() > MAX_VALUES => {
                Some(format!("has more than {MAX_VALUES} values"))
            }
            Test::Length(..) | Test::Holds(_) | Test::HoldsNone(_) | Test::Inside(..)
                if column.kind != ColumnKind::Json =>
            {
                Some("is not a list".to_owned())
            }
            _ => None,
        };
        if let Some(problem) = problem {
            self.found.push(column.field, problem);
        }
    }
}

/// Not every database can store that character, or even be asked for it.
fn holds_nul(test: &Test) -> bool {
    let value = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    match test {
        Test::Compare(_, with) => value(with),
        Test::In(values) | Test::NotIn(values) => values.iter().any(value),
        Test::Text(test) => test.text.contains('\0'),
        Test::Holds(texts) | Test::HoldsNone(texts) | Test::Inside(_, texts) => {
            texts.iter().any(|text| text.contains('\0'))
        }
        Test::Length(..) => false,
    }
}

fn compare_problem(kind: ColumnKind, comparison: Comparison, value: &Value) -> Option<String> {
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let fits = match (kind, value) {
        (_, Value::Null) => equality,
        (ColumnKind::Text, Value::Text(_))
        | (ColumnKind::Integer, Value::Integer(_))
        | (ColumnKind::Instant, Value::Instant(_))
        | (ColumnKind::Date, Value::Date(_))
        | (ColumnKind::Decimal, Value::Decimal(_)) => true,
        (ColumnKind::Boolean, Value::Boolean(_)) => equality,
        (ColumnKind::Real, Value::Real(number)) => number.is_finite(),
        _ => false,
    };
    (!fits).then(|| format!("cannot be compared with a value of kind {}", value.kind()))
}
