//! After a change of one field cargo compiles the crates that it concerns and no others, by cargo's own account.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod projects;

use projects::{generate, target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A second service, which has nothing to do with the first.
const LIBRARY: &[(&str, &str)] = &[
    (
        "schema/library/book.graphql",
        "type Book @upsertOn(on: { topic: \"library\", eventTypes: [\"BookBought\"] }, identifyBy: { payload: [\"bookId\"] }) {\n  \
         title: String! @index\n}\n",
    ),
    (
        "model/library/buy-book.yaml",
        "events:\n  BookBought: { fields: { bookId: ID!, title: String! }, tags: [\"book:{bookId}\"] }\ncommands:\n  \
         BuyBook: { fields: { bookId: ID!, title: String! }, emit: [{ BookBought: {} }] }\n",
    ),
];

#[test]
fn a_field_of_a_projection_concerns_its_crate_and_those_that_show_it() {
    let input = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses"), input.path());
    for (path, text) in LIBRARY {
        let path = input.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    compiled(input.path());
    assert_eq!(compiled(input.path()), BTreeSet::new(), "nothing has changed");

    change(input.path(), "schema/enrollment/course.graphql", "  \"How many seats there are.\"", "  room: String\n");
    let rebuilt = compiled(input.path());
    concerned(&rebuilt, "enrollment", &["projections", "grpc"], &["events", "commands", "crud"]);

    change(
        input.path(),
        "model/enrollment/define-course.yaml",
        "    permission: [TEACHER, ADMIN]",
        "    # Only a comment.\n",
    );
    assert_eq!(compiled(input.path()), BTreeSet::new(), "a comment says nothing to a compiler");

    change(
        input.path(),
        "schema/enrollment/student.graphql",
        "  \"How far the student has come.\"",
        "  phone: String\n",
    );
    concerned(&compiled(input.path()), "enrollment", &["events", "crud", "grpc"], &[]);

    change(input.path(), "model/library/buy-book.yaml", "commands:", "# Last.\n");
    let file = input.path().join("model/library/buy-book.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("BuyBook: { fields: {", "BuyBook: { fields: { shelf: Int,")).unwrap();
    concerned(&compiled(input.path()), "library", &["commands", "grpc"], &["events", "projections"]);
}

/// These crates of a service were compiled, those and all of the other service's were not, nor was the runtime.
fn concerned(rebuilt: &BTreeSet<String>, service: &str, these: &[&str], not: &[&str]) {
    for part in these {
        assert!(rebuilt.contains(&format!("{service}-{part}")), "{part}: {rebuilt:?}");
    }
    for part in not {
        assert!(!rebuilt.contains(&format!("{service}-{part}")), "{part}: {rebuilt:?}");
    }
    let other = if service == "library" { "enrollment" } else { "library" };
    let of_other = |name: &&String| *name == other || name.starts_with(&format!("{other}-"));
    assert_eq!(rebuilt.iter().find(of_other), None, "{rebuilt:?}");
    assert!(!rebuilt.contains("scaffold-runtime") && rebuilt.contains("app"), "{rebuilt:?}");
}

/// Generates and checks; gives the packages that cargo compiled anew.
fn compiled(input: &Path) -> BTreeSet<String> {
    let project = generate(&input.display().to_string(), "rebuild");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--workspace", "--offline", "--quiet", "--message-format=json"])
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let artifacts = messages.filter(|message| message["reason"] == "compiler-artifact" && message["fresh"] == false);
    artifacts.map(|message| message["target"]["name"].as_str().unwrap().replace('_', "-")).collect()
}

/// Adds lines before one of a file.
fn change(input: &Path, file: &str, before: &str, added: &str) {
    let path = input.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(before), "{text}");
    fs::write(path, text.replacen(before, &format!("{added}{before}"), 1)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(drop).unwrap() }
    }
}
