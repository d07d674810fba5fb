//! What bad input gets: each file of `tests/invalid` holds one mistake, and stands beside what the tool says about it.
//!
//! A `.yaml` file joins the model of a small sound project (`tests/invalid/base`), a `.graphql` file its schema; a `.project`
//! file holds several files, each below a line `== path ==`. `.strict.` in the name checks with `--strict`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::{Format, render};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Human { color: false };

#[test]
fn each_mistake_is_told() {
    let mut findings = Vec::new();
    insta::with_settings!({snapshot_path => "invalid/expected", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::glob!("invalid/*.*", |file| {
            let project = tempfile::tempdir().unwrap();
            sound_project(project.path());
            add(project.path(), file);
            let judged = scaffold_cli::judge(project.path(), name(file).contains(".strict."));
            insta::assert_snapshot!("told", render(&judged.sink, &judged.sources, FORMAT));
            let codes: BTreeSet<&str> = judged.sink.sorted().iter().map(|diagnostic| diagnostic.code.as_str()).collect();
            let expected = name(file).split('-').next().unwrap_or_default().to_owned();
            if codes != BTreeSet::from([expected.as_str()]) {
                findings.push(format!("{}: {codes:?}", name(file)));
            }
        });
    });
    assert!(findings.is_empty(), "one mistake, one code, but:\n{}", findings.join("\n"));
}

#[test]
fn the_project_around_them_is_sound() {
    let project = tempfile::tempdir().unwrap();
    sound_project(project.path());
    let judged = scaffold_cli::judge(project.path(), true);
    assert_eq!(render(&judged.sink, &judged.sources, FORMAT), "");
    assert!(judged.model.is_some());
}

#[test]
fn the_examples_are_sound() {
    for example in
        std::fs::read_dir(root().join("schema-examples")).unwrap().flatten().filter(|entry| entry.path().is_dir())
    {
        let judged = scaffold_cli::judge(&example.path(), true);
        assert_eq!(render(&judged.sink, &judged.sources, FORMAT), "", "{}", example.path().display());
    }
}

#[test]
fn words_of_other_languages_are_taken_as_names() {
    let judged = scaffold_cli::judge(&root().join("tests/names"), true);
    assert_eq!(render(&judged.sink, &judged.sources, FORMAT), "");
}

#[test]
fn there_are_enough_of_them() {
    let mistakes =
        std::fs::read_dir(root().join("tests/invalid")).unwrap().flatten().filter(|entry| entry.path().is_file());
    assert!(mistakes.count() >= 45);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}

fn sound_project(folder: &Path) {
    let base = root().join("tests/invalid/base");
    write(folder, "scaffold.yaml", "name: campus\n");
    write(folder, "schema/school/base.graphql", &std::fs::read_to_string(base.join("schema.graphql")).unwrap());
    write(folder, "model/school/base.yaml", &std::fs::read_to_string(base.join("model.yaml")).unwrap());
}

fn add(folder: &Path, file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    match file.extension().unwrap().to_str() {
        Some("yaml") => write(folder, "model/school/mistake.yaml", &text),
        Some("graphql") => write(folder, "schema/school/mistake.graphql", &text),
        Some("project") => sections(&text).for_each(|(path, text)| write(folder, path, text)),
        other => panic!("what is a {other:?}?"),
    }
}

/// `== path ==`, then the file's text up to the next such line.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("== ").skip(1).filter(|part| !part.trim().is_empty()).filter_map(|part| part.split_once(" ==\n"))
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
