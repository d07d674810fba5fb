//! In which order entries are listed.

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column's name in SQL.
    pub column: String,
    /// Greatest first; null comes last then, and first otherwise.
    pub descending: bool,
    /// Of several keys the one with the lowest priority counts first.
    pub priority: i64,
}

impl Order {
    /// Smallest first.
    pub fn ascending(column: impl Into<String>) -> Self {
        Self { column: column.into(), descending: false, priority: 0 }
    }

    /// Greatest first.
    pub fn descending(column: impl Into<String>) -> Self {
        Self { column: column.into(), descending: true, priority: 0 }
    }
}
