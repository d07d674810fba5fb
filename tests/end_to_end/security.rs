//! Who may not, gets nothing: over GraphQL, over its subscriptions, and over gRPC, where no gateway stands before the service.

use crate::SERVICE;
use crate::app::App;
use crate::reflection::Reflected;
use crate::socket::Subscription;
use crate::tokens::{admin, bad_tokens, token};
use serde_json::json;

const DEFINE: &str = "mutation { defineCourse(input: {courseId: \"c1\", title: \"Rust\", capacity: 2}) { position } }";
const CREATE: &str = "mutation { createStudent(input: {id: \"s1\", data: {name: \"Ada\", level: BEGINNER}}) { id } }";
const STUDENT: &str = "{ getStudent(input: {id: \"s1\"}) { name } }";
const STUDENTS: &str = "{ getStudentList(input: {}) { data { name } } }";

/// An application in which tenant `t1` has a course and a student.
fn peopled(dir: &std::path::Path) -> App {
    let app = App::start(dir);
    let api = app.api().with(&admin());
    api.data(DEFINE, json!({}));
    api.data(CREATE, json!({}));
    api.data("{ getStudent(input: {id: \"s1\", useStrongConsistency: true}) { name } }", json!({}));
    app
}

#[test]
fn a_bad_token_gets_nothing_over_graphql() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    for (name, token) in bad_tokens() {
        let api = app.api().with(&token);
        for query in [DEFINE, CREATE, STUDENT, STUDENTS, "{ getCourse(input: {id: \"c1\"}) { title } }"] {
            assert_eq!(api.error(query, json!({})), "UNAUTHENTICATED", "{name}: {query}");
        }
        let refused = Subscription::open(
            &app.http,
            Some(&token),
            "subscription { subscribeToCourseList(input: {}) { ... on Course { id } } }",
        )
        .next();
        assert_eq!(refused, None, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_gets_nothing_over_grpc() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    let client = Reflected::connect(&app.grpc, SERVICE).await;
    for (name, token) in bad_tokens() {
        let client = client.with(&token);
        let course = json!({ "courseId": "c2", "title": "Rust", "capacity": 1 });
        for (method, message) in
            [("DefineCourse", course), ("GetStudent", json!({ "id": "s1" })), ("GetCourseList", json!({}))]
        {
            let refused = client.call(method, message).await.unwrap_err();
            assert_eq!(refused.code(), tonic::Code::Unauthenticated, "{name}: {method}");
        }
        let stream = client.stream("SubscribeToCourseList", json!({})).await;
        assert_eq!(stream.err().map(|status| status.code()), Some(tonic::Code::Unauthenticated), "{name}");
    }
}

#[test]
fn a_caller_without_the_permission_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    let student = app.api().with(&token("t1", "u1", &["STUDENT"]));
    assert_eq!(student.error(DEFINE, json!({})), "FORBIDDEN");
    assert_eq!(student.error(CREATE, json!({})), "FORBIDDEN");
    assert_eq!(student.error(STUDENTS, json!({})), "FORBIDDEN", "a student reads one entry, no list");
    assert_eq!(student.data(STUDENT, json!({}))["getStudent"]["name"], "Ada");
    assert_eq!(
        student.error("mutation { updateStudent(input: {id: \"s1\", data: {name: \"Eve\"}}) { id } }", json!({})),
        "FORBIDDEN"
    );
    assert_eq!(
        student.error("mutation { deleteStudent(input: {id: \"s1\"}) { numberOfDeletedEntries } }", json!({})),
        "FORBIDDEN"
    );
    let list = "subscription { subscribeToStudentList(input: {}) { ... on Student { name } } }";
    let scoped = token("t1", "u1", &["STUDENT"]);
    assert_eq!(Subscription::open(&app.http, Some(&scoped), list).next(), None);
    let nobody = app.api();
    assert_eq!(nobody.error(DEFINE, json!({})), "UNAUTHENTICATED");
    assert_eq!(nobody.error(STUDENT, json!({})), "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_hold_in_the_service_itself() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    let client = Reflected::connect(&app.grpc, SERVICE).await;
    let student = client.with(&token("t1", "u1", &["STUDENT"]));
    let create = json!({ "id": "s9", "data": { "name": "Eve", "level": "LEVEL_BEGINNER" } });
    for (method, message) in [
        ("DefineCourse", json!({ "courseId": "c2", "title": "Rust", "capacity": 1 })),
        ("CreateStudent", create),
        ("GetStudentList", json!({})),
        ("DeleteStudent", json!({ "id": "s1" })),
    ] {
        let refused = student.call(method, message.clone()).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{method}");
        let refused = client.call(method, message).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unauthenticated, "{method} without a token");
    }
}

