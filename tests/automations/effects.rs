//! Automations that run Rust of the user's.

use super::process::Program;
use super::project::{project, try_cargo};
use super::{mails_to, register, until};
use serde_json::json;

fn told(dir: &std::path::Path) -> Vec<String> {
    std::fs::read_to_string(dir.join("told")).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn an_effect_runs_under_one_key_in_every_attempt() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("told").display().to_string();
    let app = Program::start("automata-app", dir.path(), &[("TOLD", &file)]);
    register(&app.api(), "s1", "ada@example.org");
    until("that the parents are told", || told(dir.path()).first().cloned());
    register(&app.api(), "far1", "eve@example.org");
    let parked = until("what is parked", || app.parked("TellParents").into_iter().next());
    assert_eq!(parked["error"], "it is too far");
    drop(app);
    let app = Program::start("automata-app", dir.path(), &[("TOLD", &file), ("FAR", "1")]);
    app.resend("TellParents", &parked);
    until("that nothing is parked", || app.parked("TellParents").is_empty().then_some(()));
    let lines = told(dir.path());
    let far: Vec<Vec<&str>> =
        lines.iter().filter(|line| line.starts_with("far1")).map(|line| line.split(' ').collect()).collect();
    assert_eq!(far.len(), 2, "{lines:?}");
    assert_eq!(far[0][1], far[1][1], "the same key");
    assert!(far[0][1].starts_with("TellParents/"), "{lines:?}");
    assert_eq!((far[0][2], far[1][2]), ("1", "2"), "attempts are counted");
}

#[test]
fn each_result_of_an_effect_becomes_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    api.data("mutation { wantSeat(input: {studentId: \"s1\", seats: 3}) { position } }", json!({}));
    until("three digests", || (mails_to(&api, "s1").len() == 3).then_some(()));
}

#[test]
fn an_effect_that_is_missing_stops_the_compiler_which_names_the_file() {
    let file = project().join("services/campus/effects/absent.rs");
    let list = project().join("generated/campus/automations/effects/lib.rs");
    assert!(!file.exists());
    let path = "../../../../services/campus/effects/absent.rs";
    // The very line that the generator writes, for a file that is not there.
    let text = std::fs::read_to_string(&list).unwrap();
    assert!(text.contains("#[path = \"../../../../services/campus/effects/digest.rs\"]"), "{text}");
    let own = list.with_file_name("missing.rs");
    std::fs::write(&own, format!("#[path = \"{path}\"]\nmod absent;\nfn main() {{}}\n")).unwrap();
    let said = std::process::Command::new("rustc")
        .arg(&own)
        .args(["--edition", "2024", "--emit", "metadata", "-o"])
        .arg(own.with_extension("out"))
        .output()
        .unwrap();
    std::fs::remove_file(&own).unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("services/campus/effects/absent.rs"), "{said}");
    assert!(try_cargo(&["metadata", "--offline", "--format-version", "1", "--no-deps"]).is_ok());
}
