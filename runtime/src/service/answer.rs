//! Questions and answers of reading calls.

use super::Hidden;
use crate::query::Filter;
use crate::wire::FieldError;

/// What a caller asks for one entry.
#[derive(Clone, Debug, Default)]
pub struct Get {
    /// Its id; empty when the filter alone says which.
    pub id: String,
    /// What it must be like.
    pub filter: Filter,
    /// Answer without an entry instead of `NOT_FOUND`.
    pub return_empty: bool,
    /// Wait until a condition holds.
    pub wait: Option<Wait>,
    /// Wait until the projection has applied every event there was when the call began.
    pub strong: bool,
    /// The fields wanted; none named means all.
    pub fields: Vec<String>,
}

/// A condition to wait for.
#[derive(Clone, Debug, Default)]
pub struct Wait {
    /// The longest to wait, in milliseconds; 0 is 5 seconds, 30 seconds are the most.
    pub timeout_ms: i64,
    /// What the entry must be like; everything: that it is there.
    pub condition: Filter,
}

/// The answer for one entry.
#[derive(Clone, Debug)]
pub struct Found<E> {
    /// The entry, if there is one.
    pub entry: Option<E>,
    /// Fields that are missing, and why.
    pub errors: Vec<FieldError>,
    /// Fields that must not be shown.
    pub hidden: Hidden,
}

/// The answer for several ids.
#[derive(Clone, Debug)]
pub struct Entries<E> {
    /// Those that there are.
    pub data: Vec<E>,
    /// Fields that are missing, and why.
    pub errors: Vec<FieldError>,
    /// Fields that must not be shown.
    pub hidden: Hidden,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<E> {
    /// Its entries.
    pub data: Vec<E>,
    /// The limit that was in force.
    pub limit: i64,
    /// Which page it is, counted from 1.
    pub page: i64,
    /// All entries that the filter means, on whatever page; 0 if they were not to be counted.
    pub total: i64,
    /// What to ask with for the next page; none on the last one.
    pub cursor: Option<String>,
    /// Fields that are missing, and why.
    pub errors: Vec<FieldError>,
    /// Fields that must not be shown.
    pub hidden: Hidden,
}
