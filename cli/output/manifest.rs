//! `scaffold.lock/files`: which files on disk are ours, by hash, and which we created once for the user.
//!
//! One line a file, sorted by path: `<hash> <path>` for ours, `list <path>` for lists that git merges by union, `yours <path>`.
//! Git merges this file by union too: several hashes of one path are all accepted.

use super::{File, Files, Owner};
use blake3::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// Where the manifest stands in a project.
pub const MANIFEST: &str = "scaffold.lock/files";

const LIST: &str = "list";
const YOURS: &str = "yours";

/// The lines of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    marks: BTreeMap<String, BTreeSet<String>>,
}

impl Manifest {
    /// Reads the lines; a line that is none (a merge conflict's marker, say) is passed over.
    pub fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        for (mark, path) in text.lines().filter_map(|line| line.split_once(' ')) {
            let is_hash = mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_hash || mark == LIST || mark == YOURS {
                manifest.marks.entry(path.to_owned()).or_default().insert(mark.to_owned());
            }
        }
        manifest
    }

    /// The manifest of `files`, with what `before` remembers of the user's files.
    pub fn of(files: &Files, before: &Self) -> Self {
        let mut manifest = Self::default();
        for (path, marks) in &before.marks {
            if marks.contains(YOURS) {
                manifest.marks.insert(path.clone(), BTreeSet::from([YOURS.to_owned()]));
            }
        }
        for file in files.iter() {
            manifest.marks.insert(file.path.clone(), BTreeSet::from([mark(file)]));
        }
        manifest
    }

    /// The manifest as the text of its file.
    pub fn print(&self) -> String {
        let line = |(path, marks): (&String, &BTreeSet<String>)| -> String {
            marks.iter().map(|mark| format!("{mark} {path}\n")).collect()
        };
        self.marks.iter().map(line).collect()
    }

    /// Whether these bytes are what we once wrote at this path.
    pub fn wrote(&self, path: &str, bytes: &[u8]) -> bool {
        self.marks.get(path).is_some_and(|marks| marks.contains(LIST) || marks.contains(&shown(&blake3::hash(bytes))))
    }

    /// Whether the file was created for the user before.
    pub fn is_yours(&self, path: &str) -> bool {
        self.marks.get(path).is_some_and(|marks| marks.contains(YOURS))
    }

    /// Every path that we own.
    pub fn ours(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().filter(|(_, marks)| !marks.contains(YOURS)).map(|(path, _)| path.as_str())
    }

    /// How many files it names.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Paths that we own and `files` no longer has.
    pub fn stale<'a>(&'a self, files: &'a Files) -> impl Iterator<Item = &'a str> {
        self.gone(files, false)
    }

    /// Paths of the user that nothing in `files` needs any more.
    pub fn orphans<'a>(&'a self, files: &'a Files) -> impl Iterator<Item = &'a str> {
        self.gone(files, true)
    }

    fn gone<'a>(&'a self, files: &'a Files, yours: bool) -> impl Iterator<Item = &'a str> {
        let of_kind = move |marks: &BTreeSet<String>| marks.contains(YOURS) == yours;
        let gone = self.marks.iter().filter(move |(path, marks)| of_kind(marks) && files.get(path).is_none());
        gone.map(|(path, _)| path.as_str())
    }
}

fn mark(file: &File) -> String {
    match file.owner {
        Owner::Ours => shown(&file.hash),
        Owner::OursList => LIST.to_owned(),
        Owner::Yours => YOURS.to_owned(),
    }
}

/// 128 bits of BLAKE3 in hex: enough to notice any edit, short enough to read.
fn shown(hash: &Hash) -> String {
    hash.to_hex()[..32].to_owned()
}
