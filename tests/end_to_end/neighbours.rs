//! The project of `tests/fixtures/neighbours` over its sockets: services that have types of each other.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SCHOOL: &str = "neighbours.school.v1.SchoolService";

const CREATE: &str = "mutation($id: ID!, $data: CreateCourse!) { createCourse(input: {id: $id, data: $data}) {
    fee { amount currency } kind kinds sendTo { street kind since levels } } }";
const ENROLL: &str = "mutation($student: ID!, $kind: Kind!, $address: AddressInput) { enrollStudent(input: {
    studentId: $student, courseId: \"c1\", level: BEGINNER, kind: $kind, fee: {amount: \"5.50\", currency: EUR}, address: $address
    }) { events } }";

fn teacher() -> String {
    token("t1", "tom", &["TEACHER", "CLERK"])
}

fn address() -> Value {
    json!({ "street": "Elm Street 1", "kind": "PAPER", "since": "2026-01-01T00:00:00Z", "levels": ["ADVANCED"] })
}

#[test]
fn types_of_other_services_travel_through_every_door() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("neighbours", dir.path());
    let api = app.api().with(&teacher());
    each_type_is_there_once(&api);
    entries_hold_them(&api);
    commands_and_automations_carry_them(&api);
    effects_answer_them(&api);
    tokio::runtime::Runtime::new().unwrap().block_on(over_grpc(&app));
}

/// Though three services have them in their fields.
fn each_type_is_there_once(api: &Api) {
    let query = "{ kind: __type(name: \"Kind\") { enumValues { name } } price: __type(name: \"Price\") { fields { name } }
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

    let invoices = "{ getInvoiceList(input: {filter: {level: {equals: \"BEGINNER\"}}, useStrongConsistency: true}) { data {
        price { amount currency } kind levels parts { amount } address { street } isDear } } }";
    let sent = until(|| api.data(invoices, json!({}))["getInvoiceList"]["data"].get(0).cloned());
    let wanted = json!({ "price": { "amount": "5.50", "currency": "EUR" }, "kind": "IN_PERSON", "levels": ["ADVANCED", "BEGINNER"],
        "parts": [{ "amount": "5.50" }], "address": { "street": "Elm Street 1" }, "isDear": false });
    assert_eq!(sent, wanted, "as the automation of another service has it");
    let bill = "{ getBill(input: {id: \"s1\", useStrongConsistency: true, returnEmptyDataIfNotFound: true}) {
        price { amount } last isPaper kinds } }";
    let followed = until(|| Some(api.data(bill, json!({}))["getBill"].clone()).filter(|bill| bill["last"] == "IN_PERSON"));
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
