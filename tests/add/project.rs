//! A small project, and what the tool does to it.

use clap::Parser;
use scaffold_cli::args::Cli;
use scaffold_cli::commands::{Outcome, run};
use scaffold_cli::diagnostic::{Format, Severity, render};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What its schema says.
pub const SCHEMA: &str = "enum Permission { STUDENT ADMIN }\nenum Level { BEGINNER ADVANCED NULL }\n\
    type Address { street: String! level: Level note: String parts: [Part!]! }\ntype Part { name: String! }\n\
    type Student @crudType @permission(all: [ADMIN]) { name: String! }\n";
/// What its model says.
pub const MODEL: &str = "# The register.\nevents:\n  # A course begins here.\n  CourseDefined:\n    fields: { courseId: ID!, title: String! }\n    tags: [\"course:{courseId}\"]   # found by it\n";

/// A project with one service and a slice in a file of its own.
pub fn project() -> tempfile::TempDir {
    with_model("model/school/course-defined.yaml", MODEL)
}

/// One whose model is this text at this path.
pub fn with_model(path: &str, model: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "scaffold.yaml", "name: campus\n");
    put(dir.path(), "schema/school/types.graphql", SCHEMA);
    put(dir.path(), path, model);
    dir
}

/// Writes a file.
pub fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A file's text.
pub fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `scaffold add`
pub fn add(dir: &Path, args: &[&str]) -> Outcome {
    let all = ["scaffold", "-C", dir.to_str().unwrap(), "--quiet", "add"].into_iter().chain(args.iter().copied());
    run(&Cli::try_parse_from(all).unwrap_or_else(|error| panic!("{args:?}: {error}")))
}

pub fn tree(dir: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(dir).unwrap().display().to_string(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// What check says, errors only or all.
pub fn said(dir: &Path, severity: Option<Severity>) -> String {
    let judged = scaffold_cli::judge(dir, true);
    let found = judged.sink.sorted().into_iter().filter(|found| severity.is_none_or(|wanted| found.severity == wanted));
    let mut sink = scaffold_cli::diagnostic::Sink::default();
    found.cloned().for_each(|diagnostic| sink.push(diagnostic));
    render(&sink, &judged.sources, Format::Human { color: false })
}
