//! Fields with a permission of their own, in the project of `tests/fixtures/till`: null and an error, never the value.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::socket::Subscription;
use crate::tokens::token;
use serde_json::{Value, json};

fn cashier() -> String {
    token("t1", "carla", &["CASHIER"])
}

fn manager() -> String {
    token("t1", "maria", &["MANAGER"])
}

const CREATE: &str = "mutation($id: ID!, $data: CreateProduct!) { createProduct(input: {id: $id, data: $data}) { id name cost margin suppliers } }";
const UPDATE: &str =
    "mutation($data: UpdateProduct!) { updateProduct(input: {id: \"p1\", data: $data}) { name cost } }";
const GET: &str = "{ getProduct(input: {id: \"p1\", useStrongConsistency: true}) { name cost margin suppliers } }";

#[test]
fn a_field_is_seen_and_written_by_those_who_may() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("till", dir.path());
    let (cashier, manager) = (app.api().with(&cashier()), app.api().with(&manager()));
    writing_is_refused(&cashier, &manager);
    reading_gives_null_and_an_error(&cashier, &manager);
    asking_by_it_is_refused(&cashier, &manager);
    references_leave_it_out_too(&cashier, &manager);
    projections_know_it_too(&cashier, &manager);
    subscriptions_leave_it_out(&app, &manager);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(over_grpc(&app));
}

fn data(cost: Option<&str>) -> Value {
    let mut data = json!({ "name": "nail", "price": "1", "steps": [], "suppliers": ["s1"] });
    if let Some(cost) = cost {
        data["cost"] = json!(cost);
    }
    data
}

/// Code, path and message of the answer's errors.
fn errors(answer: &Value) -> Vec<(String, Value)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let of =
        |error: &Value| (error["extensions"]["code"].as_str().unwrap_or_default().to_owned(), error["path"].clone());
    errors.iter().map(of).collect()
}

fn forbidden(path: Value) -> (String, Value) {
    ("FORBIDDEN".to_owned(), path)
}

fn writing_is_refused(cashier: &Api, manager: &Api) {
    let refused = cashier.send(CREATE, json!({ "id": "p0", "data": data(Some("0.5")) }));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
    assert_eq!(refused["errors"][0]["extensions"]["fields"][0]["path"], json!(["cost"]), "{refused}");
    let created = cashier.send(CREATE, json!({ "id": "p1", "data": data(None) }));
    let shown = json!({ "id": "p1", "name": "nail", "cost": null, "margin": null, "suppliers": null });
    assert_eq!(created["data"]["createProduct"], shown);
    assert_eq!(errors(&created).len(), 3, "{created}");
    assert_eq!(cashier.error(UPDATE, json!({ "data": { "cost": "0.4" } })), "FORBIDDEN");
    assert_eq!(cashier.error(UPDATE, json!({ "data": { "cost": null } })), "FORBIDDEN", "null is written too");
    assert_eq!(manager.error(UPDATE, json!({ "data": { "secret": "x" } })), "FORBIDDEN", "nobody may");
    let updated = manager.data(UPDATE, json!({ "data": { "cost": "0.40" } }));
    assert_eq!(updated["updateProduct"], json!({ "name": "nail", "cost": "0.40" }));
    let renamed = cashier.send(UPDATE, json!({ "data": { "name": "Nail" } }));
    assert_eq!(renamed["data"]["updateProduct"], json!({ "name": "Nail", "cost": null }));
    assert_eq!(errors(&renamed), [forbidden(json!(["updateProduct", "cost"]))]);
}

fn reading_gives_null_and_an_error(cashier: &Api, manager: &Api) {
    let seen = manager.data(GET, json!({}));
    assert_eq!(seen["getProduct"], json!({ "name": "Nail", "cost": "0.40", "margin": 5, "suppliers": ["s1"] }));
    let answer = cashier.send(GET, json!({}));
    assert_eq!(
        answer["data"]["getProduct"],
        json!({ "name": "Nail", "cost": null, "margin": null, "suppliers": null })
    );
    let mut found = errors(&answer);
    found.sort_by_key(|(_, path)| path.to_string());
    let wanted = ["cost", "margin", "suppliers"].map(|field| forbidden(json!(["getProduct", field])));
    assert_eq!(found, wanted);
    let answer = cashier.send("{ getProduct(input: {id: \"p1\"}) { name price } }", json!({}));
    assert!(answer.get("errors").is_none(), "what is not asked for is no error: {answer}");
    let list = "{ all: getProductList(input: {useStrongConsistency: true}) { data { id what: cost } total } }";
    let answer = cashier.send(list, json!({}));
    assert_eq!(answer["data"]["all"], json!({ "data": [{ "id": "p1", "what": null }], "total": 1 }));
    assert_eq!(errors(&answer), [forbidden(json!(["all", "data", 0, "what"]))], "by the names of the request");
}

