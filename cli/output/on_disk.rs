//! What is on disk where the project has a file or is to get one; no path leads outside.

use super::{File, OutputError};
use crate::parallel::{cores, in_parallel};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// What is on disk where a file is to be.
pub(super) enum Found {
    /// No file.
    Nothing,
    /// What it is to be.
    Same,
    /// Another text.
    Other(String),
}

/// Looks at the place of each file, in their order.
pub(super) fn compare(dir: &Path, files: &[&File]) -> Result<Vec<Found>, OutputError> {
    let folders: Vec<&[&File]> = files.chunk_by(|one, next| folder(&one.path) == folder(&next.path)).collect();
    let found = in_parallel(&folders, cores(), |files| compare_folder(dir, files));
    Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The same for files that lie in one folder, whose way is looked at once.
fn compare_folder(dir: &Path, files: &[&File]) -> Result<Vec<Found>, OutputError> {
    let folder = folder(files.first().map_or("", |file| &file.path));
    let place = if folder.is_empty() { dir.to_path_buf() } else { inside(dir, folder)? };
    let is_there = place.is_dir();
    let compare = |file: &&File| {
        let name = file.path.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
        let outside = || OutputError::Outside { path: file.path.clone() };
        if !is_there {
            return if leads_down(Path::new(name)) { Ok(Found::Nothing) } else { Err(outside()) };
        }
        let target = below(&place, name).ok_or_else(outside)?;
        Ok(match read_at(&target, &file.path)? {
            Some(text) if text == file.contents => Found::Same,
            Some(text) => Found::Other(text),
            None => Found::Nothing,
        })
    };
    files.iter().map(compare).collect()
}

/// The folder of a path, without its last `/`; empty for the project's own.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The text at `path`, none if there is no file; bytes that are no UTF-8 are shown as such and count as an edit.
pub fn read_text(dir: &Path, path: &str) -> Result<Option<String>, OutputError> {
    read_at(&inside(dir, path)?, path)
}

fn read_at(target: &Path, path: &str) -> Result<Option<String>, OutputError> {
    match fs::read(target) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes);
            Ok(Some(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(OutputError::io(path, error)),
    }
}

/// The place of `path` on disk, refused if it would leave `dir`: by `..`, as an absolute path, or through a symbolic link.
pub(super) fn inside(dir: &Path, path: &str) -> Result<PathBuf, OutputError> {
    below(dir, path).ok_or_else(|| OutputError::Outside { path: path.to_owned() })
}

fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path);
    if !leads_down(relative) {
        return None;
    }
    let mut target = folder.to_path_buf();
    for part in relative.components() {
        target.push(part);
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.file_type().is_symlink() => return None,
            Ok(_) => {}
            // Below what is not there, nothing is.
            Err(_) => return Some(folder.join(relative)),
        }
    }
    Some(target)
}

/// Whether every part of the path names something in the folder before it.
fn leads_down(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)))
}
