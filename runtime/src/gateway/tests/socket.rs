//! Subscriptions over a WebSocket.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::*;

struct Client(WebSocketStream<TcpStream>);

/// What a client reads next.
#[derive(Debug, PartialEq)]
enum Heard {
    Message(Value),
    Closed(u16, String),
}

impl Client {
    async fn connect(server: &Server, headers: &[(&'static str, &str)]) -> Self {
        let mut request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(server.address).await.unwrap();
        Self(tokio_tungstenite::client_async(request, stream).await.unwrap().0)
    }

    async fn ready(server: &Server, payload: Value) -> Self {
        let mut client = Self::connect(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
        client.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(client.hear().await, Heard::Message(json!({ "type": "connection_ack" })));
        client
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn hear(&mut self) -> Heard {
        let within = Duration::from_secs(10);
        loop {
            match tokio::time::timeout(within, self.0.next()).await.expect("in time").expect("an end").unwrap() {
                Message::Text(text) => return Heard::Message(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(frame)) => return Heard::Closed(frame.code.into(), frame.reason.to_string()),
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(message) => message,
            closed => panic!("{closed:?}"),
        }
    }

    async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Heard::Closed(code, reason) = self.hear().await {
                return (code, reason);
            }
        }
    }
}

#[tokio::test]
async fn a_subscription_runs_to_its_end() {
    let server = start().await;
    let mut client = Client::ready(&server, Value::Null).await;
    client.subscribe("1", "subscription { ticks(upTo: 2) }").await;
    for tick in 1..=2 {
        let wanted = json!({ "type": "next", "id": "1", "payload": { "data": { "ticks": tick } } });
        assert_eq!(client.message().await, wanted);
    }
    assert_eq!(client.message().await, json!({ "type": "complete", "id": "1" }));
    client.subscribe("2", "{ hello }").await;
    assert_eq!(client.message().await["payload"]["data"]["hello"], "hello ");
}

#[tokio::test]
async fn the_token_comes_with_the_init_or_the_request() {
    let server = start().await;
    let bearer = format!("Bearer {}", token(60));
    let mut client = Client::ready(&server, json!({ "authorization": bearer })).await;
    client.subscribe("1", "subscription { who }").await;
    assert_eq!(client.message().await["payload"]["data"]["who"], "ada");
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", bearer.as_str())];
    let mut client = Client::connect(&server, &headers).await;
    client.send(json!({ "type": "connection_init" })).await;
    client.message().await;
    client.subscribe("1", "subscription { who }").await;
    assert_eq!(client.message().await["payload"]["data"]["who"], "ada");
}

#[tokio::test]
async fn a_bad_token_closes_the_socket() {
    let server = start().await;
    let mut client = Client::connect(&server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
    client.send(json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } })).await;
    let (code, reason) = client.closed().await;
    assert_eq!(code, 4403);
    assert!(reason.starts_with("UNAUTHENTICATED"), "{reason}");
}

#[tokio::test]
async fn a_subscription_ends_with_its_token() {
    let server = start().await;
    // Expired by the clock, but within the leeway, so that the test need not wait long.
    let bearer = format!("Bearer {}", token(2));
    let mut client = Client::ready(&server, json!({ "authorization": bearer })).await;
    client.subscribe("1", "subscription { forever }").await;
    assert_eq!(client.message().await["payload"]["data"]["forever"], 0);
    let (code, reason) = client.closed().await;
    assert_eq!(code, 4401);
    assert!(reason.contains("expired"), "{reason}");
}

#[tokio::test]
async fn other_protocols_and_early_operations_are_refused() {
    let server = start().await;
    let mut other = Client::connect(&server, &[]).await;
    assert_eq!(other.closed().await.0, 4406);
    let mut early = Client::connect(&server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
    early.subscribe("1", "subscription { ticks(upTo: 2) }").await;
    early.closed().await;
}

#[tokio::test]
async fn one_connection_cannot_open_operations_without_end() {
    let server = start().await;
    let mut client = Client::ready(&server, Value::Null).await;
    for id in 0..=100 {
        client.subscribe(&id.to_string(), "subscription { forever }").await;
    }
    loop {
        let message = client.message().await;
        if message["id"] == "100" {
            assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "UNAVAILABLE");
            return;
        }
    }
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let server = start().await;
    let mut client = Client::ready(&server, Value::Null).await;
    client.subscribe("1", "subscription { forever }").await;
    client.message().await;
    server.stop.now();
    assert_eq!(client.closed().await.0, 1001);
}
