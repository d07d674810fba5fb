//! Which entries a caller sees and writes, by what the token's data holds.

use super::ColumnKind;

/// In the way inside of a column: each element of the list that stands there.
pub const EACH: &str = "[*]";

/// A rule that shows an entry only to callers whose token holds one of its values: `@filterByJwtData`.
#[derive(Clone, Copy, Debug)]
pub struct RowRule {
    /// Where the claim stands in the token's `data`: keys, joined by dots.
    pub claim: &'static str,
    /// The references that lead to the value, in order.
    pub through: &'static [Hop],
    /// The column that holds the value, in SQL: of the entry itself, or of the one that the last reference leads to.
    pub column: &'static str,
    /// The way on inside a column of JSON: names of fields, and [`EACH`] for the elements of a list.
    pub inside: &'static [&'static str],
    /// What the value is.
    pub kind: ColumnKind,
    /// Holders of one of these permissions see every entry.
    pub except_for: &'static [&'static str],
}

/// A reference to an entry of the same service.
#[derive(Clone, Copy, Debug)]
pub struct Hop {
    /// The column that holds the id, or a list of them, in SQL.
    pub column: &'static str,
    /// The type that it leads to, as the API calls it.
    pub entry: &'static str,
}

/// A field that is filled from the token's data when an entry is created, and says who may write the entry: `@fromJwtData`.
#[derive(Clone, Copy, Debug)]
pub struct OwnedField {
    /// The field's name in the API.
    pub field: &'static str,
    /// Its column in SQL.
    pub column: &'static str,
    /// Where the claim stands in the token's `data`: keys, joined by dots.
    pub claim: &'static str,
    /// What the value is.
    pub kind: ColumnKind,
}
