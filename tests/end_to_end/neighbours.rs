//! The project of `tests/fixtures/neighbours` over its sockets: services that have types of each other, and refer to each other's entries.

use crate::app::{App, database};
use crate::graphql::Api;
use crate::programs::of_services;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// All programs of the project that the tests start: they are built once.
const PROGRAMS: &[&str] = &["app", "billing", "school", "gateway"];

const SCHOOL: &str = "neighbours.school.v1.SchoolService";

const CREATE: &str = "mutation($id: ID!, $data: CreateCourse!) { createCourse(input: {id: $id, data: $data}) {
    fee { amount currency } kind kinds sendTo { street kind since levels } } }";
const ENROLL: &str = "mutation($student: ID!, $kind: Kind!, $address: AddressInput) { enrollStudent(input: {
    studentId: $student, courseId: \"c1\", level: BEGINNER, kind: $kind, fee: {amount: \"5.50\", currency: EUR}, address: $address
    }) { events } }";

const SEND: &str =
    "mutation($id: ID!, $student: ID!, $course: ID, $courses: [ID!]!, $address: AddressInput) { sendInvoice(input: {
    invoiceId: $id, studentId: $student, price: {amount: \"1.00\", currency: EUR}, kind: MAIL, levels: [],
    course: $course, courses: $courses, address: $address }) { events } }";

fn teacher() -> String {
    token("t1", "tom", &["TEACHER", "CLERK"])
}

/// The application, once for a test.
fn start(dir: &Path) -> App {
    let url = database(dir);
    App::start_with(
        &of_services("neighbours", PROGRAMS).join("app"),
        &[("DATABASE_URL", &url), ("GRPC_ADDR", "127.0.0.1:0")],
    )
}

fn address() -> Value {
    json!({ "street": "Elm Street 1", "kind": "PAPER", "since": "2026-01-01T00:00:00Z", "levels": ["ADVANCED"] })
}

#[test]
fn types_of_other_services_travel_through_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let app = start(dir.path());
    let api = app.api().with(&teacher());
    each_type_is_there_once(&api);
    entries_hold_them(&api);
    commands_and_automations_carry_them(&api);
    effects_answer_them(&api);
    tokio::runtime::Runtime::new().unwrap().block_on(over_grpc(&app));
}

/// Though three services have them in their fields.
fn each_type_is_there_once(api: &Api) {
    let query =
        "{ kind: __type(name: \"Kind\") { enumValues { name } } price: __type(name: \"Price\") { fields { name } }
        given: __type(name: \"PriceInput\") { inputFields { name } } __schema { types { name } } }";
    let found = api.data(query, json!({}));
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&found["kind"]["enumValues"]), ["PAPER", "MAIL", "IN_PERSON"]);
    assert_eq!(names(&found["price"]["fields"]), ["amount", "currency"]);
    assert_eq!(names(&found["given"]["inputFields"]), ["amount", "currency"]);
    let types = names(&found["__schema"]["types"]);
    let of_price: Vec<&String> = types.iter().filter(|name| name.contains("Price")).collect();
    assert_eq!(of_price, ["Price", "PriceInput"]);
}

fn entries_hold_them(api: &Api) {
    let data = json!({ "title": "Rust", "level": "BEGINNER", "fee": { "amount": "10.10", "currency": "EUR" },
        "kinds": ["PAPER", null], "sendTo": address() });
    let created = api.data(CREATE, json!({ "id": "c1", "data": data }));
    let wanted = json!({ "fee": { "amount": "10.10", "currency": "EUR" }, "kind": "MAIL", "kinds": ["PAPER", null], "sendTo": address() });
    assert_eq!(created["createCourse"], wanted, "with the default of another service's enum");
    let update = "mutation { updateCourse(input: {id: \"c1\", data: {kind: IN_PERSON, sendTo: null, fee: {amount: \"11\", currency: USD}}}) {
        fee { amount currency } kind sendTo { street } } }";
    let updated = api.data(update, json!({}));
    let wanted = json!({ "fee": { "amount": "11", "currency": "USD" }, "kind": "IN_PERSON", "sendTo": null });
    assert_eq!(updated["updateCourse"], wanted);
    let list = "query($kind: ID!) { getCourseList(input: {filter: {kind: {equals: $kind}}, useStrongConsistency: true}) { total } }";
    let total = |kind: &str| api.data(list, json!({ "kind": kind }))["getCourseList"]["total"].clone();
    assert_eq!((total("IN_PERSON"), total("MAIL")), (json!(1), json!(0)));
    let wrong = json!({ "title": "Rust", "level": "BEGINNER", "fee": { "amount": "1", "currency": "BEGINNER" } });
    let refused = api.send(CREATE, json!({ "id": "c2", "data": wrong }));
    assert!(refused.to_string().contains("Currency"), "a value of another enum: {refused}");
}

