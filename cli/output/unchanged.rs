//! Whether there is anything to do at all.
//!
//! A run that wrote what there was to write, and had nothing to say, leaves one hash over all that it read and wrote, behind one
//! of what it read alone. While both are still those of what is on disk, another run of the same tool would come to the same end. They are kept in `target/`, if
//! the project was built there: it is of this one machine, and nobody misses it. `gen --check` never looks at it.

use super::lock::FOLDER;
use super::manifest::{MANIFEST, Manifest};
use super::{Files, Owner};
use crate::parallel::{cores, in_parallel};
use blake3::Hash;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Where the hash is kept.
const KEPT: &str = "target/scaffold-gen";

/// What a run reads, beside the lock and what it has written.
const INPUTS: [&str; 3] = ["scaffold.yaml", "schema", "model"];

/// By paths below the project, as the plain text that they are: to take them apart took longer than to hash the files.
type Hashes = BTreeMap<OsString, Hash>;

/// What a run reads, by hash, as it was before the run.
#[derive(Clone, Debug)]
pub struct Inputs {
    hashes: Option<Hashes>,
}

impl Inputs {
    /// Looks at the inputs now.
    pub fn read(dir: &Path) -> Self {
        let mut paths = Vec::new();
        let found = INPUTS.into_iter().try_for_each(|input| below(dir, input.as_ref(), &mut paths));
        Self { hashes: found.and_then(|()| hash_all(dir, paths)) }
    }
}

/// How many files are as the last run left them; none if anything may be different.
pub fn unchanged(dir: &Path, inputs: &Inputs) -> Option<usize> {
    let kept = fs::read_to_string(dir.join(KEPT)).ok()?;
    let (read, all) = kept.split_once(' ')?;
    let hashes = inputs.hashes.as_ref()?;
    // Where the inputs are others, nobody needs to look at what came of them.
    if read != hash_of(hashes)? {
        return None;
    }
    let (hash, files) = state(dir, hashes.clone())?;
    (all == hash).then_some(files)
}

/// Keeps the hash of what a run has read, as it was before, and of what it has written or found as it is to be.
///
/// Nothing of it is read again: what somebody changes while the run is at work is a change.
pub fn keep_state(dir: &Path, inputs: &Inputs, files: &Files) {
    if !dir.join("target").is_dir() {
        return;
    }
    let Some(mut known) = inputs.hashes.clone() else { return };
    let read = hash_of(&known);
    let files = files.iter().filter(|file| file.owner != Owner::Yours);
    known.extend(files.map(|file| (OsString::from(&file.path), file.hash)));
    if let (Some(read), Some((all, _))) = (read, state(dir, known)) {
        // Without it the next run takes longer, that is all.
        let _ = fs::write(dir.join(KEPT), format!("{read} {all}"));
    }
}

/// Forgets it: what follows may leave the disk in any state.
pub fn forget_state(dir: &Path) {
    let _ = fs::remove_file(dir.join(KEPT));
}

/// The hash over the tool, its inputs and its outputs, and the number of outputs; none if something cannot be read.
fn state(dir: &Path, mut hashes: Hashes) -> Option<(String, usize)> {
    let manifest = Manifest::parse(&fs::read_to_string(dir.join(MANIFEST)).ok()?);
    let mut paths: Vec<OsString> = manifest.ours().map(OsString::from).collect();
    below(dir, FOLDER.as_ref(), &mut paths)?;
    paths.retain(|path| !hashes.contains_key(path));
    // The manifest names most of what is in the lock.
    paths.sort_unstable();
    paths.dedup();
    hashes.extend(hash_all(dir, paths)?);
    // The manifest is one of them, and does not name itself.
    Some((hash_of(&hashes)?, manifest.len() + 1))
}

/// One hash over the tool and these files.
fn hash_of(hashes: &Hashes) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tool()?.as_bytes());
    for (path, hash) in hashes {
        hasher.update(path.as_encoded_bytes());
        hasher.update(&[0]);
        hasher.update(hash.as_bytes());
    }
    Some(hasher.finalize().to_hex().to_string())
}

/// The hash of each file; none if one cannot be read.
fn hash_all(dir: &Path, paths: Vec<OsString>) -> Option<Hashes> {
    let hashes = in_parallel(&paths, cores(), |path| {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(dir.join(path)).ok()?).ok()?;
        Some(hasher.finalize())
    });
    paths.into_iter().zip(hashes).map(|(path, hash)| Some((path, hash?))).collect()
}

/// Every file there.
fn below(dir: &Path, path: &OsStr, into: &mut Vec<OsString>) -> Option<()> {
    let place = dir.join(path);
    let kind = match fs::metadata(&place) {
        Ok(metadata) => metadata.file_type(),
        Err(_) => return Some(()),
    };
    if !kind.is_dir() {
        into.push(path.to_owned());
        return Some(());
    }
    for entry in fs::read_dir(place).ok()? {
        let mut inner = path.to_owned();
        inner.push("/");
        inner.push(entry.ok()?.file_name());
        below(dir, &inner, into)?;
    }
    Some(())
}

/// Which tool this is: one that was built anew may emit something else under the same version.
fn tool() -> Option<String> {
    let metadata = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", env!("CARGO_PKG_VERSION"), metadata.len(), built.as_nanos()))
}
