//! Rows of events: their columns, a range of them, and those that remain of deleted ones.

use super::connection::Parameter;
use super::session;
use crate::event::Position;
use crate::store::{Range, StoreError};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};

/// What makes an event.
pub(super) const COLUMNS: &str = "e.position, e.tenant, e.id, e.topic, e.stream, e.type, e.version, e.tags, e.payload::text, \
     e.correlation_id, e.causation_id, e.user_id, e.reason, e.traceparent, e.raised_at";

/// A range as parameters: the first three of a statement.
pub(super) struct Bounds {
    pub(super) after: i64,
    pub(super) until: i64,
    pub(super) limit: Option<i64>,
    pub(super) order: &'static str,
}

impl Bounds {
    pub(super) fn of(range: Range) -> Self {
        let number = |position: Position| i64::try_from(position).unwrap_or(i64::MAX);
        Self {
            after: number(range.after),
            until: range.until.map_or(i64::MAX, number),
            limit: range.limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX)),
            order: if range.backwards { "DESC" } else { "ASC" },
        }
    }

    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        vec![(&self.after, Type::INT8), (&self.until, Type::INT8), (&self.limit, Type::INT8)]
    }
}

/// What becomes of what is left of deleted events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Remnants {
    /// They are found like events.
    Found,
    /// They are passed over, which costs a look at each event.
    LeftOut,
}

impl Remnants {
    /// What an event of this alias has to be besides.
    pub(super) fn test(self, alias: &str) -> String {
        match self {
            Self::Found => String::new(),
            Self::LeftOut => format!(" AND {alias}.version >= 0"),
        }
    }

    /// The same for a tag's row of this alias.
    pub(super) fn test_of_tag(self, schema: &str, alias: &str) -> String {
        match self {
            Self::Found => String::new(),
            Self::LeftOut => format!(
                " AND EXISTS (SELECT 1 FROM {schema}.events AS l WHERE l.position = {alias}.position AND l.version >= 0)"
            ),
        }
    }
}

/// The column of this number.
///
/// # Errors
/// If it holds something else.
pub(super) fn column<T: for<'a> tokio_postgres::types::FromSql<'a>>(row: &Row, number: usize) -> Result<T, StoreError> {
    row.try_get(number).map_err(broken)
}

/// What a column that cannot be read is told as.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn broken(error: Error) -> StoreError {
    StoreError::Invalid(format!("a stored row: {}", session::text(&error)))
}
