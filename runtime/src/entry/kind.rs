//! A type of entries with its Rust type left behind: what reading them has to know of it. So reading calls are compiled once, in
//! this crate, and only what makes entries of rows once more for each type of a project.

use std::any::TypeId;

use super::{Entry, EntryAccess, FieldAccess, RowRule, Table};

/// What is the same for all entries of a type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryKind {
    pub(crate) id: TypeId,
    pub(crate) table: Table,
    pub(crate) access: EntryAccess,
    pub(crate) fields: &'static [FieldAccess],
    pub(crate) rows: &'static [RowRule],
}

impl EntryKind {
    /// That of `E`.
    pub(crate) fn of<E: Entry>() -> Self {
        Self { id: TypeId::of::<E>(), table: E::TABLE, access: E::ACCESS, fields: E::FIELDS, rows: E::ROWS }
    }
}
