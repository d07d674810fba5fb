//! The files of this repository, as text.

use std::path::{Path, PathBuf};

/// One text file.
pub struct Text {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// Its contents.
    pub text: String,
}

impl Text {
    /// Whether the file holds nothing but the tests of a room.
    pub fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The code that ships: without comments, without tests.
    pub fn code(&self) -> String {
        if self.is_tests() {
            return String::new();
        }
        let shipped = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        shipped
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |code, line| code + line + "\n")
    }
}

/// The repository's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All text files below `folders` whose names end with one of `endings`, sorted.
pub fn texts(folders: &[&str], endings: &[&str]) -> Vec<Text> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    paths.dedup();
    paths
        .iter()
        .filter(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)))
        .filter_map(|path| read(path))
        .collect()
}

fn read(path: &Path) -> Option<Text> {
    let text = std::fs::read_to_string(path).ok()?;
    let relative = path.strip_prefix(root()).ok()?;
    Some(Text { path: relative.to_string_lossy().replace('\\', "/"), text })
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if path.is_file() {
        into.push(path.to_owned());
        return;
    }
    if ["target", ".git", "node_modules"].contains(&name.as_str()) {
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        collect(&entry.path(), into);
    }
}
