//! Entries: the rows that projections and CRUD types keep, and how they meet a table.
//!
//! Generated code describes its table as data ([`Table`]), gives the values of its columns
//! ([`Entry::store`]) and reads them back ([`Entry::load`]). Everything between — SQL, batches,
//! filters, paging — is the runtime's.

mod access;
mod column;
mod kind;
mod row;
mod rule;
mod unique;
mod value;

use serde::Serialize;

use crate::value::DateTime;

pub use access::{EntryAccess, FieldAccess};
pub use column::{Column, ColumnKind, Table};
pub(crate) use kind::EntryKind;
pub use row::{EntryRow, Row, RowBase};
pub use rule::{EACH, Hop, OwnedField, RowRule};
pub(crate) use unique::digest;
pub use unique::{Unique, Violated};
pub use value::{Value, ValueError};

/// One kept entry of a projection or CRUD type.
///
/// `id`, `createdAt` and `changedAt` are columns of every table and belong to the runtime;
/// [`Table::columns`] names only what the type itself declares.
pub trait Entry: Clone + Send + Sync + Serialize + 'static {
    /// The table that keeps these entries.
    const TABLE: Table;
    /// Who may read and write them through the API.
    const ACCESS: EntryAccess;
    /// Fields that not everybody may see or write who may do so with the entry.
    const FIELDS: &'static [FieldAccess] = &[];
    /// Which entries a caller sees: those for which all of these hold.
    const ROWS: &'static [RowRule] = &[];
    /// Fields whose values no two entries of a tenant share.
    const UNIQUE: &'static [Unique] = &[];

    /// A new entry that holds zero values and defaults only.
    fn new(id: String, at: DateTime) -> Self;

    /// Its identity, unique within a tenant.
    fn id(&self) -> &str;

    /// When the event that created it was raised.
    fn created_at(&self) -> DateTime;

    /// When the last event that reached it was raised.
    fn changed_at(&self) -> DateTime;

    /// Notes that an event raised at `at` reached it.
    fn touch(&mut self, at: DateTime);

    /// The values of [`Table::columns`], in their order.
    ///
    /// # Errors
    /// When a value cannot be written as its column's kind.
    fn store(&self) -> Result<Vec<Value>, ValueError>;

    /// Builds the entry from a stored row; a column that was not selected gives the zero value.
    ///
    /// # Errors
    /// When a stored value does not fit its column's kind.
    fn load(row: EntryRow) -> Result<Self, ValueError>;
}
