//! What the owner of a group reads at the beginning, and writes as it goes on.

use super::Ledger;
use crate::consumer::options::Key;
use crate::consumer::parked::{EventOf, NewParked};
use crate::consumer::settled::{Outcome, PutOff, Settled};
use crate::consumer::statement::{Fence, Row, RunError, SqlValue, Statement};
use crate::consumer::window::Advance;
use crate::event::Position;
use crate::store::StoreError;
use std::collections::BTreeSet;
use std::time::Duration;

/// How far a group has come.
#[derive(Debug)]
pub(in crate::consumer) struct Loaded {
    pub(in crate::consumer) cursor: Position,
    pub(in crate::consumer) ahead: BTreeSet<Position>,
    /// In order of position.
    pub(in crate::consumer) waiting: Vec<Waiting>,
}

/// An event that was put off.
#[derive(Debug)]
pub(in crate::consumer) struct Waiting {
    pub(in crate::consumer) position: Position,
    pub(in crate::consumer) keys: Vec<Key>,
    pub(in crate::consumer) failed: u32,
    pub(in crate::consumer) pause: Duration,
}

impl Ledger {
    /// Carries out what a consumer needs before its first event.
    pub(in crate::consumer) async fn prepare(&self, fence: Fence, statements: Vec<Statement>) -> Result<(), RunError> {
        if statements.is_empty() {
            return Ok(());
        }
        self.sql.run(Some(fence), statements).await.map(drop)
    }

    /// Notes where a group begins that has never run.
    pub(in crate::consumer) async fn begin(&self, group: &str, start: Position) -> Result<(), StoreError> {
        let sql = "INSERT INTO consumer_groups (name, position) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        self.run(Statement::new(sql).bind(group).bind(start)).await.map(drop)
    }

    /// How far a group has come.
    pub(in crate::consumer) async fn load(&self, fence: Fence, group: &str) -> Result<Loaded, RunError> {
        let now = self.sql.now();
        let waiting = format!(
            "SELECT position, keys, failed, due - {now} FROM consumer_put_off WHERE name = $1 ORDER BY position"
        );
        let of_group = |sql: &str| Statement::new(sql).bind(group);
        let statements = vec![
            of_group("SELECT position FROM consumer_groups WHERE name = $1"),
            of_group("SELECT position FROM consumer_ahead WHERE name = $1"),
            of_group(&waiting),
        ];
        let found = self.sql.run(Some(fence), statements).await?;
        let rows = |number: usize| found.get(number).map(Vec::as_slice).unwrap_or_default();
        Ok(Loaded {
            cursor: rows(0).first().map_or(0, |row| number(row, 0).unsigned_abs()),
            ahead: rows(1).iter().map(|row| number(row, 0).unsigned_abs()).collect(),
            waiting: rows(2).iter().map(waiting_of).collect::<Result<_, _>>()?,
        })
    }

    /// Writes what came of events, what their consumer writes, and the cursor.
    pub(in crate::consumer) async fn settle(
        &self,
        fence: Fence,
        group: &str,
        advance: &Advance,
        settled: &[Settled],
    ) -> Result<(), RunError> {
        let of_group = |sql: &str| Statement::new(sql).bind(group);
        let mut statements = Vec::new();
        for one in settled {
            self.outcome(group, one, &mut statements);
        }
        for position in &advance.ahead {
            let sql = "INSERT INTO consumer_ahead (name, position) VALUES ($1, $2)";
            statements.push(of_group(sql).bind(*position));
        }
        if advance.forget {
            let sql = "DELETE FROM consumer_ahead WHERE name = $1 AND position <= $2";
            statements.push(of_group(sql).bind(advance.to));
        }
        statements.push(of_group("UPDATE consumer_groups SET position = $2 WHERE name = $1").bind(advance.to));
        self.sql.run(Some(fence), statements).await.map(drop)
    }

