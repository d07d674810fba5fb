//! A stored row, read by column name into an entry's fields.

use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::value::from_json;
use super::{Column, Entry, Table, Value, ValueError};
use crate::value::{Date, DateTime, Decimal, Json};

/// One row of an entry's table on its way into the entry.
///
/// Each reading takes the value out, so that texts and JSON move instead of being copied. A column
/// that was not selected is null in the row and reads as its type's zero value.
pub struct EntryRow {
    id: String,
    created_at: DateTime,
    changed_at: DateTime,
    columns: &'static [Column],
    values: Vec<Cell<Value>>,
}

impl EntryRow {
    /// A row whose `values` stand in the order of `columns`.
    #[must_use]
    pub fn new(base: RowBase, columns: &'static [Column], values: Vec<Value>) -> Self {
        let RowBase { id, created_at, changed_at } = base;
        Self { id, created_at, changed_at, columns, values: values.into_iter().map(Cell::new).collect() }
    }

    /// The entry's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// When the entry was created.
    #[must_use]
    pub const fn created_at(&self) -> DateTime {
        self.created_at
    }

    /// When the entry was changed last.
    #[must_use]
    pub const fn changed_at(&self) -> DateTime {
        self.changed_at
    }

    fn take(&self, name: &str) -> Result<Value, ValueError> {
        let place = self.columns.iter().position(|column| column.name == name);
        match place.and_then(|place| self.values.get(place)) {
            Some(cell) => Ok(cell.take()),
            None => Err(ValueError::new(name, "the table has no such column")),
        }
    }
}

/// A stored row as the runtime moves it about: to the database, from it, and through filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the runtime itself keeps.
    pub base: RowBase,
    /// The values of the table's own columns, in their order.
    pub values: Vec<Value>,
}

impl Row {
    /// The row that keeps `entry`.
    ///
    /// # Errors
    /// When a value does not fit its column, or there are more or fewer values than columns.
    pub fn of<E: Entry>(entry: &E) -> Result<Self, ValueError> {
        let values = entry.store()?;
        if values.len() != E::TABLE.columns.len() {
            return Err(ValueError::new(
                "",
                format!("{} columns have {} values", E::TABLE.columns.len(), values.len()),
            ));
        }
        let (created_at, changed_at) = (entry.created_at(), entry.changed_at());
        Ok(Self { base: RowBase { id: entry.id().to_owned(), created_at, changed_at }, values })
    }

    /// The entry that this row keeps.
    ///
    /// # Errors
    /// When a value does not fit its column.
    pub fn into_entry<E: Entry>(self) -> Result<E, ValueError> {
        E::load(EntryRow::new(self.base, E::TABLE.columns, self.values))
    }

    /// The value of a column, base columns included; null where there is none of that name.
    #[must_use]
    pub fn value(&self, table: &Table, key: &str) -> Value {
        let Some(column) = table.column(key) else { return Value::Null };
        match column.name {
            "id" => Value::Text(self.base.id.clone()),
            "created_at" => Value::Instant(self.base.created_at),
            "changed_at" => Value::Instant(self.base.changed_at),
            name => {
                let place = table.columns.iter().position(|column| column.name == name);
                place.and_then(|place| self.values.get(place)).cloned().unwrap_or_default()
            }
        }
    }
}

/// What the runtime itself keeps of every entry.
#[derive(Clone, Debug, PartialEq)]
pub struct RowBase {
    /// Its id.
    pub id: String,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was changed last.
    pub changed_at: DateTime,
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident, $optional:ident: $variant:ident => $type:ty, $zero:expr;)*) => {
        impl EntryRow {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// When there is no such column or it holds a value of another kind.
            pub fn $name(&self, column: &str) -> Result<$type, ValueError> {
                Ok(self.$optional(column)?.unwrap_or_else(|| $zero))
            }

            $(#[$doc])*
            /// Null gives `None`.
            ///
            /// # Errors
            /// When there is no such column or it holds a value of another kind.
            pub fn $optional(&self, column: &str) -> Result<Option<$type>, ValueError> {
                match self.take(column)? {
                    Value::Null => Ok(None),
                    Value::$variant(value) => Ok(Some(value)),
                    other => Err(wrong_kind(column, stringify!($name), &other)),
                }
            }
        )*}
    };
}

readers! {
    /// Reads a text.
    text, optional_text: Text => String, String::new();
    /// Reads an integer.
    integer, optional_integer: Integer => i64, 0;
    /// Reads a float.
    real, optional_real: Real => f64, 0.0;
    /// Reads a boolean.
    boolean, optional_boolean: Boolean => bool, false;
    /// Reads a moment in time.
    instant, optional_instant: Instant => DateTime, DateTime::from_millis(0);
    /// Reads a date.
    date, optional_date: Date => Date, Date::default();
    /// Reads a decimal number.
    decimal, optional_decimal: Decimal => Decimal, Decimal::ZERO;
}

impl EntryRow {
    /// Reads the value of an enum; null gives the enum's default.
    ///
    /// # Errors
    /// When there is no such column or the text is none of the enum's values.
    pub fn enumeration<T: DeserializeOwned + Default>(&self, column: &str) -> Result<T, ValueError> {
        Ok(self.optional_enumeration(column)?.unwrap_or_default())
    }

    /// Reads the value of an enum; null gives `None`.
    ///
    /// # Errors
    /// When there is no such column or the text is none of the enum's values.
    pub fn optional_enumeration<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, ValueError> {
        let text = self.optional_text(column)?;
        text.map(|text| from_json(column, Json::String(text))).transpose()
    }

    /// Reads a list, a nested object or free JSON; null gives the type's default.
    ///
    /// # Errors
    /// When there is no such column or the JSON has another shape.
    pub fn json<T: DeserializeOwned + Default>(&self, column: &str) -> Result<T, ValueError> {
        Ok(self.optional_json(column)?.unwrap_or_default())
    }

    /// Reads a list, a nested object or free JSON; null gives `None`.
    ///
    /// # Errors
    /// When there is no such column or the JSON has another shape.
    pub fn optional_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, ValueError> {
        match self.take(column)? {
            Value::Null => Ok(None),
            Value::Json(json) => from_json(column, json).map(Some),
            other => Err(wrong_kind(column, "json", &other)),
        }
    }
}

fn wrong_kind(column: &str, wanted: &str, found: &Value) -> ValueError {
    ValueError::new(column, format!("{wanted} expected, {} found", found.kind()))
}
