//! Whether there is anything to do at all.
//!
//! A run that wrote what there was to write, and had nothing to say, leaves one hash over all that it read and wrote. While the
//! hash is still that of what is on disk, another run of the same tool would come to the same end. It is kept in `target/`, if
//! the project was built there: it is of this one machine, and nobody misses it. `gen --check` never looks at it.

use super::lock::FOLDER;
use super::manifest::{MANIFEST, Manifest};
use super::parallel::{cores, in_parallel};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where the hash is kept.
const KEPT: &str = "target/scaffold-gen";

/// What a run reads, beside the lock and what it has written.
const INPUTS: [&str; 3] = ["scaffold.yaml", "schema", "model"];

/// How many files are as the last run left them; none if anything may be different.
pub fn unchanged(dir: &Path) -> Option<usize> {
    let kept = fs::read_to_string(dir.join(KEPT)).ok()?;
    let (hash, files) = state(dir)?;
    (kept == hash).then_some(files)
}

/// Keeps the hash of what is on disk now.
pub fn keep_state(dir: &Path) {
    if !dir.join("target").is_dir() {
        return;
    }
    if let Some((hash, _)) = state(dir) {
        // Without it the next run takes longer, that is all.
        let _ = fs::write(dir.join(KEPT), hash);
    }
}

/// Forgets it: what follows may leave the disk in any state.
pub fn forget_state(dir: &Path) {
    let _ = fs::remove_file(dir.join(KEPT));
}

/// The hash over the tool, its inputs and its outputs, and the number of outputs; none if something cannot be read.
fn state(dir: &Path) -> Option<(String, usize)> {
    let manifest = Manifest::parse(&fs::read_to_string(dir.join(MANIFEST)).ok()?);
    let outputs: Vec<PathBuf> = manifest.ours().map(|path| dir.join(path)).collect();
    // The manifest is one of them, and does not name itself.
    let files = manifest.len() + 1;
    let mut paths = outputs;
    for input in INPUTS.into_iter().chain([FOLDER]) {
        below(&dir.join(input), &mut paths)?;
    }
    paths.sort();
    paths.dedup();
    let hashes = in_parallel(&paths, cores(), |path| fs::read(path).ok().map(|bytes| blake3::hash(&bytes)));
    let mut hasher = blake3::Hasher::new();
    hasher.update(tool()?.as_bytes());
    for (path, hash) in paths.iter().zip(hashes) {
        hasher.update(path.strip_prefix(dir).ok()?.as_os_str().as_encoded_bytes());
        hasher.update(&[0]);
        hasher.update(hash?.as_bytes());
    }
    Some((hasher.finalize().to_hex().to_string(), files))
}

/// Every file there.
fn below(path: &Path, into: &mut Vec<PathBuf>) -> Option<()> {
    let kind = match fs::metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(_) => return Some(()),
    };
    if !kind.is_dir() {
        into.push(path.to_owned());
        return Some(());
    }
    for entry in fs::read_dir(path).ok()? {
        below(&entry.ok()?.path(), into)?;
    }
    Some(())
}

/// Which tool this is: one that was built anew may emit something else under the same version.
fn tool() -> Option<String> {
    let metadata = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", env!("CARGO_PKG_VERSION"), metadata.len(), built.as_nanos()))
}
