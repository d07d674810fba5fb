//! The programs that the tests start. All projects build programs of the same names into one folder, so each is copied out of
//! it before the next one is built.

use super::projects::{generate, target};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

static BUILDING: Mutex<()> = Mutex::new(());

/// The folder with the sample's programs: `SAMPLE_PROGRAMS`, or built here.
pub fn of_sample() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| match std::env::var_os("SAMPLE_PROGRAMS") {
        Some(path) => PathBuf::from(path),
        None => {
            let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated-sample");
            build(&sample, "--locked", &["app", "gateway", "enrollment"], target().join("sample"))
        }
    })
}

/// The application of a project in `tests/fixtures`.
pub fn of_fixture(name: &str) -> PathBuf {
    of_input(&format!("tests/fixtures/{name}"), name, &["app"]).join("app")
}

/// The application of a project in `tests/fixtures` after one of its files was edited: `from` became `to`, wherever it stood.
pub fn of_edited_fixture(name: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let dir = tempfile::tempdir().expect("a folder for the input");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name), dir.path());
    let file = dir.path().join(file);
    let text = fs::read_to_string(&file).expect("the file is there");
    assert!(text.contains(from), "{from} stands in {}", file.display());
    fs::write(&file, text.replace(from, to)).expect("the file is written");
    // In the folder of the project as it was: cargo takes crates of one name below its target folder for one and the same.
    let (input, programs) = (dir.path().to_str().expect("a path in UTF-8"), target().join("programs"));
    built(input, name, &["app"], programs.join(format!("{name}-edited"))).join("app")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the folder is read").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(from, to).map(drop).expect("the file is copied") }
    }
}

/// The folder with the application of a project in `tests/fixtures`, and with these programs of it.
pub fn of_services(name: &str, programs: &[&str]) -> PathBuf {
    of_input(&format!("tests/fixtures/{name}"), name, programs)
}

/// The application of an example in `schema-examples`.
pub fn of_example(name: &str) -> PathBuf {
    of_input(&format!("schema-examples/{name}"), name, &["app"]).join("app")
}

/// The application of a project anywhere.
pub fn of_folder(input: &Path, name: &str) -> PathBuf {
    of_input(&input.display().to_string(), name, &["app"]).join("app")
}

fn of_input(input: &str, name: &str, programs: &[&str]) -> PathBuf {
    built(input, name, programs, target().join("programs").join(name))
}

/// Built once in a run: what runs already is not written over.
fn built(input: &str, project: &str, programs: &[&str], folder: PathBuf) -> PathBuf {
    static BUILT: Mutex<BTreeSet<(String, PathBuf)>> = Mutex::new(BTreeSet::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.insert((input.to_owned(), folder.clone())) {
        build(&generate(input, project), "--offline", programs, folder.clone());
    }
    folder
}

fn build(project: &Path, mode: &str, programs: &[&str], folder: PathBuf) -> PathBuf {
    let _alone = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let target = target();
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", mode, "--bins", "--target-dir"])
        .arg(&target)
        .current_dir(project)
        .env_remove("RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "{} is built", project.display());
    fs::create_dir_all(&folder).expect("a folder for the programs");
    for program in programs {
        let copied = folder.join(program);
        // A program that runs cannot be written over, but its name can be given to another file.
        let _ = fs::remove_file(&copied);
        fs::copy(target.join("debug").join(program), copied).expect("the program was built");
    }
    folder
}
