//! Which entries a caller sees and writes, by what the token's data holds.

use super::{FieldName, Type, TypeName};
use crate::place::Place;

/// `@filterByJwtData`
#[derive(Clone, Debug)]
pub struct RowRule {
    /// `jwtDataKey`: keys joined by dots.
    pub claim: String,
    /// Where the value stands.
    pub path: RowPath,
    /// `exceptFor`: who sees every entry.
    pub except_for: Vec<String>,
    /// The directive.
    pub place: Place,
}

/// The way from an entry to the value that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPath {
    /// The references on the way: each field, and the entry type of the same service that it leads to.
    pub through: Vec<(FieldName, TypeName)>,
    /// The field of the entry at the end that holds the value.
    pub field: FieldName,
    /// The way on inside that field: of nested types and lists.
    pub inside: Vec<Inside>,
    /// The type of the value.
    pub ty: Type,
}

/// A step inside a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// A field of a nested type.
    Field(FieldName),
    /// Each element of a list.
    Each,
}
