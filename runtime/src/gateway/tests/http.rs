//! Queries and mutations over HTTP.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, get, send};

async fn post(server: &Server, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    send(server.address, "POST", "/graphql", &all, &body.to_string()).await
}

async fn query(server: &Server, text: &str) -> Value {
    post(server, &[], &json!({ "query": text })).await.json()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_query_is_answered() {
    let server = start().await;
    let body = json!({ "query": "query Q($n: String) { hello(name: $n) }", "variables": { "n": "Ada" } });
    let answer = post(&server, &[], &body).await;
    assert_eq!(answer.code, 200);
    assert_eq!(answer.json(), json!({ "data": { "hello": "hello Ada" } }));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_token_is_verified_and_passed_on() {
    let server = start().await;
    let bearer = format!("Bearer {}", token(60));
    let body = json!({ "query": "{ who metadata(name: \"authorization\") }" });
    let answer = post(&server, &[("authorization", &bearer)], &body).await.json();
    assert_eq!(answer["data"], json!({ "who": "ada", "metadata": bearer }));
    let anonymous = post(&server, &[], &body).await.json();
    assert_eq!(anonymous["data"], json!({ "who": null, "metadata": null }));
    for bad in ["Bearer x", &format!("Bearer {}", token(-60))] {
        let answer = post(&server, &[("authorization", bad)], &json!({ "query": "{ hello }" })).await;
        assert_eq!(answer.code, 401);
        assert_eq!(code(&answer.json()), "UNAUTHENTICATED");
        assert_eq!(answer.json()["data"], Value::Null);
    }
}

#[tokio::test]
async fn every_field_of_a_mutation_has_an_idempotency_key_of_its_own() {
    let server = start().await;
    let body = json!({ "query": "mutation { a: key b: key }" });
    let answer = post(&server, &[("x-idempotency-key", "k")], &body).await.json();
    assert_eq!(answer["data"], json!({ "a": "k/a", "b": "k/b" }));
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let server = start().await;
    let answer = send(server.address, "POST", "/graphql", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(answer.code, 415);
    let answer = post(&server, &[], &json!([{ "query": "{ hello }" }, { "query": "{ hello }" }])).await;
    assert_eq!((answer.code, code(&answer.json())), (400, "VALIDATION"));
    let large = json!({ "query": format!("{{ hello(name: \"{}\") }}", "x".repeat(80_000)) });
    assert_eq!(post(&server, &[], &large).await.code, 413);
    assert_eq!(get(server.address, "/graphql").await.code, 405);
    assert_eq!(get(server.address, "/graphql?query=%7Bhello%7D").await.code, 405);
}

#[tokio::test]
async fn numbers_that_clients_would_round_are_field_errors() {
    let server = start().await;
    let largest = (1_i64 << 53) - 1;
    assert_eq!(query(&server, &format!("{{ echo(number: {largest}) }}")).await["data"]["echo"], json!(largest));
    let answer = query(&server, &format!("{{ echo(number: {}) }}", largest + 1)).await;
    assert_eq!(code(&answer), "VALIDATION");
    let answer = query(&server, "{ huge hello }").await;
    assert_eq!(answer["data"], json!({ "huge": null, "hello": "hello " }));
    assert_eq!((code(&answer), &answer["errors"][0]["path"]), ("VALIDATION", &json!(["huge"])));
}

#[tokio::test]
async fn what_services_answer_keeps_its_code() {
    let server = start().await;
    assert_eq!(code(&query(&server, "{ full }").await), "CourseFullyBooked");
    let wrong = query(&server, "{ wrong }").await;
    assert_eq!(code(&wrong), "VALIDATION");
    assert_eq!(wrong["errors"][0]["extensions"]["fields"][0]["path"], json!(["name"]));
    let down = query(&server, "{ down }").await;
    assert_eq!(code(&down), "UNAVAILABLE");
    assert!(!down.to_string().contains("10.0.0.1"), "addresses stay inside");
}

#[tokio::test]
async fn depth_and_complexity_have_limits() {
    let server = start().await;
    let deep = |levels: usize| format!("{{ {} hello {} }}", "nested { ".repeat(levels), "}".repeat(levels));
    assert_eq!(query(&server, &deep(10)).await["errors"], Value::Null);
    assert!(query(&server, &deep(25)).await["errors"][0]["message"].as_str().unwrap().contains("deep"));
    let wide: String = (0..450).map(|index| format!("a{index}: hello ")).collect();
    assert!(
        query(&server, &format!("{{ {wide} }}")).await["errors"][0]["message"].as_str().unwrap().contains("complex")
    );
    // Fragments that unfold are counted as what they become.
    let fragments = "{ ...a } fragment a on Query { x: nested { ...b } y: nested { ...b } } \
        fragment b on Query { x: nested { ...c } y: nested { ...c } } \
        fragment c on Query { x: nested { ...d } y: nested { ...d } } fragment d on Query { x: nested { ...e } y: nested { ...e } } \
        fragment e on Query { x: nested { ...f } y: nested { ...f } } fragment f on Query { x: nested { ...g } y: nested { ...g } } \
        fragment g on Query { x: nested { ...h } y: nested { ...h } } fragment h on Query { x: nested { hello } y: nested { hello } }";
    assert!(query(&server, fragments).await["errors"][0]["message"].as_str().unwrap().contains("complex"));
}

#[tokio::test]
async fn the_selection_is_known_beforehand() {
    let server = start().await;
    let text = "{ wanted { here below ...more data { hello x: hello } __typename } } \
        fragment more on Wanted { data { huge } }";
    let answer = query(&server, text).await;
    assert_eq!(answer["data"]["wanted"]["here"], json!(["here", "below", "data"]));
    // Two selections of one field count together, in the order of the document.
    let mut below: Vec<&str> =
        answer["data"]["wanted"]["below"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    below.sort_unstable();
    assert_eq!(below, ["__withoutTotal", "hello", "huge"]);
}

#[tokio::test]
async fn the_schema_is_shown_unless_that_is_off() {
    let text = include_str!("introspection.graphql");
    let open = start().await;
    let answer = query(&open, text).await;
    assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query", "{}", answer["errors"]);
    let closed = start_with(definition(), Limits { introspection: false, ..LIMITS }).await;
    assert_eq!(query(&closed, text).await["data"]["__schema"], Value::Null);
    assert_eq!(query(&closed, "{ hello }").await["data"]["hello"], "hello ");
}

#[tokio::test]
async fn a_schema_of_queries_alone_is_enough() {
    let only = GatewayDefinition::new(|_| Schema::build(Query, async_graphql::EmptyMutation, EmptySubscription));
    let server = start_with(only, LIMITS).await;
    assert_eq!(query(&server, "{ hello }").await["data"]["hello"], "hello ");
}

#[test]
fn a_service_without_an_address_is_noticed() {
    let channels = Channels::new(|name| Err(format!("{name} is missing")));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    channels.get("enrollment");
    channels.get("enrollment");
    assert_eq!(channels.opened().err(), Some(vec!["enrollment is missing".to_owned()]));
}
