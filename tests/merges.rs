//! Two people work on one project: what they add apart merges without a conflict, and `scaffold gen` makes it whole. Only two fields
//! of one message conflict, on purpose, since both want the same number on the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(dir: &Path, program: &str, args: &[&str]) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Tester")))
        .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "tester@example.org")))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn git(dir: &Path, args: &[&str]) {
    let output = run(dir, "git", &[&["-c", "init.defaultBranch=main"], args].concat());
    assert!(output.status.success(), "git {args:?}: {}", said(&output));
}

fn scaffold(dir: &Path, args: &[&str]) {
    let output = run(dir, env!("CARGO_BIN_EXE_scaffold"), args);
    assert!(output.status.success(), "scaffold {args:?}: {}", said(&output));
}

/// A generated project of the courses example under git.
fn project(dir: &Path) -> PathBuf {
    scaffold(dir, &["new", "campus", "--example", "courses", "--runtime", "path:../runtime"]);
    let project = dir.join("campus");
    scaffold(&project, &["gen"]);
    git(&project, &["init", "--quiet"]);
    commit(&project);
    project
}

fn commit(project: &Path) {
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--message", "change"]);
}

/// A branch off main on which something is added and generated.
fn branch(project: &Path, name: &str, add: impl Fn(&Path)) {
    git(project, &["checkout", "--quiet", "-b", name, "main"]);
    add(project);
    scaffold(project, &["gen"]);
    commit(project);
}

/// A slice of its own: `PraiseCourse`, `ScoldCourse` …
fn slice(project: &Path, verb: &str) {
    let text = format!(
        "events:\n  Course{verb}d:\n    doc: Somebody thought of a course.\n    fields: {{ courseId: ID! }}\n    \
         tags: [\"course:{{courseId}}\"]\ncommands:\n  {verb}Course:\n    doc: Think of a course.\n    fields: {{ courseId: ID! }}\n    \
         permission: [STUDENT]\n    state:\n      known:\n        type: Boolean!\n        initial: \"false\"\n        \
         tags: [\"course:{{courseId}}\"]\n        on: {{ Course{verb}d: \"true\" }}\n    \
         rules:\n      - {{ reject: known, error: Known, message: Known already }}\n    emit: [{{ Course{verb}d: {{}} }}]\n"
    );
    fs::write(project.join(format!("model/enrollment/{}-course.yaml", verb.to_lowercase())), text).unwrap();
}

fn field(project: &Path, file: &str, after: &str, field: &str) {
    let path = project.join("schema/enrollment").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(after), "{text}");
    fs::write(path, text.replace(after, &format!("{after}\n  {field}"))).unwrap();
}

/// Both are there, everything is what the inputs say, and no number was moved.
fn is_whole(project: &Path, numbers: &[(&str, &str)]) {
    scaffold(project, &["gen"]);
    scaffold(project, &["gen", "--check"]);
    for (file, line) in numbers {
        let text = fs::read_to_string(project.join("scaffold.lock/enrollment").join(file)).unwrap();
        assert!(text.lines().any(|known| known == *line), "{file}: {text}");
    }
}

#[test]
fn a_slice_each_merges_without_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(dir.path());
    branch(&project, "praise", |project| slice(project, "Praise"));
    branch(&project, "scold", |project| slice(project, "Scold"));
    git(&project, &["merge", "--quiet", "--no-edit", "praise"]);
    is_whole(&project, &[("PraiseCourseRequest.fields", "1 courseId"), ("ScoldCourseRequest.fields", "1 courseId")]);
    let list = fs::read_to_string(project.join("generated/enrollment/commands/src/lib.rs")).unwrap();
    assert!(list.contains("praise_course") && list.contains("scold_course"), "{list}");
}

#[test]
fn a_field_each_of_two_types_merges_without_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(dir.path());
    branch(&project, "phone", |project| field(project, "student.graphql", "email: String", "phone: String"));
    let room = "room: String @default(value: \"hall\")";
    branch(&project, "room", |project| field(project, "course.graphql", "title: String! @index", room));
    git(&project, &["merge", "--quiet", "--no-edit", "phone"]);
    is_whole(&project, &[("Student.fields", "7 phone"), ("Course.fields", "7 room")]);
}

#[test]
fn two_fields_of_one_message_conflict_on_purpose() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(dir.path());
    branch(&project, "phone", |project| field(project, "student.graphql", "email: String", "phone: String"));
    branch(&project, "city", |project| field(project, "student.graphql", "name: String! @index", "city: String"));
    let merged = run(&project, "git", &["merge", "--no-edit", "phone"]);
    assert!(!merged.status.success());
    assert!(said(&merged).contains("scaffold.lock/enrollment/Student.fields"), "{}", said(&merged));
    // Both lines kept as they are: the same number twice is an error that says what to do.
    let lock = project.join("scaffold.lock/enrollment/Student.fields");
    let kept: String = fs::read_to_string(&lock)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with(['<', '=', '>']))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&lock, kept).unwrap();
    let refused = run(&project, env!("CARGO_BIN_EXE_scaffold"), &["gen"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("E0711"), "{}", said(&refused));
}
