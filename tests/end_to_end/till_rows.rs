//! Row filters in the project of `tests/fixtures/till`, over GraphQL and straight at the service: whoever is not meant finds an entry
//! by no way.

use crate::app::App;
use crate::graphql::Api;
use crate::postgres::SERVER;
use crate::reflection::Reflected;
use crate::socket::Subscription;
use crate::tokens::{token, token_with};
use serde_json::{Value, json};
use tonic::Code;

const SERVICE: &str = "till.till.v1.TillService";
const DRAWERS: &str = "query($filter: DrawerFilter, $limit: Int, $after: String) {
    getDrawerList(input: {filter: $filter, limit: $limit, after: $after, useStrongConsistency: true}) { data { id } total cursor } }";

/// A cashier of a region.
fn of(region: &Value) -> String {
    token_with("carla", &["CASHIER"], &json!({ "work": { "region": region }, "staffNo": "n1", "cities": ["Ulm"] }))
}

fn manager() -> String {
    token("t1", "maria", &["MANAGER"])
}

#[test]
fn rows_are_kept_apart_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    all_of_it(&App::start_fixture("till", dir.path()));
}

#[test]
fn rows_are_kept_apart_on_postgres() {
    all_of_it(&App::start_fixture_at("till", &SERVER.schema(), &[]));
}

fn all_of_it(app: &App) {
    let (south, north, boss) =
        (app.api().with(&of(&json!("south"))), app.api().with(&of(&json!("north"))), app.api().with(&manager()));
    branches_and_drawers(&boss);
    lists_and_pages(&south, &boss);
    claims_that_say_nothing(app);
    one_by_one(&south);
    references(&boss, &south);
    subscriptions(app, &boss);
    writing(&south, &north, &boss);
    memos(app, &south);
    tips(app);
    tokio::runtime::Runtime::new().unwrap().block_on(over_grpc(app));
}

fn branches_and_drawers(boss: &Api) {
    for (region, city) in [("south", "Ulm"), ("north", "Kiel")] {
        let data = json!({ "region": region, "name": city, "spot": { "city": city, "streets": [] } });
        boss.data(
            "mutation($id: ID!, $data: CreateBranch!) { createBranch(input: {id: $id, data: $data}) { id } }",
            json!({ "id": city, "data": data }),
        );
        for number in 1..=3 {
            let data = json!({ "branch": city, "label": format!("{city} {number}"), "amount": number });
            let create =
                "mutation($id: ID!, $data: CreateDrawer!) { createDrawer(input: {id: $id, data: $data}) { id } }";
            boss.data(create, json!({ "id": format!("{city}-{number}"), "data": data }));
        }
    }
}

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().cloned().unwrap_or_default();
    data.iter().filter_map(|entry| entry["id"].as_str()).map(str::to_owned).collect()
}

fn lists_and_pages(south: &Api, boss: &Api) {
    let all = &boss.data(DRAWERS, json!({ "limit": 1 }))["getDrawerList"];
    assert_eq!((ids(all), &all["total"]), (vec!["Kiel-1".to_owned()], &json!(6)));
    let mine = &south.data(DRAWERS, json!({}))["getDrawerList"];
    assert_eq!((ids(mine), &mine["total"]), (["Ulm-1", "Ulm-2", "Ulm-3"].map(str::to_owned).to_vec(), &json!(3)));
    let behind = &south.data(DRAWERS, json!({ "after": all["cursor"], "limit": 2 }))["getDrawerList"];
    assert_eq!(
        (ids(behind), &behind["total"]),
        (["Ulm-1", "Ulm-2"].map(str::to_owned).to_vec(), &json!(3)),
        "the manager's cursor"
    );
    let tricks = json!({ "or": [{ "label": { "contains": "Kiel" } }, { "id": { "equals": "Kiel-1" } }] });
    let found = &south.data(DRAWERS, json!({ "filter": tricks }))["getDrawerList"];
    assert_eq!((ids(found), &found["total"]), (vec![], &json!(0)));
}

fn claims_that_say_nothing(app: &App) {
    let nobodys =
        [json!(null), json!(""), json!([]), json!(7), json!({ "region": "south" }), json!("south' OR 1=1 --")];
    for claim in nobodys {
        let found = &app.api().with(&of(&claim)).data(DRAWERS, json!({}))["getDrawerList"];
        assert_eq!((ids(found), &found["total"]), (vec![], &json!(0)), "{claim}");
    }
    let without = app.api().with(&token("t1", "carla", &["CASHIER"])).data(DRAWERS, json!({}));
    assert_eq!(without["getDrawerList"]["total"], 0, "no data at all");
    let both = app.api().with(&of(&json!(["north", "south"]))).data(DRAWERS, json!({}));
    assert_eq!(both["getDrawerList"]["total"], 6, "one of");
    let elsewhere = app.api().with(&token("t2", "maria", &["MANAGER"])).data(DRAWERS, json!({}));
    assert_eq!(elsewhere["getDrawerList"]["total"], 0, "another tenant's manager");
}

