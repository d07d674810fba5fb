//! Generated projects for tests: written below the target folder, where what did not change keeps its times.

use scaffold_cli::diagnostic::Sink;
use scaffold_cli::emit::emit;
use scaffold_cli::output::{Files, Lock, Owner};
use scaffold_cli::place::Sources;
use scaffold_cli::{check, lower, source};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Generates the project of an input folder below the target folder; what was there and did not change keeps its times.
pub fn generate(input: &str, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sink = Sink::default();
    let raw = source::read(&root.join(input), &mut sink);
    let mut model = lower::lower(&raw, &mut sink);
    model.project.runtime = scaffold_cli::model::RuntimeSource::Path(root.join("runtime").display().to_string());
    let model = check::check(model, &mut sink, false);
    assert!(!sink.has_errors(), "{}", messages(&sink, &raw.sources));
    let mut files = emit(&model.expect("a model without errors is checked"), Lock::default()).unwrap();
    take_own(&root.join(input), &root.join(input).join("services"), &mut files);
    let project = target().join("projects").join(name);
    let kept: Vec<PathBuf> = files.iter().map(|file| project.join(&file.path)).collect();
    remove_others(&project, &kept);
    for (file, path) in files.iter().zip(&kept) {
        if fs::read_to_string(path).ok().as_deref() != Some(file.contents.as_str()) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.contents).unwrap();
        }
    }
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    project
}

/// What the input has of its own below `services/` stands instead of what would be made once.
fn take_own(input: &Path, folder: &Path, files: &mut Files) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            take_own(input, &path, files);
        } else {
            let name = path.strip_prefix(input).unwrap().display().to_string();
            assert!(files.get(&name).is_some_and(|file| file.owner == Owner::Yours), "nothing needs {name}");
            files.push(Owner::Yours, name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Leaves no file of an earlier run behind.
fn remove_others(folder: &Path, kept: &[PathBuf]) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            remove_others(&path, kept);
            // Fails for those that still hold something.
            let _ = fs::remove_dir(&path);
        } else if !kept.contains(&path) {
            fs::remove_file(&path).unwrap();
        }
    }
}

fn messages(sink: &Sink, sources: &Sources) -> String {
    let line = |problem: &&scaffold_cli::diagnostic::Diagnostic| {
        let at = problem.place.map(|place| (sources.path(place.file), sources.line_column(place)));
        format!("{at:?} {}\n", problem.message)
    };
    sink.sorted().iter().map(line).collect()
}

/// The folder that all generated projects build into.
pub fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if target.is_absolute() { target } else { root.join(target) }
}
