//! One way through everything that a user can do, over GraphQL and over gRPC, and again after a restart.

use crate::SERVICE;
use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::socket::Subscription;
use crate::tokens::admin;
use serde_json::json;

const DEFINE: &str = "mutation($id: ID!, $seats: Int!) { defineCourse(input: {courseId: $id, title: \"Rust\", capacity: $seats}) { position events } }";
const SUBSCRIBE: &str =
    "mutation($s: ID!, $c: ID!) { subscribeStudent(input: {studentId: $s, courseId: $c}) { position events } }";
const COURSE: &str =
    "query($id: ID!) { getCourse(input: {id: $id, useStrongConsistency: true}) { id title capacity seatsTaken } }";

#[test]
fn graphql_from_end_to_end_and_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    graphql_and_again(|| App::start(dir.path()));
}

/// All of it on the database on which the application is started, twice.
pub fn graphql_and_again(start: impl Fn() -> App) {
    let app = start();
    let api = app.api().with(&admin());
    commands_are_decided(&api);
    entries_are_written_and_found(&api);
    assert!(app.interrupt(), "an interrupt ends the application well");

    let app = start();
    let api = app.api().with(&admin());
    let course = api.data(COURSE, json!({ "id": "c1" }));
    assert_eq!(course["getCourse"], json!({ "id": "c1", "title": "Rust", "capacity": 2, "seatsTaken": 1 }));
    let student = api.data("{ getStudent(input: {id: \"s1\"}) { name email level } }", json!({}));
    assert_eq!(student["getStudent"], json!({ "name": "Ada L.", "email": null, "level": "ADVANCED" }));
    references_are_resolved(&api);
}

#[test]
fn a_service_and_a_gateway_may_run_apart() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_apart(dir.path());
    let api = app.api().with(&admin());
    commands_are_decided(&api);
    entries_are_written_and_found(&api);
    references_are_resolved(&api);
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(app.get_of_service(path).0, 200, "{path}");
    }
    let forged = app.api().with("forged");
    assert_eq!(forged.error(COURSE, json!({ "id": "c1" })), "UNAUTHENTICATED");
}

#[test]
fn a_repeated_command_gets_the_first_answer() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    let api = app.api().with(&admin()).repeating("order-4711");
    let first = api.data(DEFINE, json!({ "id": "c1", "seats": 2 }));
    let again = api.data(DEFINE, json!({ "id": "c1", "seats": 2 }));
    assert_eq!(first, again);
    assert_eq!(app.api().with(&admin()).error(DEFINE, json!({ "id": "c1", "seats": 2 })), "CourseAlreadyExists");
}

fn commands_are_decided(api: &Api) {
    let defined = api.data(DEFINE, json!({ "id": "c1", "seats": 2 }));
    assert_eq!(defined["defineCourse"]["events"], json!(["CourseDefined"]));
    assert_eq!(api.error(DEFINE, json!({ "id": "c1", "seats": 2 })), "CourseAlreadyExists");
    assert_eq!(api.error(SUBSCRIBE, json!({ "s": "s1", "c": "c9" })), "CourseDoesNotExist");
    let taken = api.data(SUBSCRIBE, json!({ "s": "s1", "c": "c1" }));
    assert!(taken["subscribeStudent"]["position"].as_i64() > defined["defineCourse"]["position"].as_i64());
    assert_eq!(api.error(SUBSCRIBE, json!({ "s": "s1", "c": "c1" })), "StudentAlreadySubscribed");
    let refused = api.send(SUBSCRIBE, json!({ "s": "s1", "c": "c9" }));
    assert_eq!(refused["errors"][0]["message"], "Course \"c9\" does not exist");
    for number in 2..=5 {
        let id = format!("c{number}");
        api.data(DEFINE, json!({ "id": id, "seats": 9 }));
        api.data(SUBSCRIBE, json!({ "s": "busy", "c": id }));
    }
    api.data(DEFINE, json!({ "id": "c6", "seats": 9 }));
    api.data(SUBSCRIBE, json!({ "s": "busy", "c": "c6" }));
    api.data(DEFINE, json!({ "id": "c7", "seats": 9 }));
    assert_eq!(api.error(SUBSCRIBE, json!({ "s": "busy", "c": "c7" })), "StudentTakesTooManyCourses");
    let course = api.data(COURSE, json!({ "id": "c1" }));
    assert_eq!(course["getCourse"], json!({ "id": "c1", "title": "Rust", "capacity": 2, "seatsTaken": 1 }));
}

