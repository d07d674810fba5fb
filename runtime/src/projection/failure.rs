//! Why a batch failed.

use crate::store::StoreError;

/// Why a batch failed; nothing of it is written then.
pub(super) enum Failure {
    /// The database failed; it may work again.
    Store(StoreError),
    /// The database was closed.
    Closed,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Self::Closed,
            other => Self::Store(other),
        }
    }
}
