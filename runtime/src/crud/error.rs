//! Why an entry could not be written.

use crate::entry::ValueError;
use crate::entry::Violated;
use crate::event::{DecodeError, EncodeError};
use crate::query::Invalid;
use crate::store::StoreError;

/// Why an entry could not be created, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum CrudError {
    /// There is an entry of this id already.
    #[error("there is a {entry} with the id {id:?} already")]
    Exists {
        /// The type.
        entry: &'static str,
        /// The id.
        id: String,
    },
    /// There is no entry of this id.
    #[error("there is no {entry} with the id {id:?}")]
    Missing {
        /// The type.
        entry: &'static str,
        /// The id.
        id: String,
    },
    /// The entry is somebody else's.
    #[error("this {entry} belongs to somebody else")]
    Foreign {
        /// The type.
        entry: &'static str,
    },
    /// The caller would not see the entry as it would be.
    #[error("the caller would not see this {entry}: nothing is recorded")]
    Unseen {
        /// The type.
        entry: &'static str,
    },
    /// The data breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Another entry has the values that this one must have for itself.
    #[error("{0}")]
    Unique(Violated),
    /// Others kept writing the same entry.
    #[error("others kept changing this entry; given up after {0} attempts")]
    Conflict(u32),
    /// A stored event cannot be read by this program.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The event cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A value does not fit its column.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
