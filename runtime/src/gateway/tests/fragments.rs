//! Fragments that spread each other: what they grow into, not what they are written as, has to be small.

use std::fmt::Write;

use super::*;
use crate::testing::send;

/// The answer's first error. A request that is not refused before it is walked holds a thread for years, or ends the process.
async fn error_of(server: &Server, query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    let answer = send(server.address, "POST", "/graphql", &[("content-type", "application/json")], &body);
    let answer = tokio::time::timeout(Duration::from_secs(20), answer).await.expect("it answers in time").json();
    answer["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_that_double_again_and_again_are_refused() {
    let server = start().await;
    let mut bomb = "{ ...F0 } fragment F28 on Query { hello }".to_owned();
    for level in 0..28 {
        let next = level + 1;
        write!(bomb, " fragment F{level} on Query {{ ...F{next} ...F{next} ...F{next} ...F{next} }}").unwrap();
    }
    assert!(error_of(&server, &bomb).await.contains("selects more than"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_of_fragments_is_refused_even_if_nothing_uses_it() {
    let server = start().await;
    let mut chain = "{ hello } fragment F1700 on Query { hello }".to_owned();
    for level in 0..1700 {
        write!(chain, " fragment F{level} on Query {{ ...F{} }}", level + 1).unwrap();
    }
    assert!(error_of(&server, &chain).await.contains("levels deep"));
}

#[tokio::test]
async fn a_fragment_that_spreads_itself_is_refused() {
    let server = start().await;
    for circle in [
        "{ ...A } fragment A on Query { ...A }",
        "{ hello } fragment A on Query { ...B } fragment B on Query { hello ...A }",
    ] {
        assert!(error_of(&server, circle).await.contains("spreads itself"), "{circle}");
    }
}

#[tokio::test]
async fn a_fragment_may_be_used_several_times() {
    let server = start().await;
    let query = "{ nested { ...A } ...A } fragment A on Query { hello ...B ...Missing } fragment B on Query { echo(number: 1) }";
    assert!(error_of(&server, query).await.contains("Missing"));
    let query = query.replace(" ...Missing", "");
    assert_eq!(error_of(&server, &query).await, "");
}
