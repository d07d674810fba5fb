//! States of decisions that are kept, so that the next decision reads on from there.
//!
//! Nothing depends on them: what is lost, passed over or never kept is folded anew from the events.

use crate::event::{Position, Query, Tenant};
use crate::value::Json;
use std::borrow::Cow;

/// The table, in the words of both databases; `{s}` stands before its name.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS {s}snapshots (tenant TEXT NOT NULL, command TEXT NOT NULL, \
     reads TEXT NOT NULL, definition TEXT NOT NULL, position BIGINT NOT NULL, state TEXT NOT NULL, \
     PRIMARY KEY (tenant, command, reads))";

/// Finds what was kept under a tenant, a command, what it reads, and a definition. `{s}` stands before the table.
pub(super) const FIND: &str = "SELECT position, state FROM {s}snapshots WHERE tenant = $1 AND command = $2 AND reads = $3 \
     AND definition = $4";

/// Keeps a state under the same, at a position and in this text.
pub(super) const KEEP: &str = "INSERT INTO {s}snapshots AS kept (tenant, command, reads, definition, position, state) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, command, reads) DO UPDATE SET definition = excluded.definition, \
     position = excluded.position, state = excluded.state \
     WHERE kept.definition <> excluded.definition OR kept.position < excluded.position";

/// How many bytes a tenant, a command and what it reads may have together. An entry of an index has no room for much more.
const LONGEST_KEY: usize = 2_000;

/// How many bytes a state may have. What is longer is hardly read faster than its events.
const LONGEST_STATE: usize = 1024 * 1024;

/// Which state is meant. There is one for each command and what it reads; one of another definition takes its place and is never
/// read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotKey {
    /// The command's name.
    pub command: Cow<'static, str>,
    /// What the first step of its state reads: the text of each entry with its types and tags, in order.
    pub reads: String,
    /// A hash of all that the fold uses.
    pub definition: Cow<'static, str>,
    /// The events that it is folded from, as far as is known before it is read. No part of what it is found by: whoever seals
    /// events keeps nothing of personal ones.
    pub query: Query,
}

/// The state of a decision after all events up to a position.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The head when it was read.
    pub position: Position,
    /// The state, and what is needed to know it again.
    pub state: Json,
}

impl Snapshot {
    /// The text of the state; none if it, or the key, is too long to be kept.
    pub(super) fn text(&self, tenant: &Tenant, of: &SnapshotKey) -> Option<String> {
        let text = self.state.to_string();
        (of.fits(tenant) && text.len() <= LONGEST_STATE).then_some(text)
    }
}

impl SnapshotKey {
    /// Whether it is short enough that something may be kept under it.
    pub(super) fn fits(&self, tenant: &Tenant) -> bool {
        tenant.as_str().len() + self.command.len() + self.reads.len() <= LONGEST_KEY
    }
}
