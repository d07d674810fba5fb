//! SQL text over bound parameters. Nothing that a caller gave ever becomes part of the text.

use super::dialect::Dialect;
use super::matches::fold;
use super::quote::quote;
use super::{Comparison, Filter, Refers, Test, TextTest};
use crate::entry::{Column, ColumnKind, Table, Value};
use crate::value::Json;

/// A statement as it grows, with its parameters.
pub struct Sql<'a> {
    dialect: &'a dyn Dialect,
    text: String,
    parameters: Vec<Value>,
}

impl<'a> Sql<'a> {
    /// An empty statement.
    #[must_use]
    pub fn new(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, text: String::new(), parameters: Vec::new() }
    }

    /// Adds text that the program itself has written.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a quoted identifier.
    pub fn identifier(&mut self, name: &str) -> &mut Self {
        self.text.push_str(&quote(name));
        self
    }

    /// Adds a column as it is read.
    pub fn read(&mut self, column: &Column) -> &mut Self {
        let read = self.dialect.read(&quote(column.name), column.kind);
        self.push(&read)
    }

    /// Adds a parameter and binds `value` to it.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        let parameter = self.parameter(value.into());
        self.text.push_str(&parameter);
        self
    }

    /// Adds the condition that `filter` puts on rows of `table`. Unknown columns hold for no row.
    pub fn filter(&mut self, table: &Table, filter: &Filter) -> &mut Self {
        let condition = self.condition(table, filter);
        self.push(&condition)
    }

    /// The finished text and its parameters in order.
    #[must_use]
    pub fn finish(self) -> (String, Vec<Value>) {
        (self.text, self.parameters)
    }

    /// A column has this value. Plain equality, which an index answers best, and null by name.
    pub(super) fn same(&mut self, column: &str, value: Value) -> String {
        if value.is_null() { format!("{column} IS NULL") } else { format!("{column} = {}", self.parameter(value)) }
    }

    pub(super) fn parameter(&mut self, value: Value) -> String {
        let parameter = self.dialect.parameter(self.parameters.len() + 1, &value);
        self.parameters.push(value);
        parameter
    }

    fn condition(&mut self, table: &Table, filter: &Filter) -> String {
        match filter {
            Filter::All(parts) if parts.is_empty() => "1 = 1".to_owned(),
            Filter::Any(parts) if parts.is_empty() => "1 = 0".to_owned(),
            Filter::All(parts) => self.joined(table, parts, " AND "),
            Filter::Any(parts) => self.joined(table, parts, " OR "),
            Filter::Field { column, test } => match table.column(column) {
                Some(column) => self.test(column, test),
                None => "1 = 0".to_owned(),
            },
            Filter::Refers(refers) => match table.column(refers.column) {
                Some(column) => self.refers(column, refers),
                None => "1 = 0".to_owned(),
            },
        }
    }

    fn joined(&mut self, table: &Table, parts: &[Filter], by: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(table, part)).collect();
        format!("({})", parts.join(by))
    }

    fn test(&mut self, Column { name, kind, .. }: Column, test: &Test) -> String {
        let column = &quote(name);
        match test {
            Test::Compare(comparison, value) => self.compare(column, *comparison, value.clone()),
            Test::In(values) => self.within(column, kind, values),
            Test::NotIn(values) => format!("NOT coalesce({}, 1 = 0)", self.within(column, kind, values)),
            Test::Text(test) => self.text_test(column, test),
            Test::Length(comparison, length) => {
                let length = self.parameter(Value::Integer(*length));
                format!("{} {} {length}", self.dialect.length(column), comparison.sign())
            }
            Test::Holds(ids) => self.list_holds(column, ids),
            Test::HoldsNone(ids) => format!("NOT {}", self.list_holds(column, ids)),
            Test::Inside(steps, texts) => {
                let held = self.dialect.inside(column, steps);
                let wanted = self.wanted(texts);
                format!("EXISTS (SELECT 1 FROM {held} AS held WHERE held.value IN ({wanted}))")
            }
        }
    }

    fn compare(&mut self, column: &str, comparison: Comparison, value: Value) -> String {
        match comparison {
            Comparison::Equal => self.same(column, value),
            Comparison::NotEqual if value.is_null() => format!("{column} IS NOT NULL"),
            Comparison::NotEqual => {
                let value = self.parameter(value);
                self.dialect.differ(column, &value)
            }
            _ => format!("{column} {} {}", comparison.sign(), self.parameter(value)),
        }
    }

    /// Whether the column has one of these values; null where it has none at all.
    fn within(&mut self, column: &str, kind: ColumnKind, values: &[Value]) -> String {
        let with_null = values.iter().any(Value::is_null);
        let list = values.iter().filter(|value| !value.is_null()).map(element).collect();
        let list = self.parameter(Value::Json(Json::Array(list)));
        let found = self.dialect.is_among(column, kind, &list);
        if with_null { format!("({found} OR {column} IS NULL)") } else { found }
    }

    fn text_test(&mut self, column: &str, test: &TextTest) -> String {
        let wanted = if test.folded { fold(&test.text) } else { test.text.clone() };
        let wanted = self.parameter(Value::Text(wanted));
        let text = if test.folded { self.dialect.folded(column) } else { column.to_owned() };
        let found = if test.part { self.dialect.holds_text(&text, &wanted) } else { format!("{text} = {wanted}") };
        if test.negated { format!("NOT coalesce({found}, 1 = 0)") } else { found }
    }

    fn list_holds(&mut self, column: &str, ids: &[String]) -> String {
        let (list, wanted) = (self.dialect.texts(column), self.wanted(ids));
        format!("EXISTS (SELECT 1 FROM {list} AS held WHERE held.value IN ({wanted}))")
    }

    /// A query that gives these texts.
    fn wanted(&mut self, texts: &[String]) -> String {
        let texts = texts.iter().cloned().map(Json::String).collect();
        let texts = self.parameter(Value::Json(Json::Array(texts)));
        format!("SELECT wanted.value FROM {} AS wanted", self.dialect.texts(&texts))
    }

    /// The ids of the other entries do not depend on this one, so that the database looks them up once, by their own indexes.
    fn refers(&mut self, Column { name, kind, .. }: Column, refers: &Refers) -> String {
        let (column, table) = (quote(name), self.dialect.table(&refers.name));
        let tenant = self.parameter(Value::from(refers.tenant.as_str()));
        let condition = self.condition(&refers.table, &refers.filter);
        let ids = format!("SELECT id FROM {table} WHERE tenant = {tenant} AND {condition}");
        match kind {
            ColumnKind::Json => {
                let list = self.dialect.texts(&column);
                format!("EXISTS (SELECT 1 FROM {list} AS held WHERE held.value IN ({ids}))")
            }
            _ => format!("{column} IN ({ids})"),
        }
    }
}

/// A value as an element of a list parameter, in the form in which its column is stored.
fn element(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Boolean(flag) => Json::from(i64::from(*flag)),
        Value::Instant(at) => Json::from(at.millis()),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Decimal(number) => Json::from(number.to_string()),
        Value::Json(json) => json.clone(),
    }
}
