//! The tool as it is called: exit codes, what is printed, what is written and what is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "end_to_end/signing.rs"]
mod signing;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn scaffold(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scaffold"))
        .args(args)
        .current_dir(dir)
        .env_remove("AUTH_SECRET")
        .output()
        .expect("the tool runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the tool ends by itself")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every file below a folder with its bytes.
fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A generated project of the courses example, without the runtime's source.
fn courses(dir: &Path) -> std::path::PathBuf {
    let made = scaffold(dir, &["new", "campus", "--example", "courses", "--runtime", "path:../runtime"]);
    assert_eq!(code(&made), 0, "{}", stderr(&made));
    let project = dir.join("campus");
    let generated = scaffold(&project, &["gen"]);
    assert_eq!(code(&generated), 0, "{}", stderr(&generated));
    project
}

#[test]
fn new_puts_the_runtime_into_the_project_and_refuses_a_folder_in_use() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(code(&scaffold(dir.path(), &["new", "campus", "--example", "courses"])), 0);
    let project = dir.path().join("campus");
    assert!(project.join("runtime/src/lib.rs").exists() && project.join("runtime/Cargo.toml").exists());
    assert!(fs::read_to_string(project.join("scaffold.yaml")).unwrap().contains("name: campus"));
    assert_eq!(code(&scaffold(&project, &["gen"])), 0);
    let members = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(&project)
        .output()
        .unwrap();
    assert!(
        !stdout(&members).contains("runtime/Cargo.toml"),
        "the runtime's own tests are not the project's: {}",
        stderr(&members)
    );
    let before = tree(&project);
    let refused = scaffold(dir.path(), &["new", "campus"]);
    assert_eq!(code(&refused), 2);
    assert!(stderr(&refused).contains("not empty"), "{}", stderr(&refused));
    assert_eq!(tree(&project), before);
}

#[test]
fn new_says_what_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    for (args, expected) in [
        (vec!["new", "x", "--example", "course"], "did you mean `courses`?"),
        (vec!["new", "x", "--name", "../x"], "cannot be a project's name"),
        (vec!["new", "x", "--name", "Übung"], "cannot be a project's name"),
        (vec!["new", "x", "--runtime", "git:x"], "is not understood"),
    ] {
        let refused = scaffold(dir.path(), &args);
        assert_eq!(code(&refused), 2);
        assert!(stderr(&refused).contains(expected), "{}", stderr(&refused));
        assert!(!dir.path().join("x").exists());
    }
}

#[test]
fn a_name_that_gen_would_refuse_is_refused_by_new_and_another_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["try", "self", "std", "serde-json", "Campus", "my_campus", "2nd", "a-", "message", "package", "app"];
    for name in names {
        let made = scaffold(dir.path(), &["new", name, "--runtime", "path:../runtime"]);
        if code(&made) == 0 {
            let generated = scaffold(&dir.path().join(name), &["gen"]);
            assert_eq!(code(&generated), 0, "{name}: {}", stderr(&generated));
            continue;
        }
        let said = stderr(&made);
        assert!(said.contains(&format!("`{name}` cannot be a project's name: ")), "{said}");
        assert!(!dir.path().join(name).exists(), "{name}");
        let (_, better) = said.split_once("--name ").expect("another name is said");
        let better = better.split_whitespace().next().unwrap_or_default();
        let again = scaffold(dir.path(), &["new", name, "--name", better, "--runtime", "path:../runtime"]);
        assert_eq!(code(&again), 0, "{}", stderr(&again));
        let generated = scaffold(&dir.path().join(name), &["gen"]);
        assert_eq!(code(&generated), 0, "{name}: {}", stderr(&generated));
    }
    let tried = scaffold(dir.path(), &["new", "trait"]);
    assert_eq!(code(&tried), 2);
    assert!(stderr(&tried).contains("it is a keyword of Rust") && stderr(&tried).contains("--name my-trait"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let strip = |project: &Path| -> BTreeMap<String, Vec<u8>> {
        let mut files = tree(project);
        files.remove(".env");
        files
    };
    let (first, second) = (courses(one.path()), courses(two.path()));
    assert_eq!(strip(&first), strip(&second));
    let again = scaffold(&first, &["gen"]);
    assert!(stderr(&again).contains("0 written") && stderr(&again).contains("0 removed"), "{}", stderr(&again));
    assert_eq!(strip(&first), strip(&second));
    assert_eq!(code(&scaffold(&first, &["gen", "--check"])), 0);
}

#[test]
fn check_names_each_file_that_is_not_as_it_should_be_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let model = project.join("model/enrollment/define-course.yaml");
    let text = fs::read_to_string(&model).unwrap().replace("Put a course into the catalogue.", "Offer a course.");
    fs::write(&model, text).unwrap();
    fs::remove_file(project.join("generated/rustfmt.toml")).unwrap();
    let before = tree(&project);
    let checked = scaffold(&project, &["gen", "--check"]);
    assert_eq!(code(&checked), 1);
    let said = stdout(&checked);
    assert!(said.contains("missing: generated/rustfmt.toml"), "{said}");
    assert!(said.contains("differs: generated/enrollment/commands/src/define_course/command.rs"), "{said}");
    assert!(said.contains("-/// Put a course into the catalogue.") && said.contains("+/// Offer a course."), "{said}");
    assert_eq!(tree(&project), before);
    let lines = stdout(&scaffold(&project, &["gen", "--check", "--format", "json"]));
    for line in lines.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert!(lines.contains("\"missing\""), "{lines}");
    assert!(
        stdout(&scaffold(&project, &["gen", "--check", "--format", "github"]))
            .contains("::error file=generated/rustfmt.toml")
    );
}

