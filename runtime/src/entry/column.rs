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

/// Columns by their names in SQL and in the API.
impl Column {
    /// A column of text: strings, ids, enum values.
    #[must_use]
    pub const fn text(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Text)
    }

    /// A column of 64-bit integers.
    #[must_use]
    pub const fn integer(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Integer)
    }

    /// A column of finite floats.
    #[must_use]
    pub const fn real(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Real)
    }

    /// A column of true or false.
    #[must_use]
    pub const fn boolean(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Boolean)
    }

    /// A column of moments in time.
    #[must_use]
    pub const fn instant(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Instant)
    }

    /// A column of calendar dates.
    #[must_use]
    pub const fn date(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Date)
    }

    /// A column of exact decimal numbers.
    #[must_use]
    pub const fn decimal(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Decimal)
    }

    /// A column of lists, nested objects and free JSON.
    #[must_use]
    pub const fn json(name: &'static str, field: &'static str) -> Self {
        Self::new(name, field, ColumnKind::Json)
    }

    /// Filters and orders may use it.
    #[must_use]
    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    const fn new(name: &'static str, field: &'static str, kind: ColumnKind) -> Self {
        Self { name, field, kind, indexed: false }
    }
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

const ID: Column = Column::text("id", "id").indexed();
const CREATED_AT: Column = Column::instant("created_at", "createdAt").indexed();
const CHANGED_AT: Column = Column::instant("changed_at", "changedAt").indexed();

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
