//! Connections, opened as they are needed: for reads, and for transactions that write something else than events.

use super::server::Server;
use super::session::{self, PATIENCE};
use super::statements::READING;
use crate::store::StoreError;
use futures_util::future::{join_all, join3};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, SimpleQueryMessage};

/// How many readers work at once.
const READERS: usize = 8;

/// How many transactions write at once, beside the appends, which have a connection of their own.
const WRITERS: usize = 4;

/// A parameter with its type: statements are sent whole, never prepared under a name.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A few connections, opened as they are needed.
pub(crate) struct Pool {
    server: Server,
    permits: Semaphore,
    write_permits: Semaphore,
    idle: Mutex<Vec<Client>>,
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
    pub(crate) async fn read_together(
        &self,
        statements: &[(&str, Vec<Parameter<'_>>)],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let client = self.connected(deadline).await?;
            let outcome = bounded(&client, statements).await;
            if let Some(outcome) = self.settled(client, outcome, deadline) {
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
            let client = self.connected(deadline).await?;
            let outcome = client.simple_query(sql).await;
            if let Some(outcome) = self.settled(client, outcome, deadline) {
                return Ok(outcome?.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
                    _ => None,
                }));
            }
            session::pause().await;
        }
    }

    async fn connected(&self, deadline: Instant) -> Result<Client, StoreError> {
        match self.take() {
            Some(client) => Ok(client),
            None => self.server.connect_until(deadline).await,
        }
    }

    /// What came of a read; nothing if its connection turned out to be dead, or others stood in its way, and there is time to
    /// read again.
    fn settled<T>(
        &self,
        client: Client,
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
        self.give_back(client);
        if let Err(error) = &outcome
            && session::is_in_the_way(error)
            && is_early
        {
            tracing::debug!(error = session::text(error), "others stood in the way of a read, which is tried again");
            return None;
        }
        Some(outcome.map_err(|error| session::failure(&error)))
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|client| !client.is_closed())
    }

    /// The right to write, once it is this one's turn.
    pub(super) async fn permit_to_write(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        self.write_permits.acquire().await.map_err(|_| StoreError::Closed)
    }

    /// A connection, and whether it was opened just now.
    pub(super) async fn client(&self) -> Result<(Client, bool), StoreError> {
        match self.take() {
            Some(client) => Ok((client, false)),
            None => Ok((self.server.connect_until(Instant::now() + PATIENCE).await?, true)),
        }
    }

    /// Keeps a connection that is outside of any transaction for whoever comes next.
    pub(super) fn give_back(&self, client: Client) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
    }

    /// Lets nothing new begin, waits for what runs, and closes the connections.
    pub(super) async fn close(&self) {
        for (permits, all) in [(&self.permits, READERS), (&self.write_permits, WRITERS)] {
            if let Ok(held) = permits.acquire_many(u32::try_from(all).unwrap_or(u32::MAX)).await {
                permits.close();
                drop(held);
            }
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The statements in a transaction that sets its own time limit, all sent at once.
async fn bounded(client: &Client, statements: &[(&str, Vec<Parameter<'_>>)]) -> Result<Vec<Vec<Row>>, Error> {
    let begin = client.batch_execute(READING);
    let all = join_all(statements.iter().map(|(sql, parameters)| client.query_typed(sql, parameters)));
    let (begun, answers, ended) = join3(begin, all, client.batch_execute("COMMIT")).await;
    begun?;
    // The first error is the reason, the others follow from it.
    let answers = answers.into_iter().collect::<Result<Vec<_>, Error>>()?;
    ended.map(|()| answers)
}
