//! An upload over HTTP: the body is passed on to the service as it comes.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tonic::Status;

use super::routes::{Place, refusal};
use crate::error::status;
use crate::gateway::session::Session;
use crate::wire;
use crate::wire::upload_file;

/// Pieces of an upload that wait for the service.
const WAITING: usize = 4;
/// How much of an upload that was refused is still read, and for how long: a client that is sending does not listen yet.
const DRAINED: usize = 64 << 20;
const DRAINING: Duration = Duration::from_secs(10);

/// What the address of an upload says.
#[derive(Deserialize)]
pub(super) struct Named {
    name: Option<String>,
}

pub(super) async fn upload(State(place): State<Place>, Query(named): Query<Named>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match uploaded(&place, named, &parts.headers, body).await {
        Ok(file) => {
            let address = format!("/v1/{}/files/{}", place.service, file.id);
            (StatusCode::CREATED, [(header::LOCATION, address)], Json(shown(&file))).into_response()
        }
        Err(status) => refusal(&status),
    }
}

/// A file as whoever uploads it is told.
fn shown(file: &wire::File) -> serde_json::Value {
    let wire::File { id, name, content_type, size } = file;
    json!({ "id": id, "name": name, "contentType": content_type, "mimeType": content_type, "size": size })
}

async fn uploaded(place: &Place, named: Named, headers: &HeaderMap, body: Body) -> Result<wire::File, Status> {
    let session = Session::open(&place.verifier, headers, None).await?;
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let new = wire::NewFile {
        service: place.service.to_owned(),
        name: named.name.or_else(|| file_name(text(header::CONTENT_DISPOSITION))).unwrap_or_default(),
        content_type: text(header::CONTENT_TYPE).to_owned(),
        size: body.size_hint().exact(),
    };
    let first = wire::UploadFile { message: Some(upload_file::Message::File(new)) };
    let (sender, mut waiting) = mpsc::channel(WAITING);
    tokio::spawn(pump(body, sender));
    let bytes = stream::poll_fn(move |cx| waiting.poll_recv(cx));
    let messages = stream::once(async { first }).chain(bytes);
    let mut answer = place.client().exchange("Upload", session.forward().request(messages)).await?.into_inner();
    answer.message().await?.ok_or_else(|| status::internal("an upload ended without an answer"))
}

/// Passes the pieces of a body on. When it breaks off, the service is told by a message that it does not take; when the service
/// wants no more, the rest is read nonetheless for a while, so that the client hears why.
async fn pump(body: Body, sender: mpsc::Sender<wire::UploadFile>) {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let message = piece.ok().map(upload_file::Message::Bytes);
        let has_broken = message.is_none();
        let sent = sender.send(wire::UploadFile { message }).await;
        if has_broken {
            return;
        }
        if sent.is_err() {
            break;
        }
    }
    drop(sender);
    let small = |read: usize, piece: Bytes| async move {
        let read = read + piece.len();
        if read < DRAINED { Ok(read) } else { Err(axum::Error::new("too much")) }
    };
    let _ = tokio::time::timeout(DRAINING, pieces.try_fold(0, small)).await;
}

/// The name that a `content-disposition` gives: `filename*=UTF-8''…` before `filename="…"`.
fn file_name(disposition: &str) -> Option<String> {
    let mut plain = None;
    for parameter in disposition.split(';').skip(1) {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                let encoded = value.splitn(3, '\'').nth(2)?;
                return Some(percent_decoded(encoded));
            }
            "filename" => plain = Some(value.trim_matches('"').to_owned()),
            _ => {}
        }
    }
    plain
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = if *first == b'%' { behind.get(..2).and_then(byte_of) } else { None };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that two hexadecimal digits stand for.
fn byte_of(digits: &[u8]) -> Option<u8> {
    let value = |digit: u8| (digit as char).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(value(*high)? * 16 + value(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_the_header() {
        assert_eq!(file_name("attachment; filename=\"a b.png\"").as_deref(), Some("a b.png"));
        assert_eq!(file_name("inline; filename=a.png").as_deref(), Some("a.png"));
        let both = "attachment; filename=\"z.pdf\"; filename*=UTF-8''Zeugnis%20%C3%BC.pdf";
        assert_eq!(file_name(both).as_deref(), Some("Zeugnis ü.pdf"));
        assert_eq!(file_name("attachment"), None);
        assert_eq!(file_name(""), None);
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
    }
}
