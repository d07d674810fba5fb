//! A process's part in keeping a table that others share.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::database::Database;
use crate::lease::{Epoch, Kept, keep};
use crate::tables::{Place, Told};

/// How often a follower looks at the checkpoint although nothing was heard, and how long an owner keeps one back that
/// nothing else is written with.
pub(super) const LOOK: Duration = Duration::from_millis(200);

/// A process's part in keeping a table that others share.
pub(super) struct Shared {
    pub(super) lease: Kept,
    pub(super) told: Told,
    /// When the checkpoint was written last.
    pub(super) written: Instant,
}

impl Shared {
    /// Takes part, if there can be others.
    pub(super) fn of(database: &Database, place: &Place) -> Option<Self> {
        let told = database.tables().told(place)?;
        let lease = keep(database.leases().clone(), format!("projection/{}", place.name));
        Some(Self { lease, told, written: Instant::now() })
    }

    /// Under which epoch it does, if it does.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        *self.lease.epoch.borrow()
    }

    /// Says whether it is this process that applies events.
    pub(super) fn owned(&self) -> watch::Receiver<Option<Epoch>> {
        self.lease.epoch.clone()
    }
}
