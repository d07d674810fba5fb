//! Subscriptions over a WebSocket, protocol `graphql-transport-ws`. The token comes with the HTTP
//! request or in the payload of `connection_init` (`authorization`); when it expires, the socket
//! is closed.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::http::{WebSocket as Protocol, WebSocketProtocols, WsMessage};
use async_graphql::{Data, Error, Executor, Request, Response as Answer};
use axum::body::Bytes;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::{self, SplitSink};
use futures_util::{Sink, SinkExt, StreamExt};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::definition::Graph;
use super::edge::{Endpoint, failed};
use super::session::Session;
use crate::auth::passed;
use crate::error::status;
use crate::value::DateTime;

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to send `connection_init`.
const INIT_WITHIN: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long it may stay silent.
const SILENT_AT_MOST: Duration = Duration::from_secs(60);
/// How long it may take in one message; who reads no more is cut off, so that nothing is held for nobody.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// How many operations one connection may have open.
const MOST_OPERATIONS: usize = 100;
/// The longest reason that a close frame carries, in bytes.
const LONGEST_REASON: usize = 120;

/// Answers the upgrade and serves the connection in a task of its own.
pub(super) fn serve(endpoint: Endpoint, upgrade: WebSocketUpgrade, headers: HeaderMap) -> Response {
    let body = endpoint.body;
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(body)
        .max_frame_size(body)
        .on_upgrade(move |socket| async move { Connection::open(endpoint, headers).run(socket).await })
}

/// What is known of a connection's caller.
#[derive(Clone, Debug)]
enum State {
    /// Nothing yet.
    New,
    /// The token was refused; the text says why.
    Refused(String),
    /// Accepted, until then.
    Open(Option<DateTime>),
}

struct Connection {
    endpoint: Endpoint,
    headers: HeaderMap,
    state: watch::Sender<State>,
}

impl Connection {
    fn open(endpoint: Endpoint, headers: HeaderMap) -> Self {
        Self { endpoint, headers, state: watch::Sender::new(State::New) }
    }

    async fn run(self, socket: WebSocket) {
        if socket.protocol().and_then(|name| name.to_str().ok()) != Some(PROTOCOL) {
            let (mut sink, _) = socket.split();
            return close(&mut sink, 4406, "the subprotocol must be graphql-transport-ws").await;
        }
        let (mut sink, stream) = socket.split();
        let state = self.state.subscribe();
        let shutdown = self.endpoint.shutdown.clone();
        let (heard, hearing) = watch::channel(Instant::now());
        let messages = self.messages(stream.inspect(move |_| {
            heard.send_replace(Instant::now());
        }));
        tokio::pin!(messages);
        let ended = ended(state.clone(), hearing);
        let stop = shutdown.wished();
        tokio::pin!(ended, stop);
        let mut pings = tokio::time::interval(PING_EVERY);
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                (code, reason) = &mut ended => return close(&mut sink, code, reason).await,
                () = &mut stop => return close(&mut sink, 1001, "the server is shutting down").await,
                _ = pings.tick() => Some(Message::Ping(Bytes::new())),
            };
            let Some(message) = message else { return };
            let message = explained(message, &state.borrow().clone());
            if !sent(&mut sink, message, TAKEN_WITHIN).await {
                return;
            }
        }
    }

    /// What is to be sent, from what is received.
    fn messages(
        self,
        received: impl stream::Stream<Item = Result<Message, axum::Error>> + Send + 'static,
    ) -> impl stream::Stream<Item = Message> {
        let texts = received.take_while(|message| std::future::ready(message.is_ok())).filter_map(|message| async {
            match message {
                Ok(Message::Text(text)) => Some(Bytes::from(text)),
                Ok(Message::Binary(bytes)) => Some(bytes),
                _ => None,
            }
        });
        let limited = Limited { graph: self.endpoint.graph.clone(), open: Arc::new(Semaphore::new(MOST_OPERATIONS)) };
        Protocol::new(limited, Box::pin(texts), WebSocketProtocols::GraphQLWS)
            .on_connection_init(move |payload| self.accept(payload))
            .map(|message| match message {
                WsMessage::Text(text) => Message::Text(text.into()),
                WsMessage::Close(code, reason) => frame(code, &reason),
            })
    }

    async fn accept(self, payload: serde_json::Value) -> Result<Data, Error> {
        let given = ["authorization", "Authorization"].iter().find_map(|name| payload.get(*name)?.as_str());
        match Session::open(&self.endpoint.verifier, &self.headers, given).await {
            Ok(session) => {
                self.state.send_replace(State::Open(session.expires));
                Ok(session.data())
            }
            Err(status) => {
                let reason = format!("{}: {}", status::code(&status), status.message());
                self.state.send_replace(State::Refused(reason.clone()));
                Err(Error::new(reason))
            }
        }
    }
}

