//! SQL text over bound parameters. Nothing that a caller gave ever becomes part of the text.

use super::{Comparison, Filter, Test, TextTest};
use crate::entry::{Table, Value};
use crate::query::matches::fold;
use crate::value::Json;

/// Where databases differ.
pub trait Dialect: Send + Sync {
    /// The `number`th parameter, counted from 1.
    fn parameter(&self, number: usize) -> String;
    /// Whether two values differ, where null is a value like any other.
    fn differ(&self, left: &str, right: &str) -> String;
    /// Whether `text` holds `part`, upper and lower case apart.
    fn holds_text(&self, text: &str, part: &str) -> String;
    /// The text in the form where upper and lower case are the same.
    fn folded(&self, text: &str) -> String;
    /// A table of one column `value` with the elements of a JSON list.
    fn elements(&self, list: &str) -> String;
    /// How many elements a JSON list has; null has none.
    fn length(&self, list: &str) -> String;
}

/// SQLite's way, with the functions that the runtime adds to each connection.
#[derive(Clone, Copy, Debug)]
pub struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn parameter(&self, number: usize) -> String {
        format!("?{number}")
    }

    fn differ(&self, left: &str, right: &str) -> String {
        format!("{left} IS NOT {right}")
    }

    fn holds_text(&self, text: &str, part: &str) -> String {
        format!("instr({text}, {part}) > 0")
    }

    fn folded(&self, text: &str) -> String {
        format!("{FOLD}({text})")
    }

    fn elements(&self, list: &str) -> String {
        format!("json_each({list})")
    }

    fn length(&self, list: &str) -> String {
        format!("coalesce(json_array_length({list}), 0)")
    }
}

/// The SQL function that folds upper and lower case, beyond ASCII too.
pub(crate) const FOLD: &str = "scaffold_fold";

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
        self.parameters.push(value);
        self.dialect.parameter(self.parameters.len())
    }

    fn condition(&mut self, table: &Table, filter: &Filter) -> String {
        match filter {
            Filter::All(parts) if parts.is_empty() => "1 = 1".to_owned(),
            Filter::Any(parts) if parts.is_empty() => "1 = 0".to_owned(),
            Filter::All(parts) => self.joined(table, parts, " AND "),
            Filter::Any(parts) => self.joined(table, parts, " OR "),
            Filter::Field { column, test } => match table.column(column) {
                Some(column) => self.test(&quote(column.name), test),
                None => "1 = 0".to_owned(),
            },
        }
    }

    fn joined(&mut self, table: &Table, parts: &[Filter], by: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(table, part)).collect();
        format!("({})", parts.join(by))
    }

    fn test(&mut self, column: &str, test: &Test) -> String {
        match test {
            Test::Compare(comparison, value) => self.compare(column, *comparison, value.clone()),
            Test::In(values) => self.within(column, values, false),
            Test::NotIn(values) => self.within(column, values, true),
            Test::Text(test) => self.text_test(column, test),
            Test::Length(comparison, length) => {
                let length = self.parameter(Value::Integer(*length));
                format!("{} {} {length}", self.dialect.length(column), comparison.sign())
            }
            Test::Holds(ids) => self.list_holds(column, ids),
            Test::HoldsNone(ids) => format!("NOT {}", self.list_holds(column, ids)),
        }
    }

    fn compare(&mut self, column: &str, comparison: Comparison, value: Value) -> String {
        if comparison == Comparison::Equal {
            return self.same(column, value);
        }
        let value = self.parameter(value);
        if comparison == Comparison::NotEqual {
            return self.dialect.differ(column, &value);
        }
        format!("{column} {} {value}", comparison.sign())
    }

    fn within(&mut self, column: &str, values: &[Value], negated: bool) -> String {
        let with_null = values.iter().any(Value::is_null);
        let list = values.iter().filter(|value| !value.is_null()).map(element).collect();
        let list = self.parameter(Value::Json(Json::Array(list)));
        let elements = self.dialect.elements(&list);
        let found = format!("coalesce({column} IN (SELECT value FROM {elements}), 1 = 0)");
        let found = if with_null { format!("({found} OR {column} IS NULL)") } else { found };
        if negated { format!("NOT {found}") } else { found }
    }

    fn text_test(&mut self, column: &str, test: &TextTest) -> String {
        let wanted = if test.folded { fold(&test.text) } else { test.text.clone() };
        let wanted = self.parameter(Value::Text(wanted));
        let text = if test.folded { self.dialect.folded(column) } else { column.to_owned() };
        let found = if test.part { self.dialect.holds_text(&text, &wanted) } else { format!("{text} = {wanted}") };
        let found = format!("coalesce({found}, 1 = 0)");
        if test.negated { format!("NOT {found}") } else { found }
    }

    fn list_holds(&mut self, column: &str, ids: &[String]) -> String {
        let ids = ids.iter().cloned().map(Json::String).collect();
        let ids = self.parameter(Value::Json(Json::Array(ids)));
        let (list, wanted) = (self.dialect.elements(column), self.dialect.elements(&ids));
        format!("EXISTS (SELECT 1 FROM {list} WHERE value IN (SELECT value FROM {wanted}))")
    }
}

/// Quotes an identifier.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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
