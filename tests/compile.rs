//! Generated projects are real: they build without a warning, clippy has nothing to say, and their own tests pass.
//!
//! They build into the folder that everything here builds into, so that no library is compiled twice. The courses example is not
//! among them: `generated-sample/` is what comes of it, and is linted, tested and run as it stands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod projects;

use projects::{generate, target};
use std::path::Path;
use std::process::Command;

#[test]
fn every_kind_of_expression_builds_and_passes_its_specs() {
    let project = generate("tests/emit_fixtures/everything", "everything");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn every_kind_of_decision_builds_and_passes_its_specs() {
    let project = generate("tests/fixtures/decisions", "decisions");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn the_bank_builds_and_passes_its_specs() {
    let project = generate("schema-examples/banking", "banking");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn a_till_counts_exactly() {
    let project = generate("tests/fixtures/till", "till");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn an_erasure_leaves_what_the_examples_say() {
    let project = generate("tests/fixtures/erasure", "erasure");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn files_stand_wherever_a_value_can() {
    let project = generate("tests/fixtures/papers", "papers");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn the_hotel_builds_and_passes_its_specs() {
    let project = generate("schema-examples/hotel", "hotel");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn services_with_types_of_each_other_build_and_pass_their_specs() {
    let project = generate("tests/fixtures/neighbours", "neighbours");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn a_plant_that_deletes_what_it_has_measured_builds() {
    let project = generate("tests/fixtures/topics", "topics");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
}

#[test]
fn states_that_are_kept_build_and_pass_their_specs() {
    let project = generate("tests/fixtures/snapshots", "snapshots");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn hostile_names_and_half_empty_services_build() {
    let project = generate("tests/fixtures/hostile", "hostile");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
}

#[test]
fn words_of_other_languages_build_as_names() {
    let project = generate("tests/names", "names");
    cargo(&project, &["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&project, &["test", "--workspace", "--offline", "--quiet"]);
}

fn cargo(project: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "cargo {arguments:?} in {}:\n{text}\n{printed}", project.display());
}
