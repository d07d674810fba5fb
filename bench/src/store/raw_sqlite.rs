//! The limit on SQLite: the store's own tables and indexes, filled with as many rows a commit, without any condition.

use crate::account::{self, TYPE};
use crate::load::{Load, Measured, measured};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A database whose tables the store has made, and which it has closed again.
pub struct RawSqlite {
    connection: Connection,
    position: i64,
}

impl RawSqlite {
    /// As durable as the store itself: every commit is flushed.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let position = connection.query_row("SELECT position FROM counter", [], |row| row.get(0))?;
        Ok(Self { connection, position })
    }

    /// Commits as many rows at once as there would be clients.
    pub fn run(&mut self, load: Load, run: u64) -> rusqlite::Result<Measured> {
        let (begun, mut times, mut count) = (Instant::now(), Vec::new(), 0);
        while begun.elapsed() < Duration::from_millis(load.milliseconds) {
            let from = Instant::now();
            self.commit((0..load.clients).map(|client| format!("account:{run}-{client}-{}", count % 100)))?;
            times.extend((0..load.clients).map(|_| from.elapsed()));
            count += 1;
        }
        Ok(measured(times, 0, begun.elapsed()))
    }

    /// Fills it with events over so many accounts, a thousand a commit.
    pub fn fill(&mut self, events: u64, accounts: u64) -> rusqlite::Result<()> {
        let mut filled = 0;
        while filled < events {
            let some = (events - filled).min(1000);
            self.commit((filled..filled + some).map(|number| format!("account:{}", number % accounts)))?;
            filled += some;
        }
        Ok(())
    }

    fn commit(&mut self, tags: impl Iterator<Item = String>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let (mut event, mut index) = (transaction.prepare_cached(EVENT)?, transaction.prepare_cached(TAG)?);
        for tag in tags {
            self.position += 1;
            let tags = format!("[\"{tag}\"]");
            let payload = account::payload(&tag).to_string();
            event.execute(params![
                self.position,
                "bench",
                Uuid::now_v7().as_bytes().as_slice(),
                "bank",
                TYPE,
                1,
                tags,
                payload,
                account::now(),
            ])?;
            index.execute(params!["bench", tag, self.position, TYPE])?;
        }
        drop((event, index));
        transaction.prepare_cached("UPDATE counter SET position = ?1")?.execute([self.position])?;
        transaction.commit()
    }
}

const EVENT: &str = "INSERT INTO events (position, tenant, id, topic, type, version, tags, payload, raised_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const TAG: &str = "INSERT INTO event_tags (tenant, tag, position, type) VALUES (?1, ?2, ?3, ?4)";
