//! The same text again: it is parsed once, and judged each time by what else the request brings.

use serde_json::Value;

use super::*;
use crate::testing::send;

async fn ask(server: &Server, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables }).to_string();
    send(server.address, "POST", "/graphql", &[("content-type", "application/json")], &body).await.json()
}

#[tokio::test]
async fn each_request_has_its_own_variables() {
    let server = start().await;
    let query = "query($name: String, $not: Boolean!) { hello(name: $name) echo(number: 1) @skip(if: $not) ...More } \
        fragment More on Query { nested { hello @include(if: $not) huge } }";
    for (name, not) in [("a", true), ("b", false), ("c", true)] {
        let answer = ask(&server, query, json!({ "name": name, "not": not })).await;
        assert_eq!(answer["data"]["hello"], format!("hello {name}"));
        assert_eq!(answer["data"].get("echo").is_none(), not, "{answer}");
        assert_eq!(answer["data"]["nested"].get("hello").is_some(), not, "{answer}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_wrong_each_time() {
    let server = start().await;
    let query = "query($number: Int!) { echo(number: $number) }";
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    for _ in 0..3 {
        assert_eq!(ask(&server, query, json!({ "number": 7 })).await["data"]["echo"], 7);
        assert!(ask(&server, query, json!({ "number": "seven" })).await["errors"].is_array());
        assert!(ask(&server, query, json!({})).await["errors"].is_array());
        let message = ask(&server, query, json!({ "number": deep })).await["errors"][0]["message"].to_string();
        assert!(message.contains("levels deep"), "{message}");
        for wrong in ["{ hello", "{ nothing }", "{ ...A } fragment A on Query { ...A }"] {
            assert!(ask(&server, wrong, json!({})).await["errors"].is_array(), "{wrong}");
        }
        let deep = format!("{{ {} hello {} }}", "nested {".repeat(25), "}".repeat(25));
        assert_eq!(ask(&server, &deep, json!({})).await["errors"][0]["message"], "Query is nested too deep.");
    }
}

#[tokio::test]
async fn another_operation_of_the_same_text_is_another() {
    let server = start().await;
    let query = "query A { hello(name: \"a\") } query B { hello(name: \"b\") }";
    for (name, greeting) in [("A", "hello a"), ("B", "hello b"), ("A", "hello a")] {
        let body = json!({ "query": query, "operationName": name }).to_string();
        let answer = send(server.address, "POST", "/graphql", &[("content-type", "application/json")], &body).await;
        assert_eq!(answer.json()["data"]["hello"], greeting);
    }
}
