//! Where databases differ in their SQL.

use super::quote::quote;
use crate::entry::{ColumnKind, EACH, Value};

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
    /// A table of one column `value` with what stands inside JSON in a way of names and [`EACH`]: texts, and numbers and
    /// booleans as texts.
    fn inside(&self, json: &str, steps: &[&str]) -> String;
    /// A table of entries by the name that its projection gives it, as statements call it.
    fn table(&self, name: &str) -> String;
}

/// SQLite's way, with the functions that the runtime adds to each connection.
#[derive(Clone, Copy, Debug)]
pub struct SqliteDialect;

/// A table of one row for `json_each`, which would take a column called `value` or `type` for one of its own.
fn aside(json: &str) -> String {
    format!("(SELECT {json} AS \"the list\") AS l")
}

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
        format!("(SELECT e.value FROM {}, json_each(l.\"the list\") AS e WHERE e.type = 'text')", aside(list))
    }

    fn length(&self, list: &str) -> String {
        format!("coalesce(json_array_length({list}), 0)")
    }

    /// Lists on the way are walked one after the other; the last one, or the one value, is walked by itself.
    fn inside(&self, json: &str, steps: &[&str]) -> String {
        let steps = steps.strip_suffix(&[EACH]).unwrap_or(steps);
        let (mut walks, mut from) = (Vec::new(), "l.\"the list\"".to_owned());
        for names in steps.split(|step| *step == EACH) {
            let step = format!("s{}", walks.len());
            walks.push(format!("json_each({from}, '{}') AS {step}", path(names)));
            from = format!("{step}.value");
        }
        let (last, walks) = (walks.len().saturating_sub(1), walks.join(", "));
        format!(
            "(SELECT CASE s{last}.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' \
             ELSE CAST(s{last}.value AS TEXT) END AS value FROM {}, {walks})",
            aside(json)
        )
    }

    fn table(&self, name: &str) -> String {
        quote(name)
    }
}

/// PostgreSQL's way, with the function that folds case in the service's own schema.
#[cfg(feature = "postgres")]
#[derive(Clone, Debug)]
pub(crate) struct PostgresDialect {
    /// The quoted name of the function, with its schema.
    pub(crate) fold: String,
    /// The schema, not quoted.
    pub(crate) schema: String,
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

    /// A path that is not strict goes through lists by itself.
    fn inside(&self, json: &str, steps: &[&str]) -> String {
        let names: Vec<&str> = steps.iter().copied().filter(|step| *step != EACH).collect();
        format!("(SELECT e #>> '{{}}' AS value FROM jsonb_path_query({json}::jsonb, '{}[*]') AS e)", path(&names))
    }

    fn table(&self, name: &str) -> String {
        crate::tables::postgres::sql_name(&self.schema, name)
    }
}

/// `$."address"."city"`; names of fields are letters, digits and `_`, and whatever else a name had would be left out.
fn path(names: &[&str]) -> String {
    let is_plain = |one: &char| one.is_alphanumeric() || *one == '_';
    let names = names.iter().map(|name| format!(".\"{}\"", name.chars().filter(is_plain).collect::<String>()));
    format!("${}", names.collect::<String>())
}

/// The list, or an empty one in place of null or anything else.
#[cfg(feature = "postgres")]
fn if_list(json: &str) -> String {
    format!("CASE json_typeof({json}::json) WHEN 'array' THEN {json}::json ELSE '[]'::json END")
}
