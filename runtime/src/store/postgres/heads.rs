//! The head, asked for by many at once: those who come while a question is under way share the next one.

use super::pool::Pool;
use crate::event::Position;
use crate::store::StoreError;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Answers with a head that is not older than the question.
pub(super) struct Heads {
    /// With a limit for this question alone, also behind a pooler.
    sql: String,
    /// How many have asked so far.
    asked: AtomicU64,
    answered: Mutex<Answered>,
}

#[derive(Default)]
struct Answered {
    /// Whoever came up to this number had asked before the question was sent.
    until: u64,
    head: Position,
}

impl Heads {
    pub(super) fn new(schema: &str) -> Self {
        let sql = format!("SET LOCAL statement_timeout = '30s'; SELECT position FROM \"{schema}\".counter");
        Self { sql, asked: AtomicU64::new(0), answered: Mutex::default() }
    }

    /// The last position given away.
    ///
    /// # Errors
    /// As for [`Pool::read`].
    pub(super) async fn ask(&self, pool: &Pool) -> Result<Position, StoreError> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answered = self.answered.lock().await;
        if answered.until < number {
            let until = self.asked.load(Ordering::SeqCst);
            let head = pool.number(&self.sql).await?.unwrap_or(0).unsigned_abs();
            *answered = Answered { until, head };
        }
        Ok(answered.head)
    }
}