fn entries_are_written_and_found(api: &Api) {
    let create = "mutation($id: ID, $data: CreateStudent!) { createStudent(input: {id: $id, data: $data}) { id name email level } }";
    let ada = json!({ "id": "s1", "data": { "name": "Ada", "email": "ada@example.org", "level": "ADVANCED" } });
    let created = api.data(create, ada.clone());
    assert_eq!(created["createStudent"]["email"], "ada@example.org");
    assert_eq!(api.error(create, ada), "CONFLICT");
    let generated = api.data(create, json!({ "id": null, "data": { "name": "Grace", "level": "BEGINNER" } }));
    assert_eq!(generated["createStudent"]["id"].as_str().map(str::len), Some(36), "an id is made: {generated}");

    let update =
        "mutation($data: UpdateStudent!) { updateStudent(input: {id: \"s1\", data: $data}) { name email level } }";
    let renamed = api.data(update, json!({ "data": { "name": "Ada L." } }));
    assert_eq!(renamed["updateStudent"], json!({ "name": "Ada L.", "email": "ada@example.org", "level": "ADVANCED" }));
    let cleared = api.data(update, json!({ "data": { "email": null } }));
    assert_eq!(cleared["updateStudent"]["email"], json!(null), "null clears, absent keeps");

    let gone = generated["createStudent"]["id"].as_str().unwrap();
    let deleted = api.data(
        "mutation($id: ID!) { deleteStudent(input: {id: $id}) { numberOfDeletedEntries } }",
        json!({ "id": gone }),
    );
    assert_eq!(deleted["deleteStudent"]["numberOfDeletedEntries"], 1);
    assert_eq!(
        api.error(
            "query($id: ID!) { getStudent(input: {id: $id, useStrongConsistency: true}) { id } }",
            json!({ "id": gone })
        ),
        "NOT_FOUND"
    );
    lists_are_filtered_ordered_and_paged(api);
}

fn lists_are_filtered_ordered_and_paged(api: &Api) {
    let list =
        "query($input: GetCourseListInput!) { getCourseList(input: $input) { data { id } limit page total cursor } }";
    let order =
        json!({ "seatsTaken": { "direction": "DESC", "priority": 1 }, "id": { "direction": "ASC", "priority": 2 } });
    let filter = json!({ "capacity": { "greaterThan": 2 }, "or": [{ "id": { "equals": "c7" } }, { "seatsTaken": { "equals": 1 } }] });
    let input = json!({ "input": { "filter": filter, "order": order, "limit": 4, "useStrongConsistency": true } });
    let first = api.data(list, input);
    let first = &first["getCourseList"];
    let ids = |page: &serde_json::Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(first), ["c2", "c3", "c4", "c5"]);
    assert_eq!((&first["total"], &first["page"], &first["limit"]), (&json!(6), &json!(1), &json!(4)));
    let after = json!({ "input": { "filter": filter, "order": order, "limit": 4, "after": first["cursor"] } });
    assert_eq!(ids(&api.data(list, after)["getCourseList"]), ["c6", "c7"]);
    let second = json!({ "input": { "filter": filter, "order": order, "limit": 4, "page": 2 } });
    assert_eq!(ids(&api.data(list, second)["getCourseList"]), ["c6", "c7"]);
}

fn references_are_resolved(api: &Api) {
    let seats = api.data(
        "{ getStudentCourseList(input: {filter: {student: {equals: \"s1\"}}}) { data { id student { name } course { title seatsTaken } } } }",
        json!({}),
    );
    let expected =
        json!([{ "id": "s1-c1", "student": { "name": "Ada L." }, "course": { "title": "Rust", "seatsTaken": 1 } }]);
    assert_eq!(seats["getStudentCourseList"]["data"], expected);
}

#[test]
fn references_of_a_page_are_fetched_in_one_call() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    let api = app.api().with(&admin());
    for number in 0..4 {
        api.data(DEFINE, json!({ "id": format!("c{number}"), "seats": 9 }));
        api.data(SUBSCRIBE, json!({ "s": "s1", "c": format!("c{number}") }));
    }
    let page = "{ getStudentCourseList(input: {useStrongConsistency: true}) { data { course { title } } } getCourseList(input: {useStrongConsistency: true}) { total } }";
    assert_eq!(api.data(page, json!({}))["getStudentCourseList"]["data"].as_array().unwrap().len(), 4);
    let metrics = app.get("/metrics").1;
    let calls = metrics.lines().find(|line| line.starts_with("grpc_requests_total") && line.contains("GetCourseByIds"));
    assert!(calls.is_some_and(|line| line.ends_with(" 1")), "four references, one call: {calls:?}");
}