fn commands_and_automations_carry_them(api: &Api) {
    api.data(ENROLL, json!({ "student": "s1", "kind": "PAPER", "address": address() }));
    assert_eq!(api.error(ENROLL, json!({ "student": "s1", "kind": "PAPER" })), "SeenBefore");
    let enrollment = "{ getEnrollment(input: {id: \"s1\", useStrongConsistency: true}) { level kind isAdvanced address { kind levels } } }";
    let found = api.data(enrollment, json!({}));
    let wanted = json!({ "level": "BEGINNER", "kind": "PAPER", "isAdvanced": true, "address": { "kind": "PAPER", "levels": ["ADVANCED"] } });
    assert_eq!(found["getEnrollment"], wanted);

    let invoices =
        "{ getInvoiceList(input: {filter: {level: {equals: \"BEGINNER\"}}, useStrongConsistency: true}) { data {
        price { amount currency } kind levels parts { amount } address { street } isDear } } }";
    let sent = until(|| api.data(invoices, json!({}))["getInvoiceList"]["data"].get(0).cloned());
    let wanted = json!({ "price": { "amount": "5.50", "currency": "EUR" }, "kind": "IN_PERSON", "levels": ["ADVANCED", "BEGINNER"],
        "parts": [{ "amount": "5.50" }], "address": { "street": "Elm Street 1" }, "isDear": false });
    assert_eq!(sent, wanted, "as the automation of another service has it");
    let bill = "{ getBill(input: {id: \"s1\", useStrongConsistency: true, returnEmptyDataIfNotFound: true}) {
        price { amount } last isPaper kinds } }";
    let followed =
        until(|| Some(api.data(bill, json!({}))["getBill"].clone()).filter(|bill| bill["last"] == "IN_PERSON"));
    assert_eq!((&followed["price"]["amount"], &followed["kinds"]), (&json!("5.50"), &json!(["IN_PERSON"])));
}

fn effects_answer_them(api: &Api) {
    let quote = "{ getQuoteList(input: {useStrongConsistency: true}) { data { id fee { amount currency } kind } } }";
    let noted = until(|| api.data(quote, json!({}))["getQuoteList"]["data"].get(0).cloned());
    assert_eq!(noted, json!({ "id": "c1", "fee": { "amount": "10.10", "currency": "EUR" }, "kind": "MAIL" }));
}

async fn over_grpc(app: &App) {
    let client = Reflected::connect(&app.grpc, SCHOOL).await.with(&teacher());
    let enroll = |kind: &str| {
        json!({ "studentId": "s9", "courseId": "c1", "level": "LEVEL_ADVANCED", "kind": kind,
            "fee": { "amount": "5.5", "currency": "CURRENCY_EUR" }, "address": { "street": "Oak", "kind": "KIND_MAIL" } })
    };
    client.call("EnrollStudent", enroll("KIND_MAIL")).await.unwrap();
    let wrong = client.call("EnrollStudent", enroll("KIND_UNSPECIFIED")).await.unwrap_err();
    assert_eq!(wrong.code(), tonic::Code::InvalidArgument, "{wrong}");
    assert!(wrong.message().contains("kind"), "{wrong}");
    let got = client.call("GetEnrollment", json!({ "id": "s9", "useStrongConsistency": true })).await.unwrap();
    assert_eq!((&got["data"]["kind"], &got["data"]["address"]["kind"]), (&json!("KIND_MAIL"), &json!("KIND_MAIL")));
}

