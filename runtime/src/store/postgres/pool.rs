//! Connections that read.

use super::session::{self, PATIENCE};
use super::statements::READING;
use crate::store::StoreError;
use futures_util::future::join3;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Error, Row};

/// How many readers work at once.
const READERS: usize = 8;

/// A parameter with its type: statements are sent whole, never prepared under a name.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A few connections, opened as they are needed.
pub(super) struct Pool {
    config: Config,
    permits: Semaphore,
    idle: Mutex<Vec<Client>>,
}

impl Pool {
    pub(super) fn new(config: Config) -> Self {
        Self { config, permits: Semaphore::new(READERS), idle: Mutex::new(Vec::new()) }
    }

    /// Runs one statement that only reads. A connection that turns out to be dead is replaced, as reading twice harms nobody.
    ///
    /// # Errors
    /// What the server says; [`StoreError::Unreachable`]; [`StoreError::Closed`].
    pub(super) async fn read(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let client = match self.take() {
                Some(client) => client,
                None => session::connect_until(&self.config, deadline).await?,
            };
            match bounded(&client, sql, parameters).await {
                Err(error) if session::is_lost(&error) && Instant::now() < deadline => {
                    tracing::debug!(error = session::text(&error), "a read is tried again");
                }
                outcome => {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
                    return outcome.map_err(|error| session::failure(&error));
                }
            }
        }
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|client| !client.is_closed())
    }

    /// Lets no new read begin, waits for those that run, and closes the connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(READERS).unwrap_or(u32::MAX);
        if let Ok(permits) = self.permits.acquire_many(all).await {
            self.permits.close();
            drop(permits);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The statement in a transaction that sets its own time limit, all sent at once.
async fn bounded(client: &Client, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
    let begin = client.batch_execute(READING);
    let (begun, rows, ended) = join3(begin, client.query_typed(sql, parameters), client.batch_execute("COMMIT")).await;
    begun.and(rows).and_then(|rows| ended.map(|()| rows))
}
