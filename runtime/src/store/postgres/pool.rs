//! Connections, opened as they are needed: for reads, and for transactions that write something else than events.

use super::connection::{Asked, Connection, Parameter};
use super::server::Server;
use super::session::{self, PATIENCE};
use crate::store::StoreError;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_postgres::{Error, Row, SimpleQueryMessage};

/// How many readers work at once.
const READERS: usize = 8;

/// How many transactions write at once, beside the appends, which have a connection of their own.
const WRITERS: usize = 4;

/// A few connections, opened as they are needed.
pub(crate) struct Pool {
    server: Server,
    permits: Semaphore,
    write_permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) fn new(server: Server) -> Self {
        let (permits, write_permits) = (Semaphore::new(READERS), Semaphore::new(WRITERS));
        Self { server, permits, write_permits, idle: Mutex::new(Vec::new()) }
    }

    /// Runs one statement that only reads.
    ///
    /// # Errors
    /// As for [`Pool::read_together`].
    pub(crate) async fn read(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut answers = self.read_together(&[(sql, parameters.to_vec())]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Runs a few statements that only read, all of one moment and in one round trip. A connection that turns out to be dead
    /// is replaced, as reading twice harms nobody.
    ///
    /// # Errors
    /// What the server says; [`StoreError::Unreachable`]; [`StoreError::Closed`].
    pub(crate) async fn read_together(&self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.read_all(asked, false).await
    }

    /// The same for statements that are likely to come again, with the same text: they are prepared where nobody stands
    /// between the connection and the server.
    ///
    /// # Errors
    /// As for [`Pool::read_together`].
    pub(crate) async fn read_often(&self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.read_all(asked, true).await
    }

    async fn read_all(&self, asked: &[Asked<'_>], often: bool) -> Result<Vec<Vec<Row>>, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut connection = self.connected(deadline).await?;
            let outcome = connection.read(asked, often).await;
            if let Some(outcome) = self.settled(connection, outcome, deadline) {
                return outcome;
            }
            session::pause().await;
        }
    }

    /// The number that the last of a few statements without parameters answers with, in its first row and column: sent in one
    /// message, which the server carries out as one transaction. As they may be sent twice, they harm nobody.
    ///
    /// # Errors
    /// As for [`Pool::read_together`].
    pub(super) async fn number(&self, sql: &str) -> Result<Option<i64>, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let connection = self.connected(deadline).await?;
            let outcome = connection.client.simple_query(sql).await;
            if let Some(outcome) = self.settled(connection, outcome, deadline) {
                return Ok(outcome?.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
                    _ => None,
                }));
            }
            session::pause().await;
        }
    }

    async fn connected(&self, deadline: Instant) -> Result<Connection, StoreError> {
        match self.take() {
            Some(connection) => Ok(connection),
            None => self.opened(deadline).await,
        }
    }

    async fn opened(&self, deadline: Instant) -> Result<Connection, StoreError> {
        session::until(deadline, || Connection::open(&self.server)).await
    }

    /// What came of a read; nothing if its connection turned out to be dead, or others stood in its way, and there is time to
    /// read again.
    fn settled<T>(
        &self,
        connection: Connection,
        outcome: Result<T, Error>,
        deadline: Instant,
    ) -> Option<Result<T, StoreError>> {
        let is_early = Instant::now() < deadline;
        if let Err(error) = &outcome
            && session::is_lost(error)
            && is_early
        {
            tracing::debug!(error = session::text(error), "a read is tried again");
            return None;
        }
        self.give_back(connection);
        if let Err(error) = &outcome
            && session::is_in_the_way(error)
            && is_early
        {
            tracing::debug!(error = session::text(error), "others stood in the way of a read, which is tried again");
            return None;
        }
        Some(outcome.map_err(|error| session::failure(&error)))
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|connection| !connection.client.is_closed())
    }

    /// The right to write, once it is this one's turn.
    pub(super) async fn permit_to_write(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        self.write_permits.acquire().await.map_err(|_| StoreError::Closed)
    }

    /// A connection, and whether it was opened just now.
    pub(super) async fn connection(&self) -> Result<(Connection, bool), StoreError> {
        match self.take() {
            Some(connection) => Ok((connection, false)),
            None => Ok((self.opened(Instant::now() + PATIENCE).await?, true)),
        }
    }

    /// Keeps a connection that is outside of any transaction for whoever comes next.
    pub(super) fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Lets nothing new begin, waits for what runs, and closes the connections.
    pub(crate) async fn close(&self) {
        for (permits, all) in [(&self.permits, READERS), (&self.write_permits, WRITERS)] {
            if let Ok(held) = permits.acquire_many(u32::try_from(all).unwrap_or(u32::MAX)).await {
                permits.close();
                drop(held);
            }
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
