//! Embeds templates, examples and the runtime's source, so that the installed tool works from any folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Each folder that is embedded, the constant that holds it, and whether its files are text.
const FOLDERS: &[(&str, &str, bool)] =
    &[("templates", "TEMPLATES", true), ("schema-examples", "EXAMPLES", false), ("runtime", "RUNTIME", false)];

/// What of the runtime crate a project does not need.
const SKIPPED: &[&str] = &["runtime/tests", "runtime/benches", "runtime/target"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut text = String::new();
    for (folder, name, is_text) in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        let (kind, include) = if *is_text { ("&str", "include_str") } else { ("&[u8]", "include_bytes") };
        let _ = writeln!(text, "/// Files below `{folder}/`, by path.\npub static {name}: &[(&str, {kind})] = &[");
        let mut paths = Vec::new();
        walk(&root, Path::new(folder), &mut paths)?;
        paths.sort();
        for path in &paths {
            let relative = path.strip_prefix(&format!("{folder}/")).unwrap_or(path);
            // The root is left to the compiler: two checkouts may share a target folder, and then this file too.
            let place = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", format!("/{path}"));
            let _ = writeln!(text, "    ({relative:?}, {include}!({place})),");
        }
        text.push_str("];\n");
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("embedded.rs"), text)
}

/// Collects the files below `folder`, with `/` between the parts.
fn walk(root: &Path, folder: &Path, paths: &mut Vec<String>) -> io::Result<()> {
    if !root.join(folder).is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let spelled = path.to_string_lossy().replace('\\', "/");
        if SKIPPED.contains(&spelled.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(root, &path, paths)?;
        } else {
            paths.push(spelled);
        }
    }
    Ok(())
}
