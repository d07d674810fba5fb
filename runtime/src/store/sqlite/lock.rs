//! One process at a time: an advisory lock on a file beside the database, freed by the system if the process dies.

use crate::store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The lock, held until dropped.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a database.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if somebody holds it.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database);
        let failed = |source| StoreError::File { path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(database.to_owned())),
            Err(TryLockError::Error(source)) => Err(StoreError::File { path, source }),
        }
    }
}

/// `campus.db` is locked by `campus.db.lock`.
fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
