//! The shape of an entry's table, as constants of generated code.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text: strings, ids, enum values, ids of references.
    Text,
    /// A 64-bit signed integer.
    Integer,
    /// A finite 64-bit float.
    Real,
    /// True or false.
    Boolean,
    /// A moment in time, milliseconds since 1970.
    Instant,
    /// A calendar date.
    Date,
    /// An exact decimal number, compared by value.
    Decimal,
    /// Lists, nested objects and free JSON.
    Json,
}

/// One column of an entry's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in SQL.
    pub name: &'static str,
    /// The name of the field in the API.
    pub field: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether filters and orders may use it.
    pub indexed: bool,
}

/// The table of one definition of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The type's name in the API, as `Course`.
    pub entry: &'static str,
    /// The readable part of the table's name in SQL, as `course`.
    pub name: &'static str,
    /// Hash of all that the fold uses: another definition is another table.
    pub definition: &'static str,
    /// The type's own columns.
    pub columns: &'static [Column],
    /// Indexes over several columns; single indexed columns have theirs already.
    pub indexes: &'static [&'static [&'static str]],
}

const ID: Column = Column { name: "id", field: "id", kind: ColumnKind::Text, indexed: true };
const CREATED_AT: Column = Column { name: "created_at", field: "createdAt", kind: ColumnKind::Instant, indexed: true };
const CHANGED_AT: Column = Column { name: "changed_at", field: "changedAt", kind: ColumnKind::Instant, indexed: true };

impl Table {
    /// Columns that every table has beside its tenant: id, createdAt, changedAt.
    pub const BASE: [Column; 3] = [ID, CREATED_AT, CHANGED_AT];

    /// Finds a column, base columns included, by its SQL name or by its field's name.
    #[must_use]
    pub fn column(&self, key: &str) -> Option<Column> {
        let all = || Self::BASE.iter().chain(self.columns).copied();
        all().find(|column| column.name == key).or_else(|| all().find(|column| column.field == key))
    }

    /// The table's name in SQL: readable, and another for each definition.
    #[must_use]
    pub fn sql_name(&self, service: &str) -> String {
        let hash: String = self.definition.chars().take(8).collect();
        format!("{service}_{}_{hash}", self.name)
    }
}
