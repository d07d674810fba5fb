//! A transaction for whatever is kept beside the events: leases, groups, tables.

use super::connection::Connection;
use super::connection::Parameter;
use super::pool::Pool;
use super::session;
use crate::store::StoreError;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio_postgres::{Error, Row};

/// What comes before a write. Whoever stands still in the middle loses what it holds locked, so that others can go on.
const WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '5s'; \
    SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '5s'; SET LOCAL jit = off";

/// Longer than any limit that the server keeps by itself.
const AT_MOST: Duration = Duration::from_secs(45);

/// An open transaction. Dropped without a commit, its connection is closed, and the server takes everything back.
pub(crate) struct Transaction<'p> {
    pool: &'p Pool,
    connection: Connection,
    _permit: SemaphorePermit<'p>,
}

impl Pool {
    /// Begins a transaction that writes, on a connection of its own.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`]; [`StoreError::Closed`].
    pub(crate) async fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        loop {
            let permit = self.permit_to_write().await?;
            let (connection, is_fresh) = self.connection().await?;
            let transaction = Transaction { pool: self, connection, _permit: permit };
            match transaction.batch(WRITING).await {
                Ok(()) => return Ok(transaction),
                // It had died while it was idle. Those that are as old may have, too.
                Err(StoreError::Unreachable(_)) if !is_fresh => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Transaction<'_> {
    /// Runs one statement.
    ///
    /// # Errors
    /// What the server says; the transaction is of no more use then.
    pub(crate) async fn query(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(bounded(self.connection.client.query_typed(sql, parameters)).await?)
    }

    /// Runs statements without parameters.
    ///
    /// # Errors
    /// What the server says; the transaction is of no more use then.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(bounded(self.connection.client.batch_execute(sql)).await?)
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// [`StoreError::Commit`] if the server refuses, [`StoreError::Busy`] if others stand in the way, [`StoreError::Unknown`] if the connection ends meanwhile.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match bounded(self.connection.client.batch_execute("COMMIT")).await {
            Ok(()) => {
                self.pool.give_back(self.connection);
                Ok(())
            }
            Err(Failed::Silence) => Err(StoreError::Unknown("the server does not answer".to_owned())),
            Err(Failed::Server(error)) if session::is_lost(&error) => Err(StoreError::Unknown(session::text(&error))),
            Err(Failed::Server(error)) => Err(match session::failure(&error) {
                StoreError::Postgres(problem) => StoreError::Commit(problem),
                other => other,
            }),
        }
    }
}

enum Failed {
    Server(Error),
    Silence,
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Server(error) => session::failure(&error),
            Failed::Silence => Self::Unreachable("the server does not answer".to_owned()),
        }
    }
}

async fn bounded<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match tokio::time::timeout(AT_MOST, work).await {
        Ok(outcome) => outcome.map_err(Failed::Server),
        Err(_) => Err(Failed::Silence),
    }
}
