//! Fields that are numbered, made, set once or not written at all, in the project of `tests/fixtures/till`.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};
use std::sync::Barrier;

const SERVICE: &str = "till.till.v1.TillService";
const SHOWN: &str = "id counter day paidWith number serial token device reference state note";
const UUID: &str = "6f9619ff-8b86-4d01-b42d-00c04fc964ff";
/// Each of so many creates one entry, all at once.
const CREATORS: usize = 32;

fn cashier() -> String {
    token("t1", "carla", &["CASHIER"])
}

fn create(api: &Api, data: Value) -> Value {
    let query = format!("mutation($data: CreateReceipt!) {{ createReceipt(input: {{data: $data}}) {{ {SHOWN} }} }}");
    api.send(&query, json!({ "data": data }))
}

fn update(api: &Api, id: &Value, data: Value) -> Value {
    let query = format!(
        "mutation($id: ID!, $data: UpdateReceipt!) {{ updateReceipt(input: {{id: $id, data: $data}}) {{ {SHOWN} }} }}"
    );
    api.send(&query, json!({ "id": id, "data": data }))
}

/// The code and the fields of the only error.
fn refusal(answer: &Value) -> (String, Vec<Value>) {
    let extensions = &answer["errors"][0]["extensions"];
    let fields = extensions["fields"].as_array().cloned().unwrap_or_default();
    let code = extensions["code"].as_str().unwrap_or_default().to_owned();
    (code, fields.iter().map(|field| field["path"].clone()).collect())
}

fn invalid(field: &str) -> (String, Vec<Value>) {
    ("VALIDATION".to_owned(), vec![json!([field])])
}

#[test]
fn what_nobody_writes_is_filled_and_what_is_set_once_stays() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("till", dir.path());
    let api = app.api().with(&cashier());
    inputs_have_what_may_be_written(&api);
    let receipt = entries_are_filled(&api);
    values_are_set_once(&api, &receipt);
    uuids_are_checked(&api, &receipt);
    a_type_that_never_changes(&api);
    numbers_follow_each_other(&app);
    tokio::runtime::Runtime::new().unwrap().block_on(over_grpc(&app));
}

fn inputs_have_what_may_be_written(api: &Api) {
    let inputs = "{ create: __type(name: \"CreateReceipt\") { inputFields { name type { kind } } }
        update: __type(name: \"UpdateReceipt\") { inputFields { name } } }";
    let types = api.data(inputs, json!({}));
    let names = |of: &str| -> Vec<String> {
        let fields = types[of]["inputFields"].as_array().cloned().unwrap_or_default();
        fields.iter().filter_map(|field| field["name"].as_str()).map(str::to_owned).collect()
    };
    let writable = ["counter", "day", "paidWith", "device", "reference", "note"];
    assert_eq!(names("create"), writable);
    assert_eq!(names("update"), writable);
    let needed: Vec<&Value> = types["create"]["inputFields"].as_array().unwrap().iter().collect();
    let needed: Vec<&Value> = needed.into_iter().filter(|field| field["type"]["kind"] == "NON_NULL").collect();
    assert_eq!(needed.iter().map(|field| &field["name"]).collect::<Vec<_>>(), ["counter"]);
    assert!(create(api, json!({ "counter": "FRONT", "number": 7 })).get("errors").is_some(), "numbers are not written");
}

fn entries_are_filled(api: &Api) -> Value {
    let made = create(api, json!({ "counter": "FRONT", "day": "2026-01-31" }));
    let receipt = made["data"]["createReceipt"].clone();
    let shown = |name: &str| receipt[name].clone();
    assert_eq!([shown("number"), shown("serial"), shown("state")], [json!(1), json!(1000), json!("open")], "{made}");
    for uuid in ["token", "reference"] {
        let text = receipt[uuid].as_str().unwrap_or_default();
        assert_eq!((text.len(), text.as_bytes().get(14)), (36, Some(&b'4')), "{uuid} is a UUID of version 4: {text}");
    }
    assert_ne!(shown("token"), shown("reference"));
    assert_eq!([shown("device"), shown("paidWith")], [Value::Null, Value::Null]);
    receipt
}

fn values_are_set_once(api: &Api, receipt: &Value) {
    let id = &receipt["id"];
    let paid = update(api, id, json!({ "paidWith": "cash", "note": "a" }));
    assert_eq!(paid["data"]["updateReceipt"]["paidWith"], "cash", "{paid}");
    for other in [json!("card"), Value::Null] {
        let refused = update(api, id, json!({ "paidWith": other, "note": "b" }));
        assert_eq!(refusal(&refused), invalid("paidWith"), "{refused}");
        assert!(refused["errors"][0]["message"].as_str().unwrap_or_default().contains("is immutable"), "{refused}");
    }
    let several = update(api, id, json!({ "paidWith": "card", "counter": "BACK" }));
    let (_, mut fields) = refusal(&several);
    fields.sort_by_key(Value::to_string);
    assert_eq!(fields, [json!(["counter"]), json!(["paidWith"])], "each is named");
    let same =
        json!({ "counter": "FRONT", "day": "2026-01-31", "paidWith": "cash", "reference": receipt["reference"] });
    let same = update(api, id, same);
    assert_eq!(same["data"]["updateReceipt"]["note"], "a", "the same values change nothing: {same}");
}

fn uuids_are_checked(api: &Api, receipt: &Value) {
    let id = &receipt["id"];
    for wrong in ["", "device", "018f9619-8b86-7d01-b42d-00c04fc964ff"] {
        assert_eq!(refusal(&update(api, id, json!({ "device": wrong }))), invalid("device"), "{wrong}");
        let created = create(api, json!({ "counter": "BACK", "reference": wrong }));
        assert_eq!(refusal(&created), invalid("reference"), "{wrong}");
    }
    let set = update(api, id, json!({ "device": UUID.to_uppercase() }));
    assert_eq!(set["data"]["updateReceipt"]["device"], UUID, "{set}");
    let list =
        "query($device: String!) { getReceiptList(input: {filter: {device: {equals: $device}, number: {equals: 1}},
        order: {number: {direction: ASC}}, useStrongConsistency: true}) { total } }";
    assert_eq!(api.data(list, json!({ "device": UUID }))["getReceiptList"]["total"], 1);
    let given = create(api, json!({ "counter": "BACK", "reference": UUID }));
    let given = &given["data"]["createReceipt"];
    assert_eq!([&given["reference"], &given["number"], &given["serial"]], [&json!(UUID), &json!(1), &json!(1001)]);
}

