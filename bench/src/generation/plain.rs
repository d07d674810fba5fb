//! The floor of a first run: the same files in the same folders by a loop that knows nothing else, and one flush.

use super::process::{Ended, cpu_seconds};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Where a run writes nearly all of its files.
const WRITTEN: [&str; 2] = ["generated", "scaffold.lock"];

/// Writes once more, below `to`, which is not there yet, what a run has written below `from`. What is timed begins with all of it
/// in memory.
///
/// # Errors
/// If the disk fails.
pub fn write_again(from: &Path, to: &Path) -> io::Result<Ended> {
    let (mut folders, mut files) = (WRITTEN.map(PathBuf::from).to_vec(), Vec::new());
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        for entry in fs::read_dir(from.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                files.push((to.join(&path), fs::read(from.join(&path))?));
            }
        }
        next += 1;
    }
    let spent = || cpu_seconds(std::process::id()).unwrap_or(0.0);
    let (begun, before) = (Instant::now(), spent());
    fs::create_dir(to)?;
    folders.iter().try_for_each(|folder| fs::create_dir(to.join(folder)))?;
    files.iter().try_for_each(|(path, bytes)| fs::write(path, bytes))?;
    flush(to)?;
    Ok(Ended { seconds: begun.elapsed().as_secs_f64(), cpu_seconds: spent() - before, peak_mib: 0.0 })
}

/// Waits until all that was written to the file system of this folder is on disk.
///
/// # Errors
/// If the system has no such program, or the disk fails.
pub fn flush(folder: &Path) -> io::Result<()> {
    let ended = Command::new("sync").arg("--file-system").arg(folder).status()?;
    if ended.success() { Ok(()) } else { Err(io::Error::other(format!("sync: {ended}"))) }
}