fn asking_by_it_is_refused(cashier: &Api, manager: &Api) {
    let list = "query($filter: ProductFilter, $order: ProductOrder) { getProductList(input: {filter: $filter, order: $order, useStrongConsistency: true}) { total } }";
    let filter =
        json!({ "filter": { "or": [{ "and": [{ "cost": { "lessThan": "1" } }] }, { "name": { "equals": "x" } }] } });
    let order = json!({ "order": { "cost": { "direction": "ASC" } } });
    assert_eq!(cashier.error(list, filter.clone()), "FORBIDDEN");
    assert_eq!(cashier.error(list, order.clone()), "FORBIDDEN");
    assert_eq!(manager.data(list, filter)["getProductList"]["total"], 1);
    assert_eq!(manager.data(list, order)["getProductList"]["total"], 1);
    let one = "{ getProduct(input: {id: \"p1\", filter: {cost: {equals: \"0.4\"}}}) { name } }";
    assert_eq!(cashier.error(one, json!({})), "FORBIDDEN");
    let waiting = "{ getProduct(input: {id: \"p1\", wait: {timeout: 100, conditionFilter: {cost: {equals: \"0.4\"}}}}) { name } }";
    assert_eq!(cashier.error(waiting, json!({})), "FORBIDDEN");
    let delete = "mutation { deleteProduct(input: {filter: {cost: {equals: \"0.4\"}}}) { numberOfDeletedEntries } }";
    assert_eq!(cashier.error(delete, json!({})), "FORBIDDEN");
}

fn references_leave_it_out_too(cashier: &Api, manager: &Api) {
    let create = "mutation { createOffer(input: {id: \"o1\", data: {title: \"a\", product: \"p1\", runnerUp: \"p1\", bundle: [\"p1\"]}}) { id } }";
    assert_eq!(cashier.error(create, json!({})), "FORBIDDEN");
    manager.data(create, json!({}));
    let get = "{ getOffer(input: {id: \"o1\", useStrongConsistency: true}) { product { name cost } runnerUp { cost } bundle { cost } } }";
    let product = json!({ "name": "Nail", "cost": "0.40" });
    let seen = json!({ "product": product, "runnerUp": { "cost": "0.40" }, "bundle": [{ "cost": "0.40" }] });
    assert_eq!(manager.data(get, json!({}))["getOffer"], seen);
    let answer = cashier.send(get, json!({}));
    let product = json!({ "name": "Nail", "cost": null });
    assert_eq!(answer["data"]["getOffer"], json!({ "product": product, "runnerUp": null, "bundle": null }));
    let mut found = errors(&answer);
    found.sort_by_key(|(_, path)| path.to_string());
    let paths =
        [json!(["getOffer", "bundle"]), json!(["getOffer", "product", "cost"]), json!(["getOffer", "runnerUp"])];
    assert_eq!(found, paths.map(forbidden));
}

fn projections_know_it_too(cashier: &Api, manager: &Api) {
    let sell = "mutation { sell(input: {saleId: \"s1\", customerId: \"c1\", lines: [{item: \"a\", price: \"1\", count: 1}]}) { events } }";
    cashier.data(sell, json!({}));
    let list = "{ getSaleList(input: {useStrongConsistency: true}) { data { total customerId } } }";
    let answer = cashier.send(list, json!({}));
    assert_eq!(answer["data"]["getSaleList"]["data"], json!([{ "total": "1", "customerId": null }]));
    assert_eq!(errors(&answer), [forbidden(json!(["getSaleList", "data", 0, "customerId"]))]);
    assert_eq!(manager.data(list, json!({}))["getSaleList"]["data"][0]["customerId"], "c1");
    let one = cashier.data("{ getSale(input: {id: \"s1\"}) { customerId } }", json!({}));
    assert_eq!(one["getSale"]["customerId"], "c1", "by id everybody sees it");
}

fn subscriptions_leave_it_out(app: &App, maria: &Api) {
    let query = "subscription { subscribeToProductList { ... on Product { name cost } ... on removeData { id } } }";
    let mut mine = Subscription::open(&app.http, Some(&cashier()), query);
    let mut hers = Subscription::open(&app.http, Some(&manager()), query);
    app.has_begun("SubscribeToProductList", 2);
    maria.data(UPDATE, json!({ "data": { "name": "Nagel", "cost": "0.30" } }));
    assert_eq!(hers.next().unwrap()["subscribeToProductList"], json!({ "name": "Nagel", "cost": "0.30" }));
    let message = mine.whole().unwrap();
    assert_eq!(message["data"]["subscribeToProductList"], json!({ "name": "Nagel", "cost": null }), "{message}");
    assert_eq!(errors(&message), [forbidden(json!(["subscribeToProductList", "cost"]))]);
    let filtered =
        "subscription { subscribeToProductList(input: {filter: {cost: {equals: \"0.3\"}}}) { ... on Product { id } } }";
    assert!(Subscription::open(&app.http, Some(&cashier()), filtered).next().is_none(), "nobody listens for a value");
}

async fn over_grpc(app: &App) {
    let client = Reflected::connect(&app.grpc, "till.till.v1.TillService").await.with(&cashier());
    let got = client.call("GetProduct", json!({ "id": "p1", "fields": ["name", "cost"] })).await.unwrap();
    assert_eq!(got["data"]["name"], "Nagel");
    assert_eq!(got["data"].get("cost").cloned().unwrap_or_default(), Value::Null);
    let said: Vec<&Value> = got["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(said, [&json!(["cost"])], "of the fields wanted only");
    let all = client.call("GetProduct", json!({ "id": "p1" })).await.unwrap();
    for field in ["cost", "margin", "suppliers", "secret"] {
        assert_eq!(all["data"].get(field).cloned().unwrap_or_default(), Value::Null, "{field}");
    }
    let written = json!({ "id": "p1", "data": { "name": "Stift" } });
    let written = client.call("UpdateProduct", written).await.unwrap();
    assert_eq!(written["data"].get("cost").cloned().unwrap_or_default(), Value::Null);
    assert_eq!(written["errors"].as_array().map(Vec::len), Some(4), "{written}");
    let refused = client.call("UpdateProduct", json!({ "id": "p1", "data": { "cost": { "value": "1" } } })).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
}
