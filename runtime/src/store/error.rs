//! What can go wrong in a store.

use crate::event::Position;
use std::path::PathBuf;

/// A store that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's address makes no sense.
    #[error("`{url}` is no database address: {problem}")]
    Address {
        /// As written.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Another process has the database open.
    #[error("{} is in use by another process; SQLite serves one process at a time", .0.display())]
    InUse(PathBuf),
    /// The file was written by a later version of the runtime.
    #[error("the database has layout {found}, this program knows up to {known}")]
    Newer {
        /// The layout found.
        found: i64,
        /// The layout known.
        known: i64,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// A file beside the database failed.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// How.
        source: std::io::Error,
    },
    /// The group of writes that this one was part of could not be made durable; nothing of it is stored.
    #[error("the write could not be made durable: {0}")]
    Commit(String),
    /// The disk is full or fails, so that nothing can be written until that is mended; nothing of this write is stored.
    #[error("the database cannot be written, nothing of this is stored: {0}")]
    Unwritable(String),
    /// The server that keeps the database cannot be reached; nothing was written.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Other transactions stood in the way, and to try again did not help; nothing of this is stored. Later it may work.
    #[error("others stand in the way in the database, nothing of this is stored: {0}")]
    Busy(String),
    /// A statement took longer than it may, or an operator ended it; nothing of this is stored. Later it may work.
    #[error("the database took too long, nothing of this is stored: {0}")]
    Slow(String),
    /// The connection ended while the write was being committed. To append the same events again, with the same ids, is
    /// safe: what is stored already is not stored twice.
    #[error("it is not known whether the write is stored: {0}; the same events, with their ids, can be appended again")]
    Unknown(String),
    /// PostgreSQL refused.
    #[error("the database failed: {0}")]
    Postgres(String),
    /// The events of another service cannot be read; they may be later.
    #[error("the events of the service `{service}` cannot be read: {problem}")]
    Away {
        /// Whose.
        service: &'static str,
        /// Why.
        problem: String,
    },
    /// Whoever reads needs every event, and some were deleted after others had consumed them.
    #[error("the event {event_type} at position {position} was deleted after others had consumed it")]
    Deleted {
        /// The type of one of them.
        event_type: String,
        /// Where it stood.
        position: Position,
    },
    /// The same of another service's events.
    #[error("the service `{service}` says: {problem}")]
    DeletedThere {
        /// Whose.
        service: &'static str,
        /// What it says.
        problem: String,
    },
    /// What was asked for cannot be stored or read.
    #[error("{0}")]
    Invalid(String),
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// An append that names one id twice.
    pub(super) fn doubled_ids() -> Self {
        Self::Invalid("two events of an append have the same id".to_owned())
    }

    /// A reader that must not miss an event stands before one of this type that was deleted.
    pub(super) fn deleted(event_type: &str, position: Position) -> Self {
        Self::Deleted { event_type: event_type.to_owned(), position }
    }

    /// An append of which a part was appended before.
    pub(super) fn partly_known_ids() -> Self {
        Self::Invalid("some of the event ids of an append are in the store, others are not".to_owned())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if is_of_the_disk(&error) { Self::Unwritable(error.to_string()) } else { Self::Sqlite(error) }
    }
}

/// Whether it was a write that found no room, or a disk that would not take it.
fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    let writes = [
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_DIR_FSYNC,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_SHMSIZE,
    ];
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    code & 0xff == ffi::SQLITE_FULL || writes.contains(&code)
}

/// An append that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// An event stands behind the condition's position that its query means.
    #[error("events were appended meanwhile that the decision depends on")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
