//! A connection of the pool, and how it reads.

use super::kept::{Kept, is_outdated};
use super::server::Server;
use super::statements::{READING, SESSION};
use futures_util::future::{join_all, join3};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};

/// A parameter with its type: most statements are sent whole.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A statement with its parameters.
pub(crate) type Asked<'a> = (&'a str, Vec<Parameter<'a>>);

/// A connection.
pub(super) struct Connection {
    pub(super) client: Client,
    /// What is prepared there; none behind a pooler, or where it is not known whether there is one.
    kept: Option<Kept>,
}

impl Connection {
    /// Connects once, and finds out whether the session is this connection's own. If so, its limits are set here for good.
    ///
    /// # Errors
    /// What the server says.
    pub(super) async fn open(server: &Server) -> Result<Self, Error> {
        let (client, tap) = server.connect_tapped().await?;
        let is_direct = tap.is_direct(&client).await?;
        if is_direct {
            client.batch_execute(SESSION).await?;
        }
        Ok(Self { client, kept: is_direct.then(Kept::default) })
    }

    /// Carries out statements that only read, all of one moment and in one round trip. Those that come again and again are
    /// prepared where that can be.
    ///
    /// # Errors
    /// What the server says.
    pub(super) async fn read(&mut self, asked: &[Asked<'_>], often: bool) -> Result<Vec<Vec<Row>>, Error> {
        let Self { client, kept } = self;
        let Some(kept) = kept else { return together(client, &plain(asked), READING).await };
        if !often {
            return on_own_session(client, &plain(asked)).await;
        }
        let mut prepared = Vec::with_capacity(asked.len());
        for (sql, parameters) in asked {
            let types: Vec<Type> = parameters.iter().map(|(_, kind)| kind.clone()).collect();
            prepared.push(match kept.statement(client, sql, &types).await? {
                Some(statement) => Sent::Prepared(statement, parameters),
                None => Sent::Whole(sql, parameters),
            });
        }
        match on_own_session(client, &prepared).await {
            Err(error) if is_outdated(&error) => {
                asked.iter().for_each(|(sql, _)| kept.forget(sql));
                on_own_session(client, &plain(asked)).await
            }
            outcome => outcome,
        }
    }
}

/// How a statement goes to the server.
enum Sent<'a> {
    Prepared(Statement, &'a [Parameter<'a>]),
    Whole(&'a str, &'a [Parameter<'a>]),
}

impl Sent<'_> {
    async fn rows(&self, client: &Client) -> Result<Vec<Row>, Error> {
        match self {
            Self::Whole(sql, parameters) => client.query_typed(sql, parameters).await,
            Self::Prepared(statement, parameters) => {
                let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(value, _)| *value).collect();
                client.query(statement, &values).await
            }
        }
    }
}

fn plain<'a>(asked: &'a [Asked<'a>]) -> Vec<Sent<'a>> {
    asked.iter().map(|(sql, parameters)| Sent::Whole(sql, parameters)).collect()
}

/// The session has its limits already, and one statement is of one moment by itself.
async fn on_own_session(client: &Client, sent: &[Sent<'_>]) -> Result<Vec<Vec<Row>>, Error> {
    match sent {
        [one] => Ok(vec![one.rows(client).await?]),
        several => together(client, several, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
    }
}

/// The statements in a transaction, all sent at once.
async fn together(client: &Client, sent: &[Sent<'_>], begin: &str) -> Result<Vec<Vec<Row>>, Error> {
    let all = join_all(sent.iter().map(|one| one.rows(client)));
    let (begun, answers, ended) = join3(client.batch_execute(begin), all, client.batch_execute("COMMIT")).await;
    begun?;
    // The first error is the reason, the others follow from it.
    let answers = answers.into_iter().collect::<Result<Vec<_>, Error>>()?;
    ended.map(|()| answers)
}
