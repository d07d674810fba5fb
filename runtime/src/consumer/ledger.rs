//! What groups keep in the database: cursors, what is settled ahead of them, what is put off, and what is parked.
//!
//! The SQL is that of both databases.

mod consumed;
mod operate;
mod progress;
mod resent;
mod sources;
pub(super) mod tables;

use super::statement::Transactions;
use crate::broadcast::{Notes, Own};
#[cfg(feature = "postgres")]
use crate::store::postgres::PostgresEvents;
use crate::store::sqlite::Sqlite;
use std::sync::Arc;

pub(super) use progress::Loaded;
pub(crate) use resent::Resent;

/// What groups keep in a database. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pub(super) sql: Arc<dyn Transactions>,
    /// Where it is told that something parked was asked for again.
    notes: Arc<dyn Notes>,
}

impl Ledger {
    /// That of a SQLite database.
    #[must_use]
    pub fn of_sqlite(database: Sqlite) -> Self {
        Self { sql: Arc::new(database), notes: Arc::new(Own::new()) }
    }

    /// That of the schema of these events.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn of_postgres(events: &PostgresEvents) -> Self {
        let (schema, pool) = events.rest();
        let sql = Arc::new(super::postgres::Postgres { pool: Arc::clone(pool), schema: schema.to_owned() });
        Self { sql, notes: Arc::new(events.clone()) }
    }

    /// What runs statements in the same database, for what else is kept there.
    pub(crate) fn transactions(&self) -> &Arc<dyn Transactions> {
        &self.sql
    }
}
