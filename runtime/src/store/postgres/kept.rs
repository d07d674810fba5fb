//! Statements that a connection keeps prepared: they are parsed once, and planned once if the server takes that to be as good.
//!
//! Only where the connection leads to the server's own session: behind a pooler another session would carry out what was prepared
//! in this one, or what somebody else has prepared there under the same name.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Statement};

/// How many a connection keeps, and how many others it remembers to have seen.
const MOST: usize = 64;

/// Longer ones are not kept: each takes many times its length in the server's memory.
const LONGEST: usize = 8 * 1024;

/// What is prepared on one connection.
#[derive(Default)]
pub(super) struct Kept {
    statements: HashMap<String, Used>,
    /// What came once; it is prepared when it comes again. Whoever asks something new each time prepares nothing.
    seen: Vec<u64>,
    /// Counts the times that a statement was asked for.
    clock: u64,
}

struct Used {
    statement: Statement,
    last: u64,
}

impl Kept {
    /// The statement, if it is prepared, or worth it.
    ///
    /// # Errors
    /// What the server says.
    pub(super) async fn statement(
        &mut self,
        client: &Client,
        sql: &str,
        types: &[Type],
    ) -> Result<Option<Statement>, Error> {
        self.clock += 1;
        if let Some(used) = self.statements.get_mut(sql) {
            used.last = self.clock;
            // The types follow from the text; if ever they did not, the statement would be another one.
            return Ok((used.statement.params() == types).then(|| used.statement.clone()));
        }
        if sql.len() > LONGEST || self.is_new(sql) {
            return Ok(None);
        }
        let statement = client.prepare_typed(sql, types).await?;
        self.make_room();
        self.statements.insert(sql.to_owned(), Used { statement: statement.clone(), last: self.clock });
        Ok(Some(statement))
    }

    /// Lets a statement go that the server does not carry out any more.
    pub(super) fn forget(&mut self, sql: &str) {
        self.statements.remove(sql);
    }

    fn is_new(&mut self, sql: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        sql.hash(&mut hasher);
        let hash = hasher.finish();
        match self.seen.iter().position(|seen| *seen == hash) {
            Some(place) => {
                self.seen.remove(place);
                false
            }
            None => {
                if self.seen.len() >= MOST {
                    self.seen.remove(0);
                }
                self.seen.push(hash);
                true
            }
        }
    }

    /// Closes what was not asked for the longest.
    fn make_room(&mut self) {
        if self.statements.len() < MOST {
            return;
        }
        let oldest = self.statements.iter().min_by_key(|(_, used)| used.last).map(|(sql, _)| sql.clone());
        if let Some(oldest) = oldest {
            self.statements.remove(&oldest);
        }
    }
}

/// Whether a statement has to be prepared again: a table has changed, or somebody has dropped what was prepared.
pub(super) fn is_outdated(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| *code == SqlState::FEATURE_NOT_SUPPORTED || *code == SqlState::INVALID_SQL_STATEMENT_NAME)
}