#[test]
fn a_subscription_sees_each_change_and_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    subscriptions(&app, &app);
}

/// What is done in one process is heard in another, or in the same one.
pub fn subscriptions(app: &App, heard: &App) {
    let api = app.api().with(&admin());
    api.data(DEFINE, json!({ "id": "c1", "seats": 5 }));
    // Where it is heard the course must be known, or its definition would be the first message.
    heard.api().with(&admin()).data(COURSE, json!({ "id": "c1" }));
    let token = admin();
    let mut course = Subscription::open(
        &heard.http,
        Some(&token),
        "subscription { subscribeToCourse(input: {id: \"c1\"}) { ... on Course { id seatsTaken } } }",
    );
    let mut seats = Subscription::open(
        &heard.http,
        Some(&token),
        "subscription { subscribeToStudentCourseList(input: {filter: {course: {equals: \"c1\"}}}) \
         { ... on StudentCourse { id } ... on removeData { id remove } } }",
    );
    heard.has_begun("SubscribeToCourse", 1);
    heard.has_begun("SubscribeToStudentCourseList", 1);
    api.data(SUBSCRIBE, json!({ "s": "s1", "c": "c1" }));
    assert_eq!(course.next().unwrap()["subscribeToCourse"], json!({ "id": "c1", "seatsTaken": 1 }));
    assert_eq!(seats.next().unwrap()["subscribeToStudentCourseList"], json!({ "id": "s1-c1" }));
    api.data("mutation { unsubscribeStudent(input: {studentId: \"s1\", courseId: \"c1\"}) { position } }", json!({}));
    assert_eq!(course.next().unwrap()["subscribeToCourse"], json!({ "id": "c1", "seatsTaken": 0 }));
    assert_eq!(seats.next().unwrap()["subscribeToStudentCourseList"], json!({ "id": "s1-c1", "remove": true }));
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_from_end_to_end_by_reflection() {
    let dir = tempfile::tempdir().unwrap();
    grpc(App::start(dir.path())).await;
}

/// The same by gRPC.
pub async fn grpc(app: App) {
    let client = Reflected::connect(&app.grpc, SERVICE).await.with(&admin());
    let defined =
        client.call("DefineCourse", json!({ "courseId": "c1", "title": "Rust", "capacity": 1 })).await.unwrap();
    assert_eq!(defined["events"], json!(["CourseDefined"]));
    let mut changes = client.stream("SubscribeToCourse", json!({ "id": "c1" })).await.unwrap();
    client.call("SubscribeStudent", json!({ "studentId": "s1", "courseId": "c1" })).await.unwrap();
    let full = client.call("SubscribeStudent", json!({ "studentId": "s2", "courseId": "c1" })).await.unwrap_err();
    assert_eq!(full.metadata().get("scaffold-code").unwrap(), "CourseFullyBooked");
    assert_eq!(full.code(), tonic::Code::FailedPrecondition);
    let course = client.call("GetCourse", json!({ "id": "c1", "useStrongConsistency": true })).await.unwrap();
    assert_eq!(course["data"]["seatsTaken"], 1);
    let change = loop {
        let change = changes.next().await.unwrap().unwrap();
        if change["data"]["seatsTaken"] == 1 {
            break change;
        }
    };
    assert_eq!(change["data"]["title"], "Rust");
    let created =
        client.call("CreateStudent", json!({ "id": "s1", "data": { "name": "Ada", "level": "LEVEL_ADVANCED" } })).await;
    assert_eq!(created.unwrap()["data"]["name"], "Ada");
    let list = client.call("GetStudentCourseList", json!({ "useStrongConsistency": true })).await.unwrap();
    assert_eq!(list["data"][0]["id"], "s1-c1");
    let several = client.call("GetCourseByIds", json!({ "ids": ["c1", "nobody"] })).await.unwrap();
    assert_eq!(several["data"].as_array().unwrap().len(), 1);
}

#[test]
fn every_process_tells_how_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    app.api().with(&admin()).data(DEFINE, json!({ "id": "c1", "seats": 2 }));
    assert_eq!(app.get("/health").0, 200);
    assert_eq!(app.get("/ready").0, 200);
    let (status, metrics) = app.get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("DefineCourse"), "a request is counted by its method: {metrics}");
    let (status, page) = app.get("/");
    assert_eq!(status, 200);
    let external = page
        .match_indices("http")
        .any(|(at, _)| page[at..].starts_with("http://") || page[at..].starts_with("https://"));
    assert!(page.contains("GraphiQL") && !external, "GraphiQL comes from here: {page}");
}