#[test]
fn references_lead_to_entries_of_other_services() {
    let dir = tempfile::tempdir().unwrap();
    let app = start(dir.path());
    let api = app.api().with(&teacher());
    for id in ["c1", "c2"] {
        create_course(&api, id);
    }
    for number in 0..5 {
        let course = if number % 2 == 0 { "c1" } else { "c2" };
        let near = json!({ "street": "Elm Street 1", "kind": "MAIL", "near": "c2" });
        send_invoice(
            &api,
            &format!("i{number}"),
            json!({ "course": course, "courses": [course, "gone", "c2"], "address": near }),
        );
    }
    each_leads_to_its_entry(&app, &api);
    what_is_gone_is_told(&api);
    they_lead_there_and_back(&api);
    callers_see_what_they_may(&app);
}

fn create_course(api: &Api, id: &str) {
    let data =
        json!({ "title": format!("Course {id}"), "level": "BEGINNER", "fee": { "amount": "1", "currency": "EUR" } });
    api.data(CREATE, json!({ "id": id, "data": data }));
}

fn send_invoice(api: &Api, id: &str, mut rest: Value) {
    rest["id"] = json!(id);
    rest["student"] = json!(format!("student of {id}"));
    api.data(SEND, rest);
}

/// A few calls to the other service, and not one for each of the references.
fn each_leads_to_its_entry(app: &App, api: &Api) {
    let query =
        "{ getInvoiceList(input: {order: {createdAt: {direction: ASC}}, useStrongConsistency: true}) { total data {
        course { title fee { amount } } courses { id } billed { id level } address { near { title } } } } }";
    let before = calls(app, "GetCourseByIds");
    let found = api.data(query, json!({}));
    let made = calls(app, "GetCourseByIds") - before;
    assert!((1..=3).contains(&made), "{made} calls for thirty references");
    assert_eq!(found["getInvoiceList"]["total"], 5);
    let second = json!({ "course": { "title": "Course c2", "fee": { "amount": "1" } }, "courses": [{ "id": "c2" }, { "id": "c2" }],
        "billed": { "id": "c2", "level": "BEGINNER" }, "address": { "near": { "title": "Course c2" } } });
    assert_eq!(found["getInvoiceList"]["data"][1], second);
    let filter = "query($filter: InvoiceFilter) { getInvoiceList(input: {filter: $filter, useStrongConsistency: true}) { total } }";
    let of = |value: Value| api.data(filter, json!({ "filter": value }))["getInvoiceList"]["total"].clone();
    assert_eq!(of(json!({ "course": { "equals": "c1" } })), 3);
    assert_eq!(of(json!({ "course": { "in": ["c2", "gone"] } })), 2);
    let through = api.send(filter, json!({ "filter": { "course": { "title": { "equals": "Course c1" } } } }));
    assert!(through.get("errors").is_some(), "an id is what there is to filter by: {through}");
}

fn what_is_gone_is_told(api: &Api) {
    send_invoice(api, "lost", json!({ "courses": ["gone"] }));
    send_invoice(api, "misled", json!({ "course": "gone", "courses": [] }));
    let query = "query($id: ID!) { getInvoice(input: {id: $id, useStrongConsistency: true}) { course { title } courses { title } } }";
    for id in ["lost", "misled"] {
        assert_eq!(api.data(query, json!({ "id": id }))["getInvoice"], json!({ "course": null, "courses": [] }));
    }
    let required = "{ getInvoice(input: {id: \"lost\"}) { billed { title } } }";
    assert_eq!(api.error(required, json!({})), "NOT_FOUND");
}

