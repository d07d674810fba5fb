//! Which files there are, and their texts: nothing outside the project, nothing that is no text.

use crate::diagnostic::codes::reading::{OUTSIDE_PROJECT, UNREADABLE_FILE};
use crate::diagnostic::{Diagnostic, Sink};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest input that is read.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Folders that never hold inputs.
const SKIPPED: &[&str] = &["deploy", "generated", "node_modules", "runtime", "scaffold.lock", "target"];

/// The folder of a project.
pub(super) struct Folder {
    root: PathBuf,
    /// The same without symbolic links.
    real: PathBuf,
    /// Texts that are read in place of what the disk has, by path.
    planned: BTreeMap<String, String>,
}

impl Folder {
    /// Opens a folder as it would be with the planned files.
    pub fn open(dir: &Path, planned: &BTreeMap<String, String>, sink: &mut Sink) -> Option<Self> {
        match fs::canonicalize(dir) {
            Ok(real) => Some(Self { root: dir.to_path_buf(), real, planned: planned.clone() }),
            Err(error) => {
                sink.push(Diagnostic::global(UNREADABLE_FILE, format!("cannot open {}: {error}", dir.display())));
                None
            }
        }
    }

    /// Is there such a file?
    pub fn has(&self, path: &str) -> bool {
        self.planned.contains_key(path) || self.root.join(path).is_file()
    }

    /// All files below a folder, by their paths with `/`, sorted. Hidden ones and those of other tools are left out.
    pub fn files(&self, below: &str, sink: &mut Sink) -> BTreeSet<String> {
        let mut walk = Walk { folder: self, seen: BTreeSet::new(), files: BTreeSet::new(), sink };
        if self.root.join(below).is_dir() {
            walk.folder(below);
        }
        let mut files = walk.files;
        let inside = |path: &&String| below.is_empty() || Path::new(path).starts_with(below);
        files.extend(self.planned.keys().filter(inside).cloned());
        files
    }

    /// The text of a file; what cannot be read is reported.
    pub fn text(&self, path: &str, sink: &mut Sink) -> Option<String> {
        if let Some(text) = self.planned.get(path) {
            return Some(text.clone());
        }
        let mut bytes = Vec::new();
        let read = fs::File::open(self.root.join(path)).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
        let why = match read {
            Err(error) => error.to_string(),
            Ok(_) if bytes.len() as u64 > LARGEST => format!("it is larger than {} MiB", LARGEST / 1024 / 1024),
            Ok(_) => match String::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(error) => format!("it is not UTF-8 from byte {} on", error.utf8_error().valid_up_to()),
            },
        };
        sink.push(Diagnostic::global(UNREADABLE_FILE, format!("cannot read {path}: {why}")));
        None
    }

    /// Where it really is, if that is inside the project.
    fn inside(&self, path: &str, sink: &mut Sink) -> Option<PathBuf> {
        match fs::canonicalize(self.root.join(path)) {
            Ok(real) if real.starts_with(&self.real) => Some(real),
            Ok(_) => {
                let problem = Diagnostic::global(OUTSIDE_PROJECT, format!("{path} leads out of the project"));
                sink.push(problem.help("copy the file into the project; a link out of it is another thing elsewhere"));
                None
            }
            Err(error) => {
                sink.push(Diagnostic::global(UNREADABLE_FILE, format!("cannot read {path}: {error}")));
                None
            }
        }
    }
}

/// One walk over a folder.
struct Walk<'a> {
    folder: &'a Folder,
    /// Real folders that were entered, so that links in a circle end.
    seen: BTreeSet<PathBuf>,
    files: BTreeSet<String>,
    sink: &'a mut Sink,
}

impl Walk<'_> {
    fn folder(&mut self, path: &str) {
        let mut waiting = vec![path.to_owned()];
        while let Some(path) = waiting.pop() {
            let Some(real) = self.folder.inside(&path, self.sink) else { continue };
            if !self.seen.insert(real) {
                continue;
            }
            match fs::read_dir(self.folder.root.join(&path)) {
                Ok(entries) => entries.flatten().for_each(|entry| self.entry(&path, &entry, &mut waiting)),
                Err(error) => {
                    self.sink.push(Diagnostic::global(UNREADABLE_FILE, format!("cannot read {path}: {error}")));
                }
            }
        }
    }

    fn entry(&mut self, folder: &str, entry: &fs::DirEntry, waiting: &mut Vec<String>) {
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let message = format!("the name of {} is not UTF-8", entry.path().display());
            self.sink.push(Diagnostic::global(UNREADABLE_FILE, message));
            return;
        };
        if name.starts_with('.') || (folder.is_empty() && SKIPPED.contains(&name)) {
            return;
        }
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let Ok(kind) = entry.file_type() else { return };
        if kind.is_symlink() && self.folder.inside(&path, self.sink).is_none() {
            return;
        }
        let full = self.folder.root.join(&path);
        if full.is_dir() {
            waiting.push(path);
        } else if full.is_file() {
            self.files.insert(path);
        }
    }
}