fn one_by_one(south: &Api) {
    let by_id = |id: &str| format!("{{ getDrawer(input: {{id: \"{id}\"}}) {{ label }} }}");
    assert_eq!(south.data(&by_id("Ulm-1"), json!({}))["getDrawer"]["label"], "Ulm 1");
    let [unseen, missing] = ["Kiel-1", "Nowhere"].map(|id| south.send(&by_id(id), json!({}))["errors"][0].clone());
    assert_eq!(unseen["extensions"]["code"], "NOT_FOUND");
    assert_eq!(unseen["message"].as_str().unwrap().replace("Kiel-1", "Nowhere"), missing["message"].as_str().unwrap());
    let by_filter = "{ getDrawer(input: {filter: {label: {equals: \"Kiel 1\"}}}) { label } }";
    assert_eq!(south.error(by_filter, json!({})), "NOT_FOUND");
    let wait = "{ getDrawer(input: {id: \"Kiel-1\", wait: {timeout: 50, conditionFilter: {amount: {greaterThan: 0}}}}) { label } }";
    assert_eq!(south.error(wait, json!({})), "UNAVAILABLE");
}

fn references(boss: &Api, south: &Api) {
    // A memo of Ulm names Kiel too, which the south does not see.
    let author =
        boss.error("mutation { createMemo(input: {data: {text: \"a\", branches: [\"Ulm\"]}}) { id } }", json!({}));
    assert_eq!(author, "FORBIDDEN", "a manager without a number");
    let create = "mutation { createMemo(input: {id: \"m1\", data: {text: \"a\", branches: [\"Ulm\", \"Kiel\"]}}) { author branches { name } } }";
    let made = south.data(create, json!({}));
    assert_eq!(made["createMemo"], json!({ "author": "n1", "branches": [{ "name": "Ulm" }] }));
    let get = "{ getMemo(input: {id: \"m1\"}) { branches { id name } } }";
    assert_eq!(south.data(get, json!({}))["getMemo"]["branches"], json!([{ "id": "Ulm", "name": "Ulm" }]));
}

fn subscriptions(app: &App, boss: &Api) {
    let query =
        "subscription { subscribeToDrawerList { ... on Drawer { id amount } ... on removeData { id remove } } }";
    let one =
        "subscription { subscribeToDrawer(input: {id: \"Kiel-2\"}) { ... on Drawer { id } ... on removeData { id } } }";
    let mut south = Subscription::open(&app.http, Some(&of(&json!("south"))), query);
    let mut kiel = Subscription::open(&app.http, Some(&of(&json!("south"))), one);
    app.has_begun("SubscribeToDrawerList", 1);
    app.has_begun("SubscribeToDrawer", 1);
    let update = |id: &str, data: &str| {
        boss.data(&format!("mutation {{ updateDrawer(input: {{id: \"{id}\", data: {data}}}) {{ id }} }}"), json!({}))
    };
    update("Kiel-1", "{amount: 10}");
    update("Ulm-1", "{amount: 11}");
    assert_eq!(
        south.next().unwrap()["subscribeToDrawerList"],
        json!({ "id": "Ulm-1", "amount": 11 }),
        "nothing of Kiel before it"
    );
    update("Ulm-1", "{branch: \"Kiel\"}");
    assert_eq!(south.next().unwrap()["subscribeToDrawerList"], json!({ "id": "Ulm-1", "remove": true }));
    update("Ulm-1", "{amount: 12}");
    update("Kiel-2", "{branch: \"Ulm\"}");
    assert_eq!(south.next().unwrap()["subscribeToDrawerList"]["id"], "Kiel-2", "nothing more of what has left");
    assert_eq!(kiel.next().unwrap()["subscribeToDrawer"]["id"], "Kiel-2");
    update("Kiel-2", "{branch: \"Kiel\"}");
    update("Ulm-1", "{branch: \"Ulm\"}");
}

fn writing(south: &Api, north: &Api, boss: &Api) {
    let update = "mutation($id: ID!, $data: UpdateDrawer!) { updateDrawer(input: {id: $id, data: $data}) { amount } }";
    let delete = "mutation($id: ID!) { deleteDrawer(input: {id: $id}) { numberOfDeletedEntries } }";
    let amount = json!({ "amount": 5 });
    assert_eq!(north.error(update, json!({ "id": "Ulm-2", "data": amount })), "NOT_FOUND");
    assert_eq!(north.error(update, json!({ "id": "Nowhere", "data": amount })), "NOT_FOUND");
    assert_eq!(north.error(delete, json!({ "id": "Ulm-2" })), "NOT_FOUND");
    let sweep = "mutation { deleteDrawer(input: {filter: {amount: {lessThan: 1000}, label: {contains: \"Ulm\"}}}) { numberOfDeletedEntries } }";
    assert_eq!(north.data(sweep, json!({}))["deleteDrawer"]["numberOfDeletedEntries"], 0);
    assert_eq!(boss.data(DRAWERS, json!({}))["getDrawerList"]["total"], 6, "all of them are there");
    assert_eq!(south.data(update, json!({ "id": "Ulm-2", "data": amount }))["updateDrawer"]["amount"], 5);
    assert_eq!(
        south.error(update, json!({ "id": "Ulm-2", "data": { "branch": "Kiel" } })),
        "FORBIDDEN",
        "out of sight"
    );
    let create = "mutation { createDrawer(input: {data: {branch: \"Kiel\", label: \"x\"}}) { id } }";
    assert_eq!(south.error(create, json!({})), "FORBIDDEN");
    assert_eq!(north.data(create, json!({}))["createDrawer"]["id"].as_str().map(str::len), Some(36));
}

