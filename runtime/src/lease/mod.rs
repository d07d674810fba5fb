//! Leases: which of many processes does what only one may do at a time.
//!
//! A lease is a row in the database, on the database's clock. Its epoch grows with each new owner, and every write of an
//! owner asks for it in the same transaction: one that was asleep while its lease ran out writes nothing when it wakes up
//! (Kleppmann, "How to do distributed locking", 2016: fencing tokens).

mod keeper;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
#[cfg(test)]
mod tests;

pub use keeper::{Kept, keep};

use crate::store::StoreError;
use std::time::Duration;

/// Numbers the owners of a lease, from 1.
pub type Epoch = u64;

/// The leases of a database.
#[async_trait::async_trait]
pub trait Leases: Send + Sync + 'static {
    /// Takes a lease that nobody has or that has run out, or prolongs one's own, to `span` from now. The epoch is the one
    /// to write with; none means that another has it. An owner whose lease ran out and who gets it again, with nobody in
    /// between, keeps its epoch.
    ///
    /// # Errors
    /// If the database fails; then it is not known who has it.
    async fn take(&self, name: &str, owner: &str, span: Duration) -> Result<Option<Epoch>, StoreError>;

    /// Gives a lease back before its time. Nothing happens if another has it.
    ///
    /// # Errors
    /// If the database fails; the lease runs out by itself then.
    async fn release(&self, name: &str, owner: &str) -> Result<(), StoreError>;

    /// Whether no later owner has come. What is written into this database asks in its own transaction instead; this is for
    /// what has its effect elsewhere, where it narrows the gap but cannot close it.
    ///
    /// # Errors
    /// If the database fails.
    async fn is_current(&self, name: &str, epoch: Epoch) -> Result<bool, StoreError>;

    /// How long leases are taken for here, and how often prolonged.
    fn timing(&self) -> Timing;
}

/// How long a lease lasts, and when it is prolonged or asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// After this long without being prolonged it is free.
    pub span: Duration,
    /// The pause between two attempts to take or prolong it.
    pub every: Duration,
}

impl Timing {
    /// Among processes: when one dies, another goes on within seven seconds.
    pub const SHARED: Self = Self { span: Duration::from_secs(5), every: Duration::from_millis(1500) };
    /// Where no other process can be, so that nobody waits: as few writes as possible.
    pub const ALONE: Self = Self { span: Duration::from_secs(120), every: Duration::from_secs(40) };
}

/// The columns, and what a new owner needs, in the words of both databases.
const COLUMNS: &str = "name TEXT NOT NULL PRIMARY KEY, owner TEXT, epoch BIGINT NOT NULL, until BIGINT NOT NULL";

/// The statement that takes or prolongs: parameters are name, owner and milliseconds; `{s}` is before the table's name,
/// `{now}` the clock in milliseconds since 1970.
///
/// A lease that ends later than two spans from now was taken before the clock went back: nobody should wait for that time to
/// come once more. If its owner still lives, it finds its epoch outdated.
const TAKE: &str = "INSERT INTO {s}leases AS l (name, owner, epoch, until) VALUES ($1, $2, 1, {now} + $3) \
     ON CONFLICT (name) DO UPDATE SET \
     epoch = l.epoch + CASE WHEN l.owner = excluded.owner THEN 0 ELSE 1 END, \
     owner = excluded.owner, until = excluded.until \
     WHERE l.owner IS NULL OR l.owner = excluded.owner OR l.until <= {now} \
     OR l.until > {now} + 2 * $3 RETURNING epoch";

const RELEASE: &str = "UPDATE {s}leases SET owner = NULL WHERE name = $1 AND owner = $2";

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 2)
}
