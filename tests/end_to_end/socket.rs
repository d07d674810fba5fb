//! A client of GraphQL subscriptions: graphql-transport-ws over a WebSocket.

use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

/// One subscription on a connection of its own.
pub struct Subscription {
    socket: WebSocket<TcpStream>,
}

impl Subscription {
    /// Connects, says who is there and subscribes. The messages after the acknowledgement are read by [`Self::next`].
    pub fn open(address: &str, token: Option<&str>, query: &str) -> Self {
        let mut request = format!("ws://{address}/graphql").into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
        let (socket, response) = tungstenite::client(request, stream).expect("the server speaks WebSocket");
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        let mut subscription = Self { socket };
        let payload = token.map_or(json!({}), |token| json!({ "authorization": format!("Bearer {token}") }));
        subscription.send(&json!({ "type": "connection_init", "payload": payload }));
        let acknowledged = subscription.read().unwrap_or_default();
        if acknowledged["type"] == "connection_ack" {
            subscription.send(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }));
        }
        subscription
    }

    /// The data of the next message; `None` if the subscription was refused or has ended.
    pub fn next(&mut self) -> Option<Value> {
        let message = self.read()?;
        let refused = message["type"] != "next" || message["payload"].get("errors").is_some();
        (!refused).then(|| message["payload"]["data"].clone())
    }

    /// The next message whole, errors and all; `None` if the subscription has ended.
    pub fn whole(&mut self) -> Option<Value> {
        let message = self.read()?;
        (message["type"] == "next").then(|| message["payload"].clone())
    }

    fn send(&mut self, message: &Value) {
        // A server that has closed already tells by the next read.
        let _ = self.socket.send(Message::text(message.to_string()));
    }

    fn read(&mut self) -> Option<Value> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    let value: Value = serde_json::from_str(&text).expect("the server sends JSON");
                    if value["type"] == "ping" {
                        self.send(&json!({ "type": "pong" }));
                        continue;
                    }
                    return Some(value);
                }
                Ok(Message::Close(_)) | Err(tungstenite::Error::ConnectionClosed) => return None,
                // A server that refuses closes, and may be gone before our answer to that.
                Err(tungstenite::Error::Io(error)) if !is_timeout(&error) => return None,
                Ok(_) => {}
                Err(error) => panic!("the subscription broke: {error}"),
            }
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
