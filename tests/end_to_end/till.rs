//! The project of `tests/fixtures/till` over its sockets: exact amounts all the way.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};

const SERVICE: &str = "till.till.v1.TillService";

fn cashier() -> String {
    token("t1", "carla", &["CASHIER"])
}

fn sale(id: &str, price: &str, given: Option<&str>) -> Value {
    json!({ "sale": id, "lines": [{ "item": "nail", "price": price, "count": 3 }], "given": given })
}

const SELL: &str = "mutation($sale: ID!, $lines: [LineInput!]!, $given: Decimal) {
    sell(input: {saleId: $sale, customerId: \"c1\", lines: $lines, given: $given}) { events } }";
const SALE: &str = "query($id: ID!) { getSale(input: {id: $id, useStrongConsistency: true}) {
    total average tip tax prices cheapest lines { price discount } } }";

#[test]
fn amounts_stay_exact_from_socket_to_socket() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("till", dir.path());
    let api = app.api().with(&cashier());
    commands_count_exactly(&api);
    entries_are_found_by_value(&api);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(over_grpc(&app));
}

fn commands_count_exactly(api: &Api) {
    api.data(SELL, sale("s1", "0.10", Some("0.5")));
    api.data("mutation { tip(input: {saleId: \"s1\", amount: \"0.15\"}) { events } }", json!({}));
    let sold = api.data(SALE, json!({ "id": "s1" }));
    let lines = json!([{ "price": "0.10", "discount": null }]);
    let average = "0.10";
    assert_eq!(
        sold["getSale"],
        json!({ "total": "0.30", "average": average, "tip": "0.2", "tax": "0.06", "prices": ["0.10"], "cheapest": "0.10", "lines": lines })
    );
    assert_eq!(api.error(SELL, sale("s2", "0.10", Some("0.29"))), "TooLittle");
    let refused = api.send(SELL, sale("s2", "79228162514264337593543950335", None));
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "VALIDATION",
        "an overflow is an error of the command: {refused}"
    );
    for wrong in [json!(0.1), json!("1e3"), json!("ten"), json!("1.00000000000000000000000000001")] {
        let variables = json!({ "sale": "s3", "lines": [{ "item": "a", "price": wrong, "count": 1 }] });
        assert!(api.send(SELL, variables).get("errors").is_some(), "{wrong} is no Decimal");
    }
    assert_eq!(
        api.data(SELL, json!({ "sale": "s4", "lines": [{ "item": "a", "price": 2, "count": 1 }] }))["sell"]["events"],
        json!(["SaleMade"])
    );
}

fn entries_are_found_by_value(api: &Api) {
    let create = "mutation($id: ID!, $data: CreateProduct!) { createProduct(input: {id: $id, data: $data}) { price weight steps size { width } } }";
    for (id, price, reduced) in
        [("p1", "10.10", None), ("p2", "9.99", Some("9.5")), ("p3", "10.1", None), ("p4", "100", Some("0.0"))]
    {
        let data = json!({ "name": id, "price": price, "reduced": reduced, "steps": ["1.0", "2.50"], "size": { "width": "0.05" }, "suppliers": [] });
        let created = api.data(create, json!({ "id": id, "data": data }));
        let wanted = json!({ "price": price, "weight": "1.50", "steps": ["1.0", "2.50"], "size": { "width": "0.05" } });
        assert_eq!(created["createProduct"], wanted);
    }
    let list = "query($filter: ProductFilter, $order: ProductOrder, $after: String) {
        getProductList(input: {filter: $filter, order: $order, limit: 2, after: $after, useStrongConsistency: true}) { data { id } total cursor } }";
    let ids = |page: &Value| -> Vec<String> {
        let data = page["getProductList"]["data"].as_array().cloned().unwrap_or_default();
        data.iter().filter_map(|entry| entry["id"].as_str()).map(str::to_owned).collect()
    };
    let order = json!({ "price": { "direction": "DESC" } });
    let first = api.data(list, json!({ "order": order }));
    assert_eq!(first["getProductList"]["total"], 4);
    let second = api.data(list, json!({ "order": order, "after": first["getProductList"]["cursor"] }));
    let mut all = ids(&first);
    all.extend(ids(&second));
    assert_eq!((all[0].as_str(), all[3].as_str(), all.len()), ("p4", "p2", 4), "{all:?}");
    let equal = api.data(list, json!({ "filter": { "price": { "equals": "10.100" } } }));
    assert_eq!(ids(&equal), ["p1", "p3"]);
    let range = api.data(list, json!({ "filter": { "price": { "greaterThan": "9.99", "lessThanOrEqual": "10.10" } } }));
    assert_eq!(ids(&range), ["p1", "p3"]);
    let null = api.data(list, json!({ "filter": { "reduced": { "lessThan": 1 } } }));
    assert_eq!(ids(&null), ["p4"]);
    let update = "mutation { updateProduct(input: {id: \"p1\", data: {price: \"11.00\", reduced: null, steps: [\"3\"]}}) { price reduced steps } }";
    let updated = api.data(update, json!({}));
    assert_eq!(updated["updateProduct"], json!({ "price": "11.00", "reduced": null, "steps": ["3"] }));
}

async fn over_grpc(app: &App) {
    let client = Reflected::connect(&app.grpc, SERVICE).await.with(&cashier());
    let got = client.call("GetProduct", json!({ "id": "p1", "useStrongConsistency": true })).await.unwrap();
    assert_eq!(got["data"]["price"], "11.00");
    let wrong = client.call("Tip", json!({ "saleId": "s1", "amount": "a lot" })).await.unwrap_err();
    assert_eq!(wrong.code(), tonic::Code::InvalidArgument, "{wrong}");
    assert!(wrong.message().contains("amount"), "{wrong}");
    let filter = json!({ "price": { "equals": "10.1.1" } });
    let wrong = client.call("GetProductList", json!({ "filter": filter })).await.unwrap_err();
    assert_eq!(wrong.code(), tonic::Code::InvalidArgument, "{wrong}");
}