#[test]
fn a_vanished_slice_is_stale_and_then_removed() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    fs::remove_file(project.join("model/enrollment/change-course-capacity.yaml")).unwrap();
    let schema = project.join("schema/enrollment/course.graphql");
    let text = fs::read_to_string(&schema).unwrap();
    let text = text.replace("\"CourseCapacityChanged\", ", "");
    let text: String =
        text.lines().filter(|line| !line.contains("CourseCapacityChanged")).map(|line| format!("{line}\n")).collect();
    fs::write(&schema, text).unwrap();
    for slice in ["subscribe-student", "course"] {
        let path = project.join(format!("model/enrollment/{slice}.yaml"));
        let text = fs::read_to_string(&path).unwrap().replace(", CourseCapacityChanged: event.newCapacity", "");
        let kept: Vec<&str> =
            text.split("      - name: ").filter(|spec| !spec.contains("CourseCapacityChanged")).collect();
        fs::write(&path, kept.join("      - name: ")).unwrap();
    }
    let slice = "generated/enrollment/commands/src/change_course_capacity/decide.rs";
    let checked = scaffold(&project, &["gen", "--check"]);
    assert_eq!(code(&checked), 1, "{}", stderr(&checked));
    assert!(stdout(&checked).contains(&format!("stale: {slice}")), "{}{}", stdout(&checked), stderr(&checked));
    assert_eq!(code(&scaffold(&project, &["gen"])), 0);
    assert!(!project.join(slice).exists());
}

#[test]
fn a_hand_edited_managed_file_stops_gen_and_a_users_file_survives() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let main = project.join("app/src/main.rs");
    let managed = project.join("generated/enrollment/commands/src/define_course/decide.rs");
    fs::write(&main, "// mine\n").unwrap();
    fs::write(&managed, "// mine too\n").unwrap();
    let before = tree(&project);
    let stopped = scaffold(&project, &["gen"]);
    assert_eq!(code(&stopped), 1);
    assert!(stderr(&stopped).contains("E0701") && stdout(&stopped).contains("-// mine too"), "{}", stderr(&stopped));
    assert_eq!(tree(&project), before);
    assert_eq!(code(&scaffold(&project, &["gen", "--force"])), 0);
    assert_ne!(fs::read_to_string(&managed).unwrap(), "// mine too\n");
    assert_eq!(fs::read_to_string(&main).unwrap(), "// mine\n");
}

#[test]
fn a_mistake_leaves_everything_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let model = project.join("model/enrollment/define-course.yaml");
    let text = fs::read_to_string(&model).unwrap().replace("reject: courseExists", "reject: courseExist");
    fs::write(&model, text).unwrap();
    let before = tree(&project);
    let refused = scaffold(&project, &["gen"]);
    assert_eq!(code(&refused), 1);
    let said = stderr(&refused);
    assert!(said.contains("model/enrollment/define-course.yaml:") && said.contains("courseExists"), "{said}");
    assert_eq!(tree(&project), before);
    assert_eq!(code(&scaffold(&project, &["check"])), 1);
}

#[test]
fn a_run_that_is_killed_leaves_the_old_tree_or_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let old = tree(&project);
    let model = project.join("model/enrollment/define-course.yaml");
    let text = fs::read_to_string(&model)
        .unwrap()
        .replace("courseId: ID!\n      title", "courseId: ID!\n      room: String\n      title");
    fs::write(&model, &text).unwrap();
    let input = ("model/enrollment/define-course.yaml".to_owned(), text.clone().into_bytes());
    for delay in 0..12 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scaffold"))
            .args(["gen", "--quiet"])
            .current_dir(&project)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay * 8));
        let _ = child.kill();
        child.wait().unwrap();
        let journal = project.join(".scaffold-tmp/journal").exists();
        let now: BTreeMap<_, _> =
            tree(&project).into_iter().filter(|(path, _)| !path.starts_with(".scaffold-tmp/")).collect();
        let mut untouched = old.clone();
        untouched.insert(input.0.clone(), input.1.clone());
        if now == untouched || journal {
            continue;
        }
        // Past the point of no return and done: it must be the whole new tree.
        let checked = scaffold(&project, &["gen", "--check"]);
        assert_eq!(code(&checked), 0, "half a tree after {delay}: {}", stdout(&checked));
    }
    assert_eq!(code(&scaffold(&project, &["gen"])), 0);
    assert_eq!(code(&scaffold(&project, &["gen", "--check"])), 0);
}

