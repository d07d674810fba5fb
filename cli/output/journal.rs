//! The journal that makes a run all or nothing, and the guard that keeps two runs apart.
//!
//! New contents are staged beside the project's files and flushed to disk; then the journal, one line a step, is renamed into
//! place. That rename is the moment of truth: a run that dies before it leaves the old tree, one that dies after it is finished by
//! the next run. The journal goes when its steps are on disk.

use super::flush::flush;
use super::on_disk::{folder, inside};
use super::steps::Step;
use crate::parallel::{cores, in_parallel};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The folder that a run works in; never committed.
const FOLDER: &str = ".scaffold-tmp";
const LOCK: &str = "lock";
const JOURNAL: &str = "journal";
const PUT: &str = "write";
const REMOVE: &str = "remove";

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
    /// Takes the project, finishes what an interrupted run left and clears away what one left that died before its journal.
    pub fn take(dir: &Path) -> Result<Self, OutputError> {
        let folder = inside(dir, FOLDER)?;
        fs::create_dir_all(&folder).map_err(|error| OutputError::io(&folder, error))?;
        let path = inside(dir, &format!("{FOLDER}/{LOCK}"))?;
        let lock = File::create(&path).map_err(|error| OutputError::io(&path, error))?;
        lock.try_lock().map_err(|_| OutputError::Busy)?;
        let guard = Self { dir: dir.to_path_buf(), lock };
        guard.replay()?;
        clear(&folder).map_err(|error| OutputError::io(&folder, error))?;
        Ok(guard)
    }

    /// Says without writing whether a run was interrupted.
    pub fn interrupted(dir: &Path) -> bool {
        dir.join(FOLDER).join(JOURNAL).exists()
    }

    /// The project.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stages the files, each with its path below the stage, makes the steps binding and carries them out.
    pub(super) fn commit(&self, files: &[(String, &str)], steps: &[Step<'_>]) -> Result<(), OutputError> {
        let stage = self.dir.join(FOLDER);
        let (draft, journal) = (stage.join("draft"), stage.join(JOURNAL));
        let mut written = stage_files(&stage, files)?;
        create(&draft, journal_text(steps).as_bytes())?;
        written.push(draft.clone());
        flush(&self.lock, &written)?;
        fs::rename(&draft, &journal).map_err(|error| OutputError::io(&journal, error))?;
        flush(&self.lock, &[stage])?;
        self.replay()
    }

    /// Carries out the journal, if there is one; each step may have been done before.
    fn replay(&self) -> Result<(), OutputError> {
        let stage = self.dir.join(FOLDER);
        let journal = stage.join(JOURNAL);
        let text = match fs::read_to_string(&journal) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(OutputError::io(&journal, error)),
        };
        let mut touched = BTreeSet::new();
        for (number, (verb, path)) in text.lines().filter_map(|line| line.split_once(' ')).enumerate() {
            let target = inside(&self.dir, path)?;
            let done = if verb == PUT { put(&stage.join(number.to_string()), &target) } else { self.remove(&target) };
            done.map_err(|error| OutputError::io(path, error))?;
            touched.extend(
                target.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.dir)).map(Path::to_owned),
            );
        }
        let folders: Vec<PathBuf> = touched.into_iter().filter(|folder| folder.is_dir()).collect();
        flush(&self.lock, &folders)?;
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

/// Writes the files below the stage; what was made, folders among it, is not flushed yet.
fn stage_files(stage: &Path, files: &[(String, &str)]) -> Result<Vec<PathBuf>, OutputError> {
    let folders: BTreeSet<&str> = files.iter().flat_map(|(path, _)| folders(path)).collect();
    let mut made: Vec<PathBuf> = folders.iter().map(|folder| stage.join(folder)).collect();
    // A folder sorts before what is in it.
    for folder in &made {
        fs::create_dir(folder).map_err(|error| OutputError::io(folder, error))?;
    }
    // A folder is locked while a file comes to be in it: workers keep out of each other's.
    let shares: Vec<&[(String, &str)]> = files.chunk_by(|(one, _), (next, _)| folder(one) == folder(next)).collect();
    in_parallel(&shares, cores(), |share| {
        share.iter().try_for_each(|(path, text)| create(&stage.join(path), text.as_bytes()))
    })
    .into_iter()
    .collect::<Result<(), _>>()?;
    made.extend(files.iter().map(|(path, _)| stage.join(path)));
    Ok(made)
}

/// The folders of a path below the stage, the outermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// A line a step.
fn journal_text(steps: &[Step<'_>]) -> String {
    let line = |step: &Step<'_>| match step {
        Step::Put(path) => format!("{PUT} {path}\n"),
        Step::Remove(path) => format!("{REMOVE} {path}\n"),
    };
    steps.iter().map(line).collect()
}

/// Moves what is staged into place, a file or a folder; what is missing was moved before.
fn put(staged: &Path, target: &Path) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::rename(staged, target) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // Somebody has made the folder meanwhile.
        Err(error) if is_taken(&error) && staged.is_dir() => put_into(staged, target),
        other => other,
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists)
}

/// Moves what is in the staged folder into one that is there.
fn put_into(staged: &Path, target: &Path) -> io::Result<()> {
    for entry in fs::read_dir(staged)? {
        let entry = entry?;
        put(&entry.path(), &target.join(entry.file_name()))?;
    }
    fs::remove_dir(staged)
}

/// Empties the folder of a run, but for its lock.
fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}

/// Writes a file that was not there.
fn create(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(|error| OutputError::io(path, error))
}
