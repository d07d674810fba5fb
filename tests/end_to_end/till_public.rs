//! Writing without a token, in the project of `tests/fixtures/till`: where it is public, for the tenant that is named.

use crate::app::App;
use crate::tokens::token;
use serde_json::json;

const CREATE: &str = "mutation($data: CreateWish!) { createPublicWish(input: {tenantId: \"t1\", id: \"w1\", data: $data}) { id text bid } }";

#[test]
fn anyone_writes_what_is_public() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("till", dir.path());
    let api = app.api();
    let made = api.data(CREATE, json!({ "data": { "text": "apples", "bid": "1.50" } }));
    assert_eq!(made["createPublicWish"], json!({ "id": "w1", "text": "apples", "bid": "1.50" }));
    let update =
        "mutation { updatePublicWish(input: {tenantId: \"t1\", id: \"w1\", data: {text: \"pears\"}}) { text } }";
    assert_eq!(api.data(update, json!({}))["updatePublicWish"]["text"], "pears");
    let answer =
        "mutation { updatePublicWish(input: {tenantId: \"t1\", id: \"w1\", data: {answer: \"no\"}}) { text } }";
    assert_eq!(api.error(answer, json!({})), "UNAUTHENTICATED", "a field of the manager's");
    let get = "{ getWish(input: {id: \"w1\", useStrongConsistency: true}) { text } }";
    let (here, there) = (token("t1", "u", &["CASHIER"]), token("t2", "u", &["CASHIER"]));
    assert_eq!(api.with(&here).data(get, json!({}))["getWish"]["text"], "pears");
    assert_eq!(api.with(&there).error(get, json!({})), "NOT_FOUND", "another tenant sees nothing of it");
    let delete = |tenant: &str| {
        format!(
            "mutation {{ deletePublicWish(input: {{tenantId: \"{tenant}\", id: \"w1\"}}) {{ numberOfDeletedEntries }} }}"
        )
    };
    assert_eq!(api.error(&delete("t2"), json!({})), "NOT_FOUND");
    assert_eq!(api.data(&delete("t1"), json!({}))["deletePublicWish"]["numberOfDeletedEntries"], 1);
    let token_of_another = api.with(&there).data(CREATE, json!({ "data": { "text": "plums" } }));
    assert_eq!(token_of_another["createPublicWish"]["text"], "plums", "the token counts for nothing here");
    assert_eq!(api.with(&here).data(get, json!({}))["getWish"]["text"], "plums");
    let refused = "mutation { createPublicProduct(input: {tenantId: \"t1\", data: {name: \"a\"}}) { id } }";
    assert!(api.send(refused, json!({}))["errors"][0]["message"].as_str().unwrap().contains("createPublicProduct"));
}
