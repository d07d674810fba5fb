//! The journal that makes a run all or nothing, and the guard that keeps two runs apart.
//!
//! New contents are staged beside the project's files and synced; then the journal, one line a step, is renamed into place. That
//! rename is the moment of truth: a run that dies before it leaves the old tree, one that dies after it is finished by the next run.

use super::plan::inside;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder that a run works in; never committed.
const FOLDER: &str = ".scaffold-tmp";
const JOURNAL: &str = "journal";

/// What can go wrong on disk.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A path that would leave the project.
    #[error("{path}: refused, since it would lead outside the project (`..`, an absolute path or a symbolic link)")]
    Outside {
        /// The path.
        path: String,
    },
    /// Another run is at work.
    #[error("another `scaffold` is writing to this project; wait for it to end and run again")]
    Busy,
    /// A run was interrupted after its point of no return.
    #[error("an interrupted `scaffold gen` is waiting to be finished: run `scaffold gen`")]
    Interrupted,
}

impl OutputError {
    pub(crate) fn io(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { path: path.as_ref().display().to_string(), source }
    }
}

/// Holds the project against other runs for as long as it lives.
#[derive(Debug)]
pub struct Guard {
    dir: PathBuf,
    lock: File,
}

impl Guard {
    /// Takes the project and finishes what an interrupted run left.
    pub fn take(dir: &Path) -> Result<Self, OutputError> {
        let folder = inside(dir, FOLDER)?;
        fs::create_dir_all(&folder).map_err(|error| OutputError::io(&folder, error))?;
        let path = inside(dir, &format!("{FOLDER}/lock"))?;
        let lock = File::create(&path).map_err(|error| OutputError::io(&path, error))?;
        lock.try_lock().map_err(|_| OutputError::Busy)?;
        let guard = Self { dir: dir.to_path_buf(), lock };
        guard.replay()?;
        Ok(guard)
    }

    /// Says without writing whether a run was interrupted.
    pub fn interrupted(dir: &Path) -> bool {
        dir.join(FOLDER).join(JOURNAL).exists()
    }

    /// Where the contents of step `number` are staged.
    pub(super) fn stage(&self, number: usize) -> PathBuf {
        self.dir.join(FOLDER).join(format!("{number}"))
    }

    /// Makes the staged steps binding and carries them out.
    pub(super) fn commit(&self, steps: &[(String, bool)]) -> Result<(), OutputError> {
        let line = |(path, keep): &(String, bool)| format!("{} {path}\n", if *keep { "write" } else { "remove" });
        let text: String = steps.iter().map(line).collect();
        let (draft, journal) = (self.dir.join(FOLDER).join("draft"), self.dir.join(FOLDER).join(JOURNAL));
        write_synced(&draft, text.as_bytes())?;
        fs::rename(&draft, &journal).map_err(|error| OutputError::io(&journal, error))?;
        self.replay()
    }

    /// Carries out the journal, if there is one; each step may have been done before.
    fn replay(&self) -> Result<(), OutputError> {
        let journal = self.dir.join(FOLDER).join(JOURNAL);
        let text = match fs::read_to_string(&journal) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(OutputError::io(&journal, error)),
        };
        for (number, (verb, path)) in text.lines().filter_map(|line| line.split_once(' ')).enumerate() {
            let target = inside(&self.dir, path)?;
            let done = if verb == "write" { put(&self.stage(number), &target) } else { self.remove(&target) };
            done.map_err(|error| OutputError::io(path, error))?;
        }
        fs::remove_file(&journal).map_err(|error| OutputError::io(&journal, error))
    }

    /// Removes a file and the folders that it leaves empty.
    fn remove(&self, target: &Path) -> io::Result<()> {
        match fs::remove_file(target) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut folder = target.parent();
        while let Some(path) = folder.filter(|path| *path != self.dir && fs::remove_dir(path).is_ok()) {
            folder = path.parent();
        }
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.dir.join(FOLDER).join(JOURNAL).exists() {
            let _ = self.lock.unlock();
            let _ = fs::remove_dir_all(self.dir.join(FOLDER));
        }
    }
}

/// Moves a staged file into place; a missing one was moved before.
fn put(staged: &Path, target: &Path) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::rename(staged, target) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes a file of its own and waits until it is on disk. What lies there goes first: it may be a link to somewhere else.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    use std::io::Write as _;
    let write = || {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: io::Error| OutputError::io(path, error))
}
