//! What was written is on the disk before anything relies on it.
//!
//! A flush of one file waits for the disk, and so does one of the whole file system: of many files it is thousands of times
//! cheaper. Of few it may not be, since it takes along what other programs have written.

use super::OutputError;
use crate::parallel::in_parallel;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// From so many paths on, the whole file system is flushed.
const MANY: usize = 64;

/// How many flushes wait for the disk at once: it does several in the time of one.
const WAITING: usize = 32;

/// Waits until the files and folders are on disk, all of one file system; `handle` was opened there before they were written.
pub(super) fn flush(handle: &File, paths: &[PathBuf]) -> Result<(), OutputError> {
    if paths.len() >= MANY
        && let Some(flushed) = flush_file_system(handle)
    {
        return flushed.map_err(|error| OutputError::io("the file system", error));
    }
    let flush = |path: &PathBuf| flush_one(path).map_err(|error| OutputError::io(path, error));
    in_parallel(paths, WAITING, flush).into_iter().collect()
}

/// Everything that was written to the file system of the handle, be it by others; none where the system has no such call.
#[cfg(target_os = "linux")]
fn flush_file_system(handle: &File) -> Option<io::Result<()>> {
    Some(rustix::fs::syncfs(handle).map_err(io::Error::from))
}

#[cfg(not(target_os = "linux"))]
fn flush_file_system(_handle: &File) -> Option<io::Result<()>> {
    None
}

fn flush_one(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        return OpenOptions::new().write(true).open(path)?.sync_all();
    }
    // Elsewhere a folder cannot be opened, and its entries are written with the files.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
