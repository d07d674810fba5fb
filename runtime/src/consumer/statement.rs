//! SQL as data: statements with bound values, which run in one transaction on either database.

use crate::event::Position;
use crate::lease::Epoch;
use crate::store::StoreError;
use std::sync::{Mutex, PoisonError};

/// A value bound to a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// No value.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A float.
    Real(f64),
    /// A text.
    Text(String),
}

/// A statement and its values, `$1` being the first. Other types are cast in the SQL: `$1::uuid`, `$2::timestamptz`.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<SqlValue>,
}

impl Statement {
    /// A statement without values yet. On PostgreSQL it runs with the service's schema as its search path.
    #[must_use]
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// Binds the next value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<SqlValue>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for SqlValue {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Position> for SqlValue {
    fn from(value: Position) -> Self {
        Self::Integer(value.cast_signed())
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a consumer writes into the service's database along with the cursor: all of it, once, or nothing.
#[derive(Debug, Default)]
pub struct Writes(Mutex<Vec<Statement>>);

impl Writes {
    /// Adds a statement. What an attempt that fails has added is forgotten.
    pub fn add(&self, statement: Statement) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
    }

    pub(super) fn take(self) -> Vec<Statement> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row that was read, of integers, texts and nulls.
pub(crate) type Row = Vec<SqlValue>;

/// Whose transaction it is: it fails unless the epoch of the lease is still the newest.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    pub(crate) lease: String,
    pub(crate) epoch: Epoch,
}

/// Why statements did not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// Another owner has the lease by now; nothing was written.
    #[error("the lease has gone to another process")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs statements, all or nothing.
#[async_trait::async_trait]
pub(crate) trait Transactions: Send + Sync + 'static {
    /// Runs the statements in one transaction, and gives the rows of each.
    async fn run(&self, fence: Option<Fence>, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, RunError>;

    /// Milliseconds since 1970 on the database's clock, as SQL.
    fn now(&self) -> &'static str;
}
