//! `scaffold.lock/` as it is on disk: the texts that [`super::lock::Lock`] reads, and the version that generated the project.

use super::journal::OutputError;
use super::lock::FOLDER;
use super::on_disk::inside;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Where the version of the tool stands.
pub const TOOL: &str = "scaffold.lock/tool";

/// Every file of the lock with its path relative to the project, sorted; none if there is no lock yet.
pub fn read_lock(dir: &Path) -> Result<Vec<(String, String)>, OutputError> {
    let mut texts = Vec::new();
    for service in names(&inside(dir, FOLDER)?)? {
        let folder = format!("{FOLDER}/{service}");
        let path = inside(dir, &folder)?;
        if !path.is_dir() {
            continue;
        }
        for file in names(&path)? {
            let relative = format!("{folder}/{file}");
            let text =
                fs::read_to_string(inside(dir, &relative)?).map_err(|error| OutputError::io(&relative, error))?;
            texts.push((relative, text));
        }
    }
    Ok(texts)
}

/// The version that generated the project; none if nothing was generated yet.
pub fn generated_by(dir: &Path) -> Result<Option<String>, OutputError> {
    match fs::read_to_string(inside(dir, TOOL)?) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(OutputError::io(TOOL, error)),
    }
}

/// The names in a folder, sorted; none if there is no such folder.
fn names(folder: &Path) -> Result<Vec<String>, OutputError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(OutputError::io(folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| OutputError::io(folder, error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
