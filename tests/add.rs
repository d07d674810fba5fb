//! `scaffold add`: what it writes is sound at once, what it refuses leaves everything as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use clap::Parser;
use proptest::prelude::*;
use scaffold_cli::args::Cli;
use scaffold_cli::commands::{Outcome, run};
use scaffold_cli::diagnostic::{Format, Severity, render};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const SCHEMA: &str = "enum Permission { STUDENT ADMIN }\nenum Level { BEGINNER ADVANCED NULL }\n\
    type Address { street: String! level: Level note: String parts: [Part!]! }\ntype Part { name: String! }\n\
    type Student @crudType @permission(all: [ADMIN]) { name: String! }\n";
const MODEL: &str = "# The register.\nevents:\n  # A course begins here.\n  CourseDefined:\n    fields: { courseId: ID!, title: String! }\n    tags: [\"course:{courseId}\"]   # found by it\n";

/// A project with one service and a slice in a file of its own.
fn project() -> tempfile::TempDir {
    with_model("model/school/course-defined.yaml", MODEL)
}

fn with_model(path: &str, model: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "scaffold.yaml", "name: campus\n");
    put(dir.path(), "schema/school/types.graphql", SCHEMA);
    put(dir.path(), path, model);
    dir
}

fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn add(dir: &Path, args: &[&str]) -> Outcome {
    let all = ["scaffold", "-C", dir.to_str().unwrap(), "--quiet", "add"].into_iter().chain(args.iter().copied());
    run(&Cli::try_parse_from(all).unwrap_or_else(|error| panic!("{args:?}: {error}")))
}

