//! Values that nobody has twice, in the project of `tests/fixtures/till`.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};

const CREATE: &str =
    "mutation($id: ID, $data: CreateVoucher!) { createVoucher(input: {id: $id, data: $data}) { code } }";
const UPDATE: &str =
    "mutation($id: ID!, $data: UpdateVoucher!) { updateVoucher(input: {id: $id, data: $data}) { code } }";

#[test]
fn a_value_is_had_once_from_socket_to_socket() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("till", dir.path());
    let api = app.api().with(&token("t1", "carla", &["CASHIER"]));
    vouchers(&api);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(over_grpc(&app));
    first_sales(&api);
}

fn refused(api: &Api, call: &str, variables: Value, constraint: &str) {
    let answer = api.send(call, variables);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "CONFLICT", "{answer}");
    assert_eq!(error["message"], format!("violation of unique constraint '{constraint}'"));
}

fn vouchers(api: &Api) {
    let voucher = |code: &str, worth: Option<&str>| json!({ "code": code, "worth": worth });
    api.data(CREATE, json!({ "id": "v1", "data": voucher("a", Some("10.50")) }));
    refused(api, CREATE, json!({ "id": "v2", "data": voucher("a", None) }), "voucher_code");
    refused(api, CREATE, json!({ "id": "v2", "data": voucher("b", Some("10.5")) }), "voucher_worth");
    api.data(CREATE, json!({ "id": "v2", "data": voucher("b", None) }));
    api.data(CREATE, json!({ "id": "v3", "data": voucher("c", None) }));
    refused(api, UPDATE, json!({ "id": "v3", "data": { "code": "b" } }), "voucher_code");
    api.data(UPDATE, json!({ "id": "v2", "data": { "shop": "s1", "number": 1 } }));
    api.data(UPDATE, json!({ "id": "v3", "data": { "shop": "s2", "number": 1 } }));
    refused(api, UPDATE, json!({ "id": "v3", "data": { "shop": "s1" } }), "one_number");
    api.data("mutation { deleteVoucher(input: {id: \"v2\"}) { numberOfDeletedEntries } }", json!({}));
    api.data(UPDATE, json!({ "id": "v3", "data": { "shop": "s1", "code": "b" } }));
    let list =
        "{ getVoucherList(input: {filter: {code: {equals: \"b\"}}, useStrongConsistency: true}) { data { id } } }";
    assert_eq!(api.data(list, json!({}))["getVoucherList"]["data"], json!([{ "id": "v3" }]), "it is indexed, too");
}

async fn over_grpc(app: &App) {
    let client = Reflected::connect(&app.grpc, "till.till.v1.TillService").await;
    let client = client.with(&token("t1", "carla", &["CASHIER"]));
    let wrong = client.call("CreateVoucher", json!({ "data": { "code": "b" } })).await.unwrap_err();
    assert_eq!(wrong.code(), tonic::Code::Aborted, "{wrong}");
    assert_eq!(wrong.message(), "violation of unique constraint 'voucher_code'");
    client.call("CreateVoucher", json!({ "data": { "code": "d" } })).await.unwrap();
}

/// What happened has happened; a customer's second sale is none of their first ones.
fn first_sales(api: &Api) {
    let sell = "mutation($sale: ID!, $customer: ID!) {
        sell(input: {saleId: $sale, customerId: $customer, lines: [{item: \"nail\", price: \"1\", count: 1}]}) { events } }";
    for (sale, customer) in [("s1", "c1"), ("s2", "c1"), ("s3", "c2")] {
        api.data(sell, json!({ "sale": sale, "customer": customer }));
    }
    let list = "{ getFirstSaleList(input: {useStrongConsistency: true}) { data { id } } }";
    let answer = api.send(list, json!({}));
    let found = answer["data"]["getFirstSaleList"]["data"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<&str> = found.iter().filter_map(|sale| sale["id"].as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["s1", "s3"], "{answer}");
}
