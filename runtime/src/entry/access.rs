//! Who may do what with the entries of a type.

use crate::caller::Access;

/// The permissions of a type's generated operations, as its `@permission` gives them.
///
/// Holders of `all` are already part of each list.
#[derive(Clone, Copy, Debug)]
pub struct EntryAccess {
    /// Lists and filtered subscriptions.
    pub read: Access,
    /// Reads and subscriptions that name an id.
    pub read_by_id: Access,
    /// Creating an entry (CRUD types).
    pub create: Access,
    /// Changing an entry (CRUD types).
    pub update: Access,
    /// Removing entries (CRUD types).
    pub delete: Access,
}

impl EntryAccess {
    /// The same access for every operation.
    #[must_use]
    pub const fn same(access: Access) -> Self {
        Self { read: access, read_by_id: access, create: access, update: access, delete: access }
    }

    /// Of a type that only events change: nobody writes its entries.
    #[must_use]
    pub const fn read_only(read: Access, read_by_id: Access) -> Self {
        Self { read, read_by_id, create: Access::Nobody, update: Access::Nobody, delete: Access::Nobody }
    }
}

/// Who may see and write one field, beside being allowed to do so with the entry, as the field's own `@permission` gives it.
#[derive(Clone, Copy, Debug)]
pub struct FieldAccess {
    /// The field's name in the API.
    pub field: &'static str,
    /// Seeing it in lists, filtering and sorting by it.
    pub read: Access,
    /// Seeing it in an entry that is named by its id.
    pub read_by_id: Access,
    /// Setting it in a new entry (CRUD types).
    pub create: Access,
    /// Changing it (CRUD types).
    pub update: Access,
}
