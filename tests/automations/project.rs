//! The fixture as a project that is built: generated, its effects written, its programs named so that they meet no other's.

use scaffold_cli::diagnostic::Sink;
use scaffold_cli::emit::emit;
use scaffold_cli::model::RuntimeSource;
use scaffold_cli::output::Lock;
use scaffold_cli::{check, lower, source};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

/// What the user writes: the crate's files by their path in the project.
const WRITTEN: &[(&str, &str)] = &[
    ("services/campus/effects/tell_parents.rs", include_str!("written/tell_parents.rs")),
    ("services/campus/effects/count_changes.rs", include_str!("written/count_changes.rs")),
    ("services/campus/effects/find_seats.rs", include_str!("written/find_seats.rs")),
    ("services/campus/effects/call.rs", include_str!("written/call.rs")),
    ("services/campus/effects/digest.rs", include_str!("written/digest.rs")),
    ("services/records/effects/count_changes_elsewhere.rs", include_str!("written/count_changes_elsewhere.rs")),
];

/// The project's folder, generated once a run.
pub fn project() -> &'static Path {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    PROJECT.get_or_init(generate)
}

/// The folder with the built programs.
pub fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        cargo(&["build", "--offline", "--quiet", "--bins"]);
        target().join("debug")
    })
}

/// Runs cargo in the project and gives what it said, if all went well.
pub fn try_cargo(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(project())
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let said = [output.stderr, output.stdout].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// The same, which must go well.
pub fn cargo(arguments: &[&str]) {
    if let Err(said) = try_cargo(arguments) {
        panic!("cargo {arguments:?}:\n{said}");
    }
}

fn generate() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sink = Sink::default();
    let raw = source::read(&root.join("tests/fixtures/automations"), &mut sink);
    let mut model = lower::lower(&raw, &mut sink);
    model.project.runtime = RuntimeSource::Path(root.join("runtime").display().to_string());
    let model = check::check(model, &mut sink, true);
    assert_eq!(sink.sorted().len(), 0, "{:?}", sink.sorted());
    let files = emit(&model.expect("a sound model"), Lock::default()).unwrap();
    let project = target().join("projects/automata");
    for file in files.iter() {
        let written = WRITTEN.iter().find(|(path, _)| *path == file.path).map(|(_, text)| (*text).to_owned());
        // Its app and gateway are the user's, so they may be called anything.
        let named = matches!(file.path.as_str(), "app/Cargo.toml" | "gateway/Cargo.toml");
        let own = file.contents.replace("name = \"app\"", "name = \"automata-app\"");
        let own = own.replace("name = \"gateway\"", "name = \"automata-gateway\"");
        let text = written.unwrap_or_else(|| if named { own } else { file.contents.clone() });
        write(&project.join(&file.path), &text);
    }
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    project
}

/// What did not change keeps its time.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    if target.is_absolute() { target } else { root.join(target) }
}