    fn outcome(&self, group: &str, settled: &Settled, statements: &mut Vec<Statement>) {
        let forget = "DELETE FROM consumer_put_off WHERE name = $1 AND position = $2";
        let forget = || Statement::new(forget).bind(group).bind(settled.position);
        match &settled.outcome {
            Outcome::Done { writes, was_put_off } => {
                statements.extend(writes.iter().cloned());
                statements.extend(was_put_off.then(forget));
            }
            Outcome::PutOff(put_off) => statements.push(self.put_off(group, settled.position, put_off)),
            Outcome::Parked { parked, event, was_put_off } => {
                statements.push(self.parking(parked, Some(event)));
                statements.extend(was_put_off.then(forget));
            }
            Outcome::ResentDone { id, writes } => {
                statements.extend(writes.iter().cloned());
                statements.push(Statement::new("DELETE FROM consumer_parked WHERE id = $1").bind(id.as_str()));
            }
            Outcome::ResentFailed { id, error } => statements.push(failed_again(id, error)),
        }
    }

    fn put_off(&self, group: &str, position: Option<Position>, put_off: &PutOff) -> Statement {
        let keys: Vec<&str> = put_off.keys.iter().map(|key| &**key).collect();
        let sql = format!(
            "INSERT INTO consumer_put_off (name, position, keys, failed, due, error, correlation_id) \
             VALUES ($1, $2, $3, $4, {} + $5, $6, $7) ON CONFLICT (name, position) DO UPDATE SET \
             failed = excluded.failed, due = excluded.due, error = excluded.error",
            self.sql.now()
        );
        Statement::new(sql)
            .bind(group)
            .bind(position)
            .bind(serde_json::json!(keys).to_string())
            .bind(i64::from(put_off.failed))
            .bind(i64::try_from(put_off.pause.as_millis()).unwrap_or(i64::MAX / 2))
            .bind(storable(&put_off.error))
            .bind(put_off.correlation.clone())
    }

    /// Parks, or parks again what has this key already.
    pub(super) fn parking(&self, parked: &NewParked, event: Option<&EventOf>) -> Statement {
        let sql = format!(
            "INSERT INTO consumer_parked (id, name, key, tenant, position, event_type, correlation_id, attempts, error, \
             data, parked_at, resent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {}, 0) \
             ON CONFLICT (name, key) DO UPDATE SET attempts = excluded.attempts, error = excluded.error, \
             data = excluded.data, parked_at = excluded.parked_at, resent = 0",
            self.sql.now()
        );
        Statement::new(sql)
            .bind(uuid::Uuid::now_v7().to_string())
            .bind(parked.group.as_str())
            .bind(parked.key.as_str())
            .bind(parked.tenant.as_str())
            .bind(event.map(|event| event.position))
            .bind(event.map(|event| event.event_type.clone()))
            .bind(event.and_then(|event| event.correlation.clone()))
            .bind(i64::from(parked.attempts))
            .bind(storable(&parked.error))
            .bind(parked.data.as_ref().map(ToString::to_string))
    }
}

/// Notes that a parked one was tried again in vain.
pub(super) fn failed_again(id: &str, error: &str) -> Statement {
    let sql = "UPDATE consumer_parked SET attempts = attempts + 1, error = $2, resent = 0 WHERE id = $1";
    Statement::new(sql).bind(id).bind(storable(error))
}

/// An error's text as far as it is kept: a page of it, without what PostgreSQL cannot store.
fn storable(error: &str) -> String {
    error.chars().filter(|one| *one != '\0').take(4000).collect()
}

/// An integer of a row; 0 where there is none.
pub(super) fn number(row: &Row, column: usize) -> i64 {
    match row.get(column) {
        Some(SqlValue::Integer(value)) => *value,
        _ => 0,
    }
}

/// A text of a row.
pub(super) fn text(row: &Row, column: usize) -> Option<&str> {
    match row.get(column) {
        Some(SqlValue::Text(value)) => Some(value),
        _ => None,
    }
}

fn waiting_of(row: &Row) -> Result<Waiting, StoreError> {
    let keys: Vec<String> = serde_json::from_str(text(row, 1).unwrap_or_default())
        .map_err(|error| StoreError::Invalid(format!("the stored keys of an event: {error}")))?;
    Ok(Waiting {
        position: number(row, 0).unsigned_abs(),
        keys: keys.into_iter().map(Key::from).collect(),
        failed: u32::try_from(number(row, 2)).unwrap_or(0),
        pause: Duration::from_millis(u64::try_from(number(row, 3)).unwrap_or(0)),
    })
}
