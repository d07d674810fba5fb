//! `scaffold add`: what it writes is sound at once, what it refuses leaves everything as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod any_name;
mod automation;
mod project;

use project::{MODEL, SCHEMA, add, project, put, read, said, tree, with_model};
use scaffold_cli::commands::Outcome;
use scaffold_cli::diagnostic::Severity;

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
