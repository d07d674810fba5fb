//! Variables that are declared and not given.

use super::*;
use crate::testing::send;

/// What `asked` got, or the first error.
async fn asked(server: &Server, query: &str, variables: serde_json::Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let answer = send(server.address, "POST", "/graphql", &[("content-type", "application/json")], &body).await.json();
    let told = &answer["errors"][0]["message"];
    told.as_str().or_else(|| answer["data"]["asked"].as_str()).unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_misspelt_field_is_found_whatever_else_is_left_out() {
    let server = start().await;
    let typo = json!({ "any": [{ "nmae": "ada" }] });
    let of_variables = "query($any: [Asked!], $limit: Int) { asked(input: {any: $any, limit: $limit}) }";
    let written = "query($limit: Int) { asked(input: {any: [{nmae: \"ada\"}], limit: $limit}) }";
    let in_fragment =
        "query($any: [Asked!], $limit: Int) { ...F } fragment F on Query { asked(input: {any: $any, limit: $limit}) }";
    let with_default = "query($any: [Asked!], $limit: Int = 3) { asked(input: {any: $any, limit: $limit}) }";
    // Twice: what is remembered of a text is looked at in the same way.
    for query in [of_variables, written, in_fragment, with_default, of_variables] {
        let told = asked(&server, query, typo.clone()).await;
        assert!(told.contains("unknown field \"nmae\""), "{query}: {told}");
    }
}

#[tokio::test]
async fn what_is_left_out_is_not_null() {
    let server = start().await;
    let query = "query Q($name: String, $limit: Int) { asked(input: {name: $name, limit: $limit}) }";
    assert_eq!(asked(&server, query, json!({ "limit": 1 })).await, "name Undefined, any , limit Some(1)");
    assert_eq!(asked(&server, query, json!({ "name": null })).await, "name Null, any , limit None");
    assert_eq!(asked(&server, query, json!({ "name": "ada" })).await, "name Value(\"ada\"), any , limit None");
    let default = query.replace("$limit: Int", "$limit: Int = 7");
    assert_eq!(asked(&server, &default, json!({})).await, "name Undefined, any , limit Some(7)");
    assert_eq!(asked(&server, &default, json!({ "limit": null })).await, "name Undefined, any , limit None");
}

#[tokio::test]
async fn a_list_keeps_its_length_and_what_must_be_there_is_asked_for() {
    let server = start().await;
    let list = "query($name: String, $one: Asked) { asked(input: {any: [{name: $name}, $one]}) }";
    assert!(asked(&server, list, json!({})).await.contains("Asked"), "null is no element of this list");
    let list = "query($name: String) { asked(input: {any: [{name: $name}, {name: \"b\"}]}) }";
    assert_eq!(asked(&server, list, json!({})).await, "name Undefined, any Undefined/Value(\"b\"), limit None");
    let whole = "query($input: Asked) { asked(input: $input) }";
    assert!(asked(&server, whole, json!({})).await.contains("input"));
    let needed = "query($input: Asked!) { asked(input: $input) }";
    assert!(asked(&server, needed, json!({})).await.contains("input"));
}