fn memos(app: &App, south: &Api) {
    let update = "mutation { updateMemo(input: {id: \"m1\", data: {text: \"b\"}}) { text } }";
    let delete = "mutation { deleteMemo(input: {id: \"m1\"}) { numberOfDeletedEntries } }";
    let other = |data: Value| app.api().with(&token_with("otto", &["CASHIER", "MANAGER"], &data));
    let neighbour = other(json!({ "staffNo": "n2", "cities": ["Ulm"] }));
    let get = "{ getMemo(input: {id: \"m1\"}) { text } }";
    assert_eq!(neighbour.data(get, json!({}))["getMemo"]["text"], "a");
    assert_eq!(neighbour.error(update, json!({})), "FORBIDDEN", "seen, but somebody else's");
    assert_eq!(neighbour.error(delete, json!({})), "FORBIDDEN");
    let sweep = "mutation { deleteMemo(input: {filter: {author: {equals: \"n1\"}}}) { numberOfDeletedEntries } }";
    assert_eq!(neighbour.data(sweep, json!({}))["deleteMemo"]["numberOfDeletedEntries"], 0);
    let stranger = other(json!({ "staffNo": "n1", "cities": ["Bonn"] }));
    assert_eq!(stranger.error(update, json!({})), "NOT_FOUND", "the number alone is not enough");
    let given = "mutation { createMemo(input: {data: {author: \"n9\", text: \"a\", branches: []}}) { id } }";
    assert!(
        south.send(given, json!({}))["errors"][0]["message"].as_str().unwrap().contains("author"),
        "no input has it"
    );
    assert_eq!(south.data(update, json!({}))["updateMemo"]["text"], "b");
    assert_eq!(south.data(delete, json!({}))["deleteMemo"]["numberOfDeletedEntries"], 1);
}

fn tips(app: &App) {
    let cashier = app.api().with(&of(&json!("south")));
    for (sale, amount) in [("s1", "0.50"), ("s2", "0.5"), ("s3", "2")] {
        cashier.data(
            &format!("mutation {{ tip(input: {{saleId: \"{sale}\", amount: \"{amount}\"}}) {{ events }} }}"),
            json!({}),
        );
    }
    let list = "{ getGratuityList(input: {useStrongConsistency: true}) { data { id } total } }";
    let seen = |data: Value| {
        ids(&app.api().with(&token_with("c", &["CASHIER"], &data)).data(list, json!({}))["getGratuityList"])
    };
    assert_eq!(seen(json!({ "most": "0.500", "sales": ["s2", "s3"] })), ["s2"], "both hold");
    assert_eq!(seen(json!({ "most": 0.5, "sales": ["s2"] })), [""; 0], "a number that may have been rounded");
    assert_eq!(seen(json!({ "sales": ["s2"] })), [""; 0]);
}

async fn over_grpc(app: &App) {
    let south = Reflected::connect(&app.grpc, SERVICE).await.with(&of(&json!("south")));
    let list = south.call("GetDrawerList", json!({ "useStrongConsistency": true })).await.unwrap();
    assert_eq!(list["total"], 3);
    let some = south.call("GetDrawerByIds", json!({ "ids": ["Kiel-1", "Ulm-1"] })).await.unwrap();
    assert_eq!(ids(&some), ["Ulm-1"]);
    let unseen = south.call("GetDrawer", json!({ "id": "Kiel-1" })).await.unwrap_err();
    assert_eq!(unseen.code(), Code::NotFound);
    let unseen = south.call("DeleteDrawer", json!({ "id": "Kiel-1" })).await.unwrap_err();
    assert_eq!(unseen.code(), Code::NotFound);
    let nobody = Reflected::connect(&app.grpc, SERVICE).await.with(&of(&json!(null)));
    assert_eq!(nobody.call("GetDrawerList", json!({})).await.unwrap()["total"], 0);
    let mut forged = of(&json!("north"));
    forged.replace_range(forged.len() - 2.., "xx");
    let forged = Reflected::connect(&app.grpc, SERVICE).await.with(&forged);
    assert_eq!(forged.call("GetDrawerList", json!({})).await.unwrap_err().code(), Code::Unauthenticated);
    let created = json!({ "data": { "text": "a", "branches": ["Ulm"] } });
    let made = south.call("CreateMemo", created.clone()).await.unwrap();
    assert_eq!(made["data"]["author"], "n1");
    let nameless = Reflected::connect(&app.grpc, SERVICE).await.with(&token("t1", "x", &["CASHIER"]));
    assert_eq!(nameless.call("CreateMemo", created).await.unwrap_err().code(), Code::PermissionDenied);
}
