//! Where databases differ in their SQL.

use crate::entry::{ColumnKind, Value};

/// A database's way to say what filters and pages need.
pub trait Dialect: Send + Sync {
    /// The `number`th parameter, counted from 1, to which this value is bound.
    fn parameter(&self, number: usize, value: &Value) -> String;
    /// A column as it is read.
    fn read(&self, column: &str, kind: ColumnKind) -> String;
    /// Whether two values differ, where null is a value like any other.
    fn differ(&self, left: &str, right: &str) -> String;
    /// Whether a value is in a JSON list of values of its kind.
    fn is_among(&self, value: &str, kind: ColumnKind, list: &str) -> String;
    /// Whether `text` holds `part`, upper and lower case apart.
    fn holds_text(&self, text: &str, part: &str) -> String;
    /// The text in the form where upper and lower case are the same.
    fn folded(&self, text: &str) -> String;
    /// A table of one column `value` with the texts in a JSON list.
    fn texts(&self, list: &str) -> String;
    /// How many elements a JSON list has; null has none.
    fn length(&self, list: &str) -> String;
}

/// SQLite's way, with the functions that the runtime adds to each connection.
#[derive(Clone, Copy, Debug)]
pub struct SqliteDialect;

/// The SQL function that folds upper and lower case, beyond ASCII too.
pub(crate) const FOLD: &str = "scaffold_fold";

impl Dialect for SqliteDialect {
    fn parameter(&self, number: usize, _value: &Value) -> String {
        format!("?{number}")
    }

    fn read(&self, column: &str, _kind: ColumnKind) -> String {
        column.to_owned()
    }

    fn differ(&self, left: &str, right: &str) -> String {
        format!("{left} IS NOT {right}")
    }

    fn is_among(&self, value: &str, _kind: ColumnKind, list: &str) -> String {
        format!("{value} IN (SELECT value FROM json_each({list}))")
    }

    fn holds_text(&self, text: &str, part: &str) -> String {
        format!("instr({text}, {part}) > 0")
    }

    fn folded(&self, text: &str) -> String {
        format!("{FOLD}({text})")
    }

    fn texts(&self, list: &str) -> String {
        format!("(SELECT value FROM json_each({list}) WHERE type = 'text')")
    }

    fn length(&self, list: &str) -> String {
        format!("coalesce(json_array_length({list}), 0)")
    }
}

/// PostgreSQL's way, with the function that folds case in the service's own schema.
#[cfg(feature = "postgres")]
#[derive(Clone, Debug)]
pub(crate) struct PostgresDialect {
    /// The quoted name of the function, with its schema.
    pub(crate) fold: String,
}

#[cfg(feature = "postgres")]
impl Dialect for PostgresDialect {
    fn parameter(&self, number: usize, value: &Value) -> String {
        match value {
            Value::Decimal(_) => format!("${number}::numeric"),
            _ => format!("${number}"),
        }
    }

    fn read(&self, column: &str, kind: ColumnKind) -> String {
        match kind {
            // Under a name that no column has, or an order by this column would be one by its text.
            ColumnKind::Decimal => format!("{column}::text AS \"as text\""),
            _ => column.to_owned(),
        }
    }

    fn differ(&self, left: &str, right: &str) -> String {
        format!("{left} IS DISTINCT FROM {right}")
    }

    fn is_among(&self, value: &str, kind: ColumnKind, list: &str) -> String {
        let element = match kind {
            ColumnKind::Integer | ColumnKind::Instant => "value::int8",
            ColumnKind::Real => "value::float8",
            ColumnKind::Boolean => "value::int4::boolean",
            ColumnKind::Decimal => "value::numeric",
            ColumnKind::Text | ColumnKind::Date | ColumnKind::Json => "value",
        };
        format!("{value} = ANY (ARRAY(SELECT {element} FROM json_array_elements_text({list}::json)))")
    }

    fn holds_text(&self, text: &str, part: &str) -> String {
        format!("strpos({text}, {part}) > 0")
    }

    fn folded(&self, text: &str) -> String {
        format!("{}({text})", self.fold)
    }

    fn texts(&self, list: &str) -> String {
        let list = if_list(list);
        format!("(SELECT e #>> '{{}}' AS value FROM json_array_elements({list}) AS e WHERE json_typeof(e) = 'string')")
    }

    fn length(&self, list: &str) -> String {
        format!("json_array_length({})", if_list(list))
    }
}

/// The list, or an empty one in place of null or anything else.
#[cfg(feature = "postgres")]
fn if_list(json: &str) -> String {
    format!("CASE json_typeof({json}::json) WHEN 'array' THEN {json}::json ELSE '[]'::json END")
}