fn tree(dir: &Path) -> BTreeMap<String, String> {
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
fn said(dir: &Path, severity: Option<Severity>) -> String {
    let judged = scaffold_cli::judge(dir, true);
    let found = judged.sink.sorted().into_iter().filter(|found| severity.is_none_or(|wanted| found.severity == wanted));
    let mut sink = scaffold_cli::diagnostic::Sink::default();
    found.cloned().for_each(|diagnostic| sink.push(diagnostic));
    render(&sink, &judged.sources, Format::Human { color: false })
}

#[test]
fn a_slice_of_each_kind_is_sound_at_once() {
    let dir = project();
    let dir = dir.path();
    let fields = ["studentId:ID!", "courseId:ID!", "level:Level!", "home:Address", "codes:[String!]!"];
    let command =
        [&["command", "SubscribeStudent"], &fields[..], &["--permission", "STUDENT", "--doc", "Take a seat: \"now\""]]
            .concat();
    assert_eq!(add(dir, &command), Outcome::Fine);
    let told = said(dir, None);
    assert!(told.starts_with("warning[W0011]: nothing reads `CourseDefined`"), "{told}");
    assert_eq!(add(dir, &["event", "course-closed", "courseId:ID!"]), Outcome::Fine);
    assert_eq!(
        add(dir, &["projection", "Course", "--on", "CourseDefined", "--on", "CourseClosed", "--permission", "ADMIN"]),
        Outcome::Fine
    );
    assert_eq!(
        add(dir, &["projection", "Seat", "--on", "StudentSubscribed", "--by", "studentId", "--by", "courseId"]),
        Outcome::Fine
    );
    assert_eq!(
        add(dir, &["projection", "Graduate", "--on", "StudentCreated", "--on", "StudentUpdated"]),
        Outcome::Fine
    );
    assert_eq!(
        add(dir, &["crud", "Teacher", "name:String!", "course:Course!", "--permission", "ADMIN"]),
        Outcome::Fine
    );
    assert_eq!(add(dir, &["service", "billing"]), Outcome::Fine);
    assert_eq!(add(dir, &["command", "PayBill", "billId:ID!", "--service", "billing"]), Outcome::Fine);
    assert_eq!(said(dir, None), "");
    insta::assert_snapshot!("command", read(dir, "model/school/subscribe-student.yaml"));
    insta::assert_snapshot!(
        "projection",
        read(dir, "schema/school/course.graphql") + &read(dir, "model/school/course.yaml")
    );
    insta::assert_snapshot!("crud", read(dir, "schema/school/teacher.graphql"));
    let files = tree(dir);
    assert!(files.contains_key("model/school/course-closed.yaml") && files.contains_key("model/billing/pay-bill.yaml"));
    assert!(files["schema/school/seat.graphql"].contains("payload: [\"studentId\", \"courseId\"]"));
}

#[test]
fn an_event_that_is_there_is_recorded_as_it_is() {
    let dir = project();
    let dir = dir.path();
    let before = tree(dir);
    assert_eq!(add(dir, &["command", "DefineCourse", "courseId:ID!"]), Outcome::Usage, "the event needs a title");
    assert_eq!(tree(dir), before);
    assert_eq!(add(dir, &["command", "DefineCourse", "courseId:ID!", "title:String!"]), Outcome::Fine);
    let text = read(dir, "model/school/define-course.yaml");
    assert!(
        !text.contains("events:") && text.contains("- CourseDefined: {}") && text.contains("CourseAlreadyDefined"),
        "{text}"
    );
    assert_eq!(
        add(dir, &["command", "OpenCourse", "courseId:ID!", "--emits", "CourseOpened", "--emits", "DoorsOpened"]),
        Outcome::Fine
    );
    assert!(read(dir, "model/school/open-course.yaml").contains("DoorsOpened:"));
    assert_eq!(said(dir, Some(Severity::Error)), "");
}

#[test]
fn the_one_file_of_a_model_is_extended_in_place() {
    for path in ["model/school.yaml", "model/school.yml"] {
        let dir = with_model(path, MODEL);
        let dir = dir.path();
        assert_eq!(add(dir, &["command", "OpenCourse", "courseId:ID!"]), Outcome::Fine);
        assert_eq!(add(dir, &["event", "CourseMoved", "courseId:ID!", "to:Address!"]), Outcome::Fine);
        let files = tree(dir);
        assert_eq!(files.keys().filter(|path| path.starts_with("model")).count(), 1, "{:?}", files.keys());
        let text = &files[path];
        assert!(text.starts_with(MODEL), "{text}");
        assert_eq!(text.matches("events:\n").count(), 1, "{text}");
        assert_eq!(said(dir, Some(Severity::Error)), "");
    }
    let dir =
        with_model("model/school.yaml", "events: { CourseDefined: { tags: [\"all:{id}\"], fields: { id: ID! } } }\n");
    assert_eq!(add(dir.path(), &["event", "CourseMoved", "courseId:ID!"]), Outcome::Fine, "braces take no more lines");
    assert!(tree(dir.path()).contains_key("model/school/course-moved.yaml"));
}

#[test]
fn a_file_that_is_named_is_written_or_extended() {
    let dir = project();
    let dir = dir.path();
    let model = "model/school/course-defined.yaml";
    assert_eq!(add(dir, &["event", "CourseMoved", "courseId:ID!", "--file", model]), Outcome::Fine);
    assert!(read(dir, model).starts_with(MODEL) && read(dir, model).contains("CourseMoved"));
    assert_eq!(add(dir, &["crud", "Room", "name:String!", "--file", "./schema/school/types.graphql"]), Outcome::Fine);
    assert!(read(dir, "schema/school/types.graphql").starts_with(SCHEMA));
    assert_eq!(add(dir, &["crud", "Desk", "name:String!", "--file", "schema/school/new/desk.gql"]), Outcome::Fine);
    let before = tree(dir);
    for file in [
        "../x.yaml",
        "/tmp/x.yaml",
        "model/school/../../x.yaml",
        "model/other/x.yaml",
        "x.yaml",
        "model/school/x.txt",
        "",
        ".x/y.yaml",
        "model/school/a\\b.yaml",
    ] {
        assert_eq!(add(dir, &["event", "CourseLost", "courseId:ID!", "--file", file]), Outcome::Usage, "{file}");
        assert_eq!(tree(dir), before, "{file}");
    }
}

#[test]
fn what_cannot_be_added_is_refused_and_nothing_is_written() {
    let dir = project();
    let dir = dir.path();
    let before = tree(dir);
    let long = "A".repeat(300);
    for args in [
        vec!["command", "../x"],
        vec!["command", "a/b"],
        vec!["command", "r#type"],
        vec!["command", "__x"],
        vec!["command", "Self"],
        vec!["command", &long],
        vec!["event", "CourseDefined", "courseId:ID!"],
        vec!["event", "Student", "id:ID!"],
        vec!["event", "StudentCreated", "id:ID!"],
        vec!["command", "CreateStudent", "id:ID!"],
        vec!["command", "Query", "id:ID!"],
        vec!["event", "A", "b"],
        vec!["event", "A", "b:Strnig!"],
        vec!["event", "A", "b:ID!!"],
        vec!["event", "A", "b:ID!", "b:ID!"],
        vec!["event", "A", "b-c:ID!"],
        vec!["event", "A", &format!("{}:ID!", "a".repeat(300))],
        vec!["command", "Open", "id:ID!", "--permission", "TEACHER"],
        vec!["command", "Open", "id:ID!", "--emits", "../x"],
        vec!["command", "Open", "id:ID!", "--service", "shop"],
        vec!["projection", "Course", "--on", "CourseDefind"],
        vec!["projection", "Course", "--on", "CourseDefined", "--by", "name"],
        vec!["projection", "Course", "--on", "CourseDefined", "--on", "StudentCreated"],
        vec!["crud", "Course"],
        vec!["crud", "Course", "id:ID!"],
        vec!["crud", "Query", "name:String!"],
        vec!["service", "school"],
        vec!["service", "School"],
        vec!["service", "../x"],
        vec!["service", "gateway"],
        vec!["service", "type"],
        vec!["service", "school-events"],
        vec!["service", &"a".repeat(61)],
    ] {
        assert_eq!(add(dir, &args), Outcome::Usage, "{args:?}");
        assert_eq!(tree(dir), before, "{args:?}");
    }
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let dir = project();
    let dir = dir.path();
    put(dir, "model/school/open-door.yaml", "# mine\n");
    let before = tree(dir);
    assert_eq!(add(dir, &["command", "OpenDoor", "doorId:ID!"]), Outcome::Usage);
    assert_eq!(tree(dir), before);
    assert_eq!(add(dir, &["command", "OpenDoor", "doorId:ID!", "--dry-run"]), Outcome::Usage);
    assert_eq!(add(dir, &["command", "ShutDoor", "doorId:ID!", "--dry-run"]), Outcome::Fine);
    assert_eq!(tree(dir), before);
}

#[test]
fn what_is_missing_in_a_project_with_errors_can_be_added() {
    let dir = project();
    let dir = dir.path();
    put(
        dir,
        "model/school/open.yaml",
        "commands:\n  Open:\n    fields: { doorId: ID! }\n    emit: [{ DoorOpened: {} }]\n",
    );
    assert!(said(dir, None).contains("DoorOpened"));
    assert_eq!(add(dir, &["event", "DoorOpened", "doorId:ID!"]), Outcome::Fine);
    assert_eq!(said(dir, Some(Severity::Error)), "");
    put(dir, "model/school/shut.yaml", "commands:\n  Shut:\n    emit: [{ DoorShut: {} }]\n");
    let before = tree(dir);
    assert_eq!(add(dir, &["event", "DoorShut", "doorId:IDD!"]), Outcome::Usage, "its own mistakes count");
    assert_eq!(tree(dir), before);
    assert_eq!(
        add(dir, &["event", "DoorShut", "doorId:ID!"]),
        Outcome::Fine,
        "what it brings to light elsewhere does not"
    );
}

#[test]
fn a_folder_that_is_no_project_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(add(dir.path(), &["event", "A"]), Outcome::Findings);
    assert_eq!(add(dir.path(), &["service", "a"]), Outcome::Findings);
    assert!(tree(dir.path()).is_empty());
}

