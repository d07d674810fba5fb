//! Where something stands in the text that a user wrote: the ground floor, which every room may use.

use std::path::PathBuf;

/// Identifies one file of [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file; `start == end` is a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Every text that was read in this run, by [`FileId`]. Paths are relative to the project and use `/`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One text and the path it came from.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the project's folder, with `/` on every system.
    pub path: String,
    /// The text as read.
    pub text: String,
}

impl Sources {
    /// Adds a file and gives its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(SourceFile { path: path.into(), text: text.into() });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file with this id.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// Line and column of the place's start, both from 1; the column counts characters.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let Some(file) = self.get(place.file) else { return (1, 1) };
        let mut start = (place.start as usize).min(file.text.len());
        while !file.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &file.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// The path on disk of a file, below the project's folder.
    pub fn path(&self, id: FileId) -> PathBuf {
        self.get(id).map(|file| PathBuf::from(&file.path)).unwrap_or_default()
    }
}
