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

/// Built once in a run: what runs already is not written over.
fn of_input(input: &str, name: &str, programs: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = target().join("programs").join(name);
    if built.insert(input.to_owned()) {
        build(&generate(input, name), "--offline", programs, folder.clone());
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