/// Words that mean something to Rust, YAML, GraphQL, protobuf, SQL or the expressions.
const WORDS: &[&str] = &[
    "type",
    "self",
    "Self",
    "state",
    "event",
    "now",
    "caller",
    "command",
    "item",
    "null",
    "true",
    "yes",
    "no",
    "on",
    "not",
    "and",
    "in",
    "len",
    "select",
    "message",
    "query",
    "id",
    "Id",
    "createdAt",
    "tenant",
    "async",
    "match",
    "Option",
    "lib",
    "con",
    "payload",
    "meta",
    "first",
    "y",
    "N",
    "done",
    "alreadyDone",
    "A",
    "a1",
    "X_y",
    "error",
    "Result",
    "value",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(str::to_owned),
        4 => "[A-Za-z][A-Za-z0-9_]{0,20}",
        4 => "[A-Z][a-z]{1,8}[A-Z][a-z]{1,8}([A-Z][a-z]{1,8})?",
        4 => "[a-z]{1,8}Id",
        1 => "[ -~]{1,12}",
        1 => "[A-Z][a-z]{60,90}",
    ]
}

fn ty() -> impl Strategy<Value = &'static str> {
    let types = [
        "ID!",
        "ID",
        "String!",
        "String",
        "Int!",
        "Float",
        "Boolean!",
        "DateTime!",
        "Date!",
        "JSON!",
        "[ID!]!",
        "[ID]",
        "[[Int!]!]!",
        "Level!",
        "Address!",
        "[Address!]!",
        "Student!",
        "Decimal!",
    ];
    prop::sample::select(types.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_name_it_is_sound_or_refused(
        kind in prop::sample::select(vec!["event", "command", "crud"]),
        called in name(),
        fields in prop::collection::vec((name(), ty()), 0..5),
        single: bool,
    ) {
        prop_assume!(!called.starts_with('-') && fields.iter().all(|(name, _)| !name.starts_with('-')));
        let dir = with_model(if single { "model/school.yaml" } else { "model/school/courses.yaml" }, MODEL);
        let dir = dir.path();
        let before = tree(dir);
        let fields: Vec<String> = fields.iter().map(|(name, ty)| format!("{name}:{ty}")).collect();
        let args: Vec<&str> = [kind, &called].into_iter().chain(fields.iter().map(String::as_str)).collect();
        match add(dir, &args) {
            Outcome::Fine => {
                prop_assert_eq!(said(dir, Some(Severity::Error)), "");
                let after = tree(dir);
                for (path, text) in &before {
                    prop_assert!(after[path].starts_with(text.as_str()), "{} was changed", path);
                }
                prop_assert!(after.len() + usize::from(single) > before.len());
                let files = scaffold_cli::judge(dir, true).model.map(|model| scaffold_cli::emit::emit(&model, Default::default()));
                prop_assert!(matches!(files, Some(Ok(_))), "it can be generated");
            }
            _ => prop_assert_eq!(tree(dir), before),
        }
    }
}