#[test]
fn another_tenant_sees_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    let other = app.api().with(&token("t2", "admin", &["STUDENT", "TEACHER", "ADMIN"]));
    assert_eq!(other.error(STUDENT, json!({})), "NOT_FOUND");
    assert_eq!(other.data(STUDENTS, json!({}))["getStudentList"]["data"], json!([]));
    assert_eq!(other.error("{ getCourse(input: {id: \"c1\"}) { title } }", json!({})), "NOT_FOUND");
    let seat = "mutation { subscribeStudent(input: {studentId: \"s1\", courseId: \"c1\"}) { position } }";
    assert_eq!(other.error(seat, json!({})), "CourseDoesNotExist");
    assert_eq!(
        other.error("mutation { deleteStudent(input: {id: \"s1\"}) { numberOfDeletedEntries } }", json!({})),
        "NOT_FOUND"
    );
    // The same ids are free in the other tenant, and what is done there changes nothing here.
    other.data(DEFINE, json!({}));
    other.data(CREATE, json!({}));
    other.data("mutation { updateStudent(input: {id: \"s1\", data: {name: \"Another\"}}) { id } }", json!({}));
    let ours = app.api().with(&admin());
    assert_eq!(
        ours.data("{ getStudent(input: {id: \"s1\", useStrongConsistency: true}) { name } }", json!({}))["getStudent"]
            ["name"],
        "Ada"
    );
}

#[test]
fn without_a_token_only_what_is_public_answers() {
    let dir = tempfile::tempdir().unwrap();
    let app = peopled(dir.path());
    let nobody = app.api();
    let public = "query($t: ID!) { getPublicCourse(input: {tenantId: $t, id: \"c1\"}) { title } }";
    assert_eq!(nobody.data(public, json!({ "t": "t1" }))["getPublicCourse"]["title"], "Rust");
    assert_eq!(nobody.error(public, json!({ "t": "t2" })), "NOT_FOUND");
    let unknown = nobody.send("{ getPublicStudent(input: {tenantId: \"t1\", id: \"s1\"}) { name } }", json!({}));
    assert!(unknown["data"].is_null() && unknown.get("errors").is_some(), "{unknown}");
    assert_eq!(nobody.error("{ getCourse(input: {id: \"c1\"}) { title } }", json!({})), "UNAUTHENTICATED");
}

#[test]
fn requests_out_of_measure_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    let api = app.api().with(&admin());
    let deep = format!(
        "{{ getStudentCourseList(input: {{filter: {}{}}}) {{ total }} }}",
        "{and: [".repeat(200),
        "]}".repeat(200)
    );
    let refused = api.send(&deep, json!({}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "VALIDATION");
    assert!(refused["errors"][0].get("locations").is_none_or(|places| places == &json!([])), "{refused}");
    let huge = format!("{{ getCourse(input: {{id: \"{}\"}}) {{ id }} }}", "x".repeat(20_000_000));
    let answered = api.try_send(&huge, json!({}));
    assert!(answered.is_err() || answered.is_ok_and(|answer| answer.get("errors").is_some()));
    assert_eq!(app.get("/health").0, 200, "it is still there");
}