#[test]
fn codes_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    let explained = scaffold(dir.path(), &["explain", "e0701"]);
    assert_eq!(code(&explained), 0);
    assert!(stdout(&explained).starts_with("E0701: "));
    assert!(!stdout(&explained).contains("\n\n\n"), "no gaps: {}", stdout(&explained));
    let unknown = scaffold(dir.path(), &["explain", "E9999"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("E9999"));
}

#[test]
fn tokens_are_signed_with_the_projects_secret() {
    let dir = tempfile::tempdir().unwrap();
    let without = scaffold(dir.path(), &["token"]);
    assert_eq!(code(&without), 2);
    assert!(stderr(&without).contains("AUTH_SECRET"));
    fs::write(dir.path().join(".env"), "AUTH_SECRET=0123456789012345678901234567890123\n").unwrap();
    let token = stdout(&scaffold(dir.path(), &["token", "--tenant", "t1", "--sub", "u1", "--scope", "ADMIN"]));
    let claims = URL_SAFE_NO_PAD.decode(token.trim().split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(token.trim(), signing::hs256(&claims, "0123456789012345678901234567890123"));
    assert_eq!(
        (&claims["tenant"], &claims["sub"], &claims["scopes"][0]),
        (&"t1".into(), &"u1".into(), &"ADMIN".into())
    );
    assert_eq!(code(&scaffold(dir.path(), &["token", "--ttl", "soon"])), 2);
    assert_eq!(code(&scaffold(dir.path(), &["token", "--data", "[1]"])), 2);
}

#[test]
fn usage_errors_end_with_two_and_completions_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(code(&scaffold(dir.path(), &["generate"])), 2);
    assert_eq!(code(&scaffold(dir.path(), &["gen", "--check", "--force"])), 2);
    for shell in ["bash", "zsh", "fish"] {
        let script = scaffold(dir.path(), &["completions", shell]);
        assert_eq!(code(&script), 0);
        assert!(stdout(&script).contains("scaffold"));
    }
}

#[test]
fn editors_get_what_schema_prints() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let printed = |language: &str| stdout(&scaffold(&project, &["schema", language]));
    let kept = |path: &str| fs::read_to_string(project.join(path)).unwrap();
    assert_eq!(kept("generated/editor/event-model.schema.json"), printed("event-model"));
    assert_eq!(kept("generated/editor/project.schema.json"), printed("project"));
    assert!(kept("generated/editor/directives.graphql").ends_with(&printed("directives")));
    assert!(printed("directives").contains("directive @upsertOn(on: ScaffoldOn!"));
    let settings: serde_json::Value = serde_json::from_str(&kept(".vscode/settings.json")).unwrap();
    for path in settings["yaml.schemas"].as_object().unwrap().keys() {
        assert!(project.join(path).exists(), "{path}");
    }
    let config = kept("graphql.config.yml");
    assert!(config.contains("enrollment:") && config.contains("\"schema/enrollment/**/*.{graphql,gql}\""), "{config}");
    assert_eq!(code(&scaffold(&project, &["schema", "everything"])), 2);
}

#[test]
fn add_writes_prints_and_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let project = courses(dir.path());
    let call = |rest: &[&str]| scaffold(&project, &[&["add", "command", "ReserveRoom", "roomId:ID!"], rest].concat());
    let dry = call(&["--dry-run"]);
    assert_eq!(code(&dry), 0, "{}", stderr(&dry));
    assert!(stdout(&dry).contains("+++ b/model/enrollment/reserve-room.yaml"), "{}", stdout(&dry));
    assert!(stderr(&dry).contains("would create model/enrollment/reserve-room.yaml"), "{}", stderr(&dry));
    assert_eq!(code(&call(&[])), 0);
    assert_eq!(code(&scaffold(&project, &["check"])), 0);
    let again = call(&[]);
    assert_eq!(code(&again), 2);
    assert!(
        stderr(&again).contains("there is a command `ReserveRoom` already: model/enrollment/reserve-room.yaml:9:3"),
        "{}",
        stderr(&again)
    );
    let unknown = scaffold(&project, &["add", "projection", "Room", "--on", "RoomReservd"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("did you mean `RoomReserved`?"), "{}", stderr(&unknown));
    assert_eq!(code(&scaffold(&project, &["gen"])), 0);
    assert!(project.join("generated/enrollment/commands/src/reserve_room/decide.rs").exists());
    assert!(!project.join(".scaffold-tmp").exists());
}

#[test]
fn a_folder_that_is_no_project_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let refused = scaffold(dir.path(), &["gen"]);
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("scaffold.yaml"), "{}", stderr(&refused));
    assert!(tree(dir.path()).is_empty());
}