fn a_type_that_never_changes(api: &Api) {
    let create = "mutation { createSeal(input: {id: \"s\", data: {code: \"a\"}}) { code reference } }";
    let made = api.data(create, json!({}));
    assert_eq!(made["createSeal"]["reference"].as_str().map(str::len), Some(36));
    let update = "mutation($data: UpdateSeal!) { updateSeal(input: {id: \"s\", data: $data}) { code } }";
    assert_eq!(refusal(&api.send(update, json!({ "data": { "code": "b" } }))), invalid("code"));
    assert_eq!(api.data(update, json!({ "data": { "code": "a" } }))["updateSeal"]["code"], "a");
}

fn numbers_follow_each_other(app: &App) {
    let barrier = Barrier::new(CREATORS);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let creator = |number: usize| {
            let (api, barrier) = (app.api().with(&cashier()), &barrier);
            scope.spawn(move || {
                barrier.wait();
                let counter = ["FRONT", "BACK"][number % 2];
                create(&api, json!({ "counter": counter, "day": "2026-02-01" }))
            })
        };
        let creators: Vec<_> = (0..CREATORS).map(creator).collect();
        creators.into_iter().map(|creator| creator.join().unwrap()).collect()
    });
    let receipts: Vec<&Value> = answers.iter().map(|answer| &answer["data"]["createReceipt"]).collect();
    let sorted = |name: &str, counter: Option<&str>| {
        let of = receipts.iter().filter(|receipt| counter.is_none_or(|counter| receipt["counter"] == counter));
        let mut numbers: Vec<i64> = of.filter_map(|receipt| receipt[name].as_i64()).collect();
        numbers.sort_unstable();
        numbers
    };
    let half = i64::try_from(CREATORS / 2).unwrap();
    assert_eq!(sorted("number", Some("FRONT")), (1..=half).collect::<Vec<_>>(), "{answers:?}");
    assert_eq!(sorted("number", Some("BACK")), (1..=half).collect::<Vec<_>>());
    assert_eq!(sorted("serial", None), (1002..1002 + 2 * half).collect::<Vec<_>>());
}

async fn over_grpc(app: &App) {
    let client = Reflected::connect(&app.grpc, SERVICE).await.with(&cashier());
    let data = json!({ "counter": "COUNTER_FRONT", "day": "2026-02-02" });
    let made = client.call("CreateReceipt", json!({ "id": "g1", "data": data })).await.unwrap();
    assert_eq!(made["data"]["number"].as_str().map_or_else(|| made["data"]["number"].to_string(), str::to_owned), "1");
    let paid = json!({ "id": "g1", "data": { "paid_with": { "value": "cash" } } });
    client.call("UpdateReceipt", paid).await.unwrap();
    let again = json!({ "id": "g1", "data": { "paid_with": { "value": "card" } } });
    let refused = client.call("UpdateReceipt", again).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{refused}");
    assert!(refused.message().contains("paidWith: is immutable"), "{refused}");
    let wrong = json!({ "data": { "counter": "COUNTER_FRONT", "reference": "x" } });
    let refused = client.call("CreateReceipt", wrong).await.unwrap_err();
    assert!(refused.message().contains("reference: must be a UUID"), "{refused}");
}
