//! What would have to change on disk: decided before anything is touched.

use super::manifest::{MANIFEST, Manifest};
use super::on_disk::{Found, compare, read_text};
use super::{File, Files, OutputError, Owner};
use std::borrow::Cow;
use std::path::Path;

/// A file to write, with what stands there now.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// Relative path.
    pub path: Cow<'a, str>,
    /// What is on disk, if anything.
    pub before: Option<String>,
    /// What will be.
    pub after: Cow<'a, str>,
}

/// Everything one run would do.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    /// Files to create or rewrite.
    pub write: Vec<Change<'a>>,
    /// Files of ours that no input asks for any more.
    pub remove: Vec<Change<'a>>,
    /// How many files are as they should be.
    pub unchanged: usize,
    /// Managed files that somebody edited, with what would replace them (an empty text: the file would go).
    pub edited: Vec<Change<'a>>,
    /// Files of the user that nothing needs any more; named, never removed.
    pub orphans: Vec<String>,
}

impl Plan<'_> {
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
pub fn plan<'a>(dir: &Path, files: &'a Files) -> Result<Plan<'a>, OutputError> {
    let before = Manifest::parse(&read_text(dir, MANIFEST)?.unwrap_or_default());
    let mut plan = Plan::default();
    let wanted: Vec<&File> = files.iter().collect();
    for (file, found) in wanted.iter().zip(compare(dir, &wanted)?) {
        let on_disk = match found {
            Found::Same => {
                plan.unchanged += 1;
                continue;
            }
            Found::Other(text) => Some(text),
            Found::Nothing => None,
        };
        let change = |before| Change { path: file.path.as_str().into(), before, after: file.contents.as_str().into() };
        match (on_disk, file.owner) {
            (None, Owner::Yours) if before.is_yours(&file.path) => plan.unchanged += 1,
            (Some(_), Owner::Yours) => plan.unchanged += 1,
            (None, _) => plan.write.push(change(None)),
            (Some(text), Owner::Ours) if !before.wrote(&file.path, text.as_bytes()) => {
                plan.edited.push(change(Some(text)))
            }
            (Some(text), Owner::Ours | Owner::OursList) => plan.write.push(change(Some(text))),
        }
    }
    for path in before.stale(files).filter(|path| *path != MANIFEST) {
        let Some(text) = read_text(dir, path)? else { continue };
        let wrote = before.wrote(path, text.as_bytes());
        let change = Change { path: path.to_owned().into(), before: Some(text), after: Cow::Borrowed("") };
        if wrote { plan.remove.push(change) } else { plan.edited.push(change) }
    }
    plan.orphans = before.orphans(files).filter(|path| dir.join(path).exists()).map(str::to_owned).collect();
    let after = Manifest::of(files, &before).print();
    match read_text(dir, MANIFEST)? {
        Some(text) if text == after => plan.unchanged += 1,
        text => plan.write.push(Change { path: MANIFEST.into(), before: text, after: after.into() }),
    }
    Ok(plan)
}