fn they_lead_there_and_back(api: &Api) {
    let update = "mutation { updateCourse(input: {id: \"c1\", data: {invoice: \"i0\", invoices: [\"i1\", \"gone\", \"i0\"], marks: [null, \"i2\"]}}) {
        invoice { kind course { title invoices { id } } } invoices { id } marks { id } } }";
    let wanted = json!({ "invoice": { "kind": "MAIL", "course": { "title": "Course c1", "invoices": [{ "id": "i1" }, { "id": "i0" }] } },
        "invoices": [{ "id": "i1" }, { "id": "i0" }], "marks": [{ "id": "i2" }] });
    assert_eq!(api.data(update, json!({}))["updateCourse"], wanted);
    let list =
        "{ getCourseList(input: {filter: {invoice: {equals: \"i0\"}}, useStrongConsistency: true}) { data { id } } }";
    assert_eq!(api.data(list, json!({}))["getCourseList"]["data"], json!([{ "id": "c1" }]));
}

/// Who asks through a reference is who asks: with the same permissions, in the same tenant.
fn callers_see_what_they_may(app: &App) {
    let clerk = app.api().with(&token("t1", "carla", &["CLERK"]));
    let query = "{ getInvoice(input: {id: \"i0\"}) { kind course { title } } }";
    let answer = clerk.send(query, json!({}));
    assert_eq!(answer["data"]["getInvoice"], json!({ "kind": "MAIL", "course": null }), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["getInvoice", "course"]), "{answer}");
    let teacher = app.api().with(&token("t1", "tina", &["TEACHER"]));
    let answer =
        teacher.send("{ getCourse(input: {id: \"c1\"}) { title invoice { kind } invoices { id } } }", json!({}));
    assert_eq!(
        answer["data"]["getCourse"],
        json!({ "title": "Course c1", "invoice": null, "invoices": null }),
        "{answer}"
    );
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(2), "one a field: {answer}");
    let elsewhere = app.api().with(&token("t2", "tom", &["TEACHER", "CLERK"]));
    send_invoice(&elsewhere, "i0", json!({ "course": "c1", "courses": ["c1", "c2"] }));
    let query =
        "{ getInvoice(input: {id: \"i0\", useStrongConsistency: true}) { course { title } courses { title } } }";
    assert_eq!(elsewhere.data(query, json!({}))["getInvoice"], json!({ "course": null, "courses": [] }));
}

/// As processes of their own: while the other service is away, what it has is missing and nothing else.
#[test]
fn a_service_that_is_away_takes_only_its_own_entries_along() {
    let dir = tempfile::tempdir().unwrap();
    let programs = of_services("neighbours", PROGRAMS);
    let url = database(dir.path());
    let shared = [
        ("DATABASE_URL", url.as_str()),
        ("GRPC_ADDR", "127.0.0.1:0"),
        ("SERVICE_SECRET", "a-secret-of-services-that-is-long-enough"),
    ];
    let billing = App::start_with(&programs.join("billing"), &shared);
    let billing_url = format!("http://{}", billing.grpc);
    let school =
        App::start_with(&programs.join("school"), &[shared.as_slice(), &[("BILLING_URL", &billing_url)]].concat());
    let school_url = format!("http://{}", school.grpc);
    let gateway =
        App::start_with(&programs.join("gateway"), &[("BILLING_URL", &billing_url), ("SCHOOL_URL", &school_url)]);
    let api = gateway.api().with(&teacher());
    create_course(&api, "c1");
    send_invoice(&api, "i1", json!({ "course": "c1", "courses": ["c1"] }));
    let query = "{ getInvoice(input: {id: \"i1\", useStrongConsistency: true}) { kind course { title } } }";
    let wanted = json!({ "kind": "MAIL", "course": { "title": "Course c1" } });
    assert_eq!(api.data(query, json!({}))["getInvoice"], wanted);
    school.kill();
    let answer = until(|| Some(api.send(query, json!({}))).filter(|answer| answer.get("errors").is_some()));
    assert_eq!(answer["data"]["getInvoice"], json!({ "kind": "MAIL", "course": null }), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
}

/// How many calls of this name were answered.
fn calls(app: &App, method: &str) -> u64 {
    let counted = |line: &str| line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
    let of_method =
        |line: &&str| line.starts_with("grpc_requests_total{") && line.contains(&format!("method=\"{method}\""));
    app.get("/metrics").1.lines().filter(of_method).filter_map(counted).sum()
}

/// Waits until something is there that comes about by itself.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came");
}
