//! What would have to change on disk: decided before anything is touched.

use super::manifest::{MANIFEST, Manifest};
use super::parallel::{cores, in_parallel};
use super::{File, Files, OutputError, Owner};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// A file to write, with what stands there now.
#[derive(Clone, Debug)]
pub struct Change {
    /// Relative path.
    pub path: String,
    /// What is on disk, if anything.
    pub before: Option<String>,
    /// What will be.
    pub after: String,
}

/// Everything one run would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Files to create or rewrite.
    pub write: Vec<Change>,
    /// Files of ours that no input asks for any more.
    pub remove: Vec<Change>,
    /// How many files are as they should be.
    pub unchanged: usize,
    /// Managed files that somebody edited, with what would replace them (an empty text: the file would go).
    pub edited: Vec<Change>,
    /// Files of the user that nothing needs any more; named, never removed.
    pub orphans: Vec<String>,
}

impl Plan {
    /// Whether the disk is as the inputs say.
    pub fn is_clean(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty() && self.edited.is_empty()
    }

    /// Gives up the edits: what was edited is written or removed like the rest (`--force`).
    pub fn overwrite_edits(&mut self) {
        for change in std::mem::take(&mut self.edited) {
            if change.after.is_empty() { self.remove.push(change) } else { self.write.push(change) }
        }
    }
}

/// Compares `files` with the project in `dir`; reads, never writes.
pub fn plan(dir: &Path, files: &Files) -> Result<Plan, OutputError> {
    let before = Manifest::parse(&read_text(dir, MANIFEST)?.unwrap_or_default());
    let mut plan = Plan::default();
    let wanted: Vec<&File> = files.iter().collect();
    let found = in_parallel(&wanted, cores(), |file| read_text(dir, &file.path));
    for (file, on_disk) in wanted.into_iter().zip(found) {
        let on_disk = on_disk?;
        let change = Change { path: file.path.clone(), before: on_disk, after: file.contents.clone() };
        match (&change.before, file.owner) {
            (None, Owner::Yours) if before.is_yours(&file.path) => plan.unchanged += 1,
            (Some(_), Owner::Yours) => plan.unchanged += 1,
            (None, _) => plan.write.push(change),
            (Some(text), _) if *text == change.after => plan.unchanged += 1,
            (Some(_), Owner::OursList) => plan.write.push(change),
            (Some(text), Owner::Ours) if before.wrote(&file.path, text.as_bytes()) => plan.write.push(change),
            (Some(_), Owner::Ours) => plan.edited.push(change),
        }
    }
    for path in before.stale(files).filter(|path| *path != MANIFEST) {
        let Some(text) = read_text(dir, path)? else { continue };
        let wrote = before.wrote(path, text.as_bytes());
        let change = Change { path: path.to_owned(), before: Some(text), after: String::new() };
        if wrote { plan.remove.push(change) } else { plan.edited.push(change) }
    }
    plan.orphans = before.orphans(files).filter(|path| dir.join(path).exists()).map(str::to_owned).collect();
    let after = Manifest::of(files, &before).print();
    match read_text(dir, MANIFEST)? {
        Some(text) if text == after => plan.unchanged += 1,
        text => plan.write.push(Change { path: MANIFEST.to_owned(), before: text, after }),
    }
    Ok(plan)
}

/// The text at `path`, none if there is no file; bytes that are no UTF-8 are shown as such and count as an edit.
pub fn read_text(dir: &Path, path: &str) -> Result<Option<String>, OutputError> {
    let target = inside(dir, path)?;
    match fs::read(&target) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(OutputError::io(path, error)),
    }
}

/// The place of `path` on disk, refused if it would leave `dir`: by `..`, as an absolute path, or through a symbolic link.
pub(super) fn inside(dir: &Path, path: &str) -> Result<PathBuf, OutputError> {
    let relative = Path::new(path);
    if path.is_empty() || !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(OutputError::Outside { path: path.to_owned() });
    }
    let mut target = dir.to_path_buf();
    for part in relative.components() {
        target.push(part);
        if fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.file_type().is_symlink()) {
            return Err(OutputError::Outside { path: path.to_owned() });
        }
    }
    Ok(target)
}