/// Returns when the connection must end, with the code and reason to close it with.
async fn ended(mut state: watch::Receiver<State>, hearing: watch::Receiver<Instant>) -> (u16, &'static str) {
    let known = state.wait_for(|state| !matches!(state, State::New));
    let expires = match tokio::time::timeout(INIT_WITHIN, known).await {
        Err(_) => return (4408, "connection_init did not come in time"),
        Ok(Ok(state)) => match *state {
            State::Open(expires) => expires,
            _ => None,
        },
        Ok(Err(_)) => None,
    };
    tokio::select! {
        () = expired(expires) => (4401, "UNAUTHENTICATED: the token has expired"),
        () = silent(hearing) => (1001, "nothing was heard for too long"),
    }
}

async fn expired(at: Option<DateTime>) {
    match at {
        Some(at) => passed(at).await,
        None => std::future::pending().await,
    }
}

async fn silent(hearing: watch::Receiver<Instant>) {
    loop {
        let until = *hearing.borrow() + SILENT_AT_MOST;
        if until <= Instant::now() {
            return;
        }
        tokio::time::sleep_until(until).await;
    }
}

/// A refused token closes with the code that the protocol has for it.
fn explained(message: Message, state: &State) -> Message {
    match (message, state) {
        (Message::Close(_), State::Refused(reason)) => frame(4403, reason),
        (message, _) => message,
    }
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, code: u16, reason: &str) {
    // The client may be gone already, which is what was wanted.
    let _ = sent(sink, frame(code, reason), TAKEN_WITHIN).await;
}

/// Whether the client has taken the message, in time.
async fn sent(sink: &mut (impl Sink<Message> + Unpin), message: Message, within: Duration) -> bool {
    matches!(tokio::time::timeout(within, sink.send(message)).await, Ok(Ok(())))
}

fn frame(code: u16, reason: &str) -> Message {
    let starts = reason.char_indices().map(|(start, _)| start).take_while(|start| *start <= LONGEST_REASON);
    let end = if reason.len() <= LONGEST_REASON { reason.len() } else { starts.last().unwrap_or_default() };
    Message::Close(Some(CloseFrame { code, reason: reason.get(..end).unwrap_or_default().into() }))
}

/// The schema, for one connection: so many operations at a time and no more.
#[derive(Clone)]
struct Limited {
    graph: Graph,
    open: Arc<Semaphore>,
}

impl Executor for Limited {
    async fn execute(&self, request: Request) -> Answer {
        self.graph.execute(request).await
    }

    fn execute_stream(&self, request: Request, data: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        match Arc::clone(&self.open).try_acquire_owned() {
            Ok(permit) => {
                let answers = self.graph.execute_stream(request, data);
                answers.map(move |answer| (answer, &permit).0).boxed()
            }
            Err(_) => {
                let answer = failed(status::unavailable("too many operations are open on this connection"));
                stream::once(std::future::ready(answer)).boxed()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::sink;

    use super::*;

    #[tokio::test]
    async fn a_client_that_reads_no_more_is_given_up() {
        let ping = || Message::Ping(Bytes::new());
        let reads = sink::unfold((), |(), _: Message| std::future::ready(Ok::<_, Infallible>(())));
        assert!(sent(&mut Box::pin(reads), ping(), TAKEN_WITHIN).await);
        let reads_no_more = sink::unfold((), |(), _: Message| std::future::pending::<Result<(), Infallible>>());
        assert!(!sent(&mut Box::pin(reads_no_more), ping(), Duration::from_millis(20)).await);
    }
}
