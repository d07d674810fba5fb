//! Up to where certain groups have had all events, for whoever deletes them then.

use super::Ledger;
use super::progress::number;
use crate::consumer::statement::{RunError, Statement};
use crate::event::Position;
use crate::store::StoreError;
use std::collections::BTreeSet;

/// How many open events of a group are read. With more of them, nothing behind the last one is known.
const MOST: usize = 10_000;

/// What groups have done with the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Consumed {
    /// Up to here each of the groups has had every event.
    pub(crate) until: Position,
    /// Except for these, which one of them put off or parked.
    pub(crate) open: BTreeSet<Position>,
}

impl Ledger {
    /// Up to where all of these groups have come; none if one of them has never begun.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn consumed(&self, groups: &[&str]) -> Result<Option<Consumed>, StoreError> {
        let mut consumed = Consumed { until: Position::MAX, open: BTreeSet::new() };
        for group in groups {
            let of_group = |sql: &str| Statement::new(sql).bind(*group).bind(MOST as i64);
            // In this order: an event goes from before the cursor to what is put off, and from there to what is parked.
            let statements = vec![
                of_group("SELECT position FROM consumer_groups WHERE name = $1 LIMIT $2"),
                of_group("SELECT position FROM consumer_put_off WHERE name = $1 ORDER BY position LIMIT $2"),
                of_group(
                    "SELECT position FROM consumer_parked WHERE name = $1 AND position IS NOT NULL \
                     ORDER BY position LIMIT $2",
                ),
            ];
            let found = match self.sql.run(None, statements).await {
                Ok(found) => found,
                Err(RunError::Store(error)) => return Err(error),
                // Nobody asked for a lease.
                Err(RunError::Stale) => return Err(StoreError::Closed),
            };
            let mut found = found.iter().map(|rows| rows.iter().map(|row| number(row, 0).unsigned_abs()));
            let Some(cursor) = found.next().and_then(|mut rows| rows.next()) else { return Ok(None) };
            consumed.until = consumed.until.min(cursor);
            for open in found {
                let open: Vec<Position> = open.collect();
                if let Some(last) = open.last().filter(|_| open.len() == MOST) {
                    consumed.until = consumed.until.min(*last);
                }
                consumed.open.extend(open);
            }
        }
        Ok(Some(consumed))
    }
}
