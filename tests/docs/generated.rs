//! A project, generated into a folder and tested there.

use crate::document::root;
use scaffold_cli::check::CheckedModel;
use scaffold_cli::output::Lock;
use std::process::Command;

/// Runs the tests of one generated crate.
pub fn run_tests(model: &CheckedModel, package: &str) {
    let folder = tempfile::tempdir().unwrap();
    for file in scaffold_cli::emit::emit(model, Lock::default()).unwrap().iter() {
        let contents = match file.path.as_str() {
            "Cargo.toml" => {
                file.contents.replace("path = \"runtime\"", &format!("path = {:?}", root().join("runtime")))
            }
            _ => file.contents.clone(),
        };
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }
    std::fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--offline", "--package", package])
        .env("CARGO_TARGET_DIR", target())
        .current_dir(folder.path())
        .output()
        .expect("cargo runs");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

/// The folder that everything here builds into.
fn target() -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), std::path::PathBuf::from);
    if target.is_absolute() { target } else { root().join(target) }
}
