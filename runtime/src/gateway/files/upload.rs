//! An upload over HTTP: the body is passed on to the service as it comes.

use std::time::Duration;

use axum::Json;
use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tonic::Status;

use super::place::{Place, refusal};
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
    match uploaded(&place, named, request).await {
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

async fn uploaded(place: &Place, named: Named, request: Request) -> Result<wire::File, Status> {
    let session = Session::open(&place.verifier, request.headers(), None).await?;
    let new = wire::NewFile {
        service: place.service.to_owned(),
        name: named.name.unwrap_or_default(),
        ..wire::NewFile::default()
    };
    let (sender, mut waiting) = mpsc::channel(WAITING);
    if text(request.headers(), header::CONTENT_TYPE).starts_with("multipart/form-data") {
        let form =
            Multipart::from_request(request, &()).await.map_err(|wrong| status::validation(wrong.body_text()))?;
        tokio::spawn(send_form(new, form, sender));
    } else {
        tokio::spawn(send_body(new, request, sender));
    }
    let no_file = || status::validation("the form has no field `file`");
    let first = waiting.recv().await.ok_or_else(no_file)?;
    let rest = stream::poll_fn(move |cx| waiting.poll_recv(cx));
    let messages = stream::once(async { first }).chain(rest);
    let mut answer = place.client().exchange("Upload", session.forward().request(messages)).await?.into_inner();
    answer.message().await?.ok_or_else(|| status::internal("an upload ended without an answer"))
}

/// What a service waits for.
type Sender = mpsc::Sender<wire::UploadFile>;

/// A body that is the file.
async fn send_body(mut new: wire::NewFile, request: Request, sender: Sender) {
    if new.name.is_empty() {
        new.name = file_name(text(request.headers(), header::CONTENT_DISPOSITION)).unwrap_or_default();
    }
    text(request.headers(), header::CONTENT_TYPE).clone_into(&mut new.content_type);
    let body = request.into_body();
    new.size = body.size_hint().exact();
    send(new, body.into_data_stream(), sender).await;
}

/// A form of which one field is the file, as browsers send it.
async fn send_form(mut new: wire::NewFile, mut form: Multipart, sender: Sender) {
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("file") {
            if let (Some(name), true) = (field.file_name(), new.name.is_empty()) {
                name.clone_into(&mut new.name);
            }
            field.content_type().unwrap_or_default().clone_into(&mut new.content_type);
            return send(new, field, sender).await;
        }
    }
}

/// Passes the pieces of a file on. When it breaks off, the service is told by a message that it does not take; when the service
/// wants no more, the rest is read nonetheless for a while, so that the client hears why.
async fn send<E: Send>(new: wire::NewFile, pieces: impl Stream<Item = Result<Bytes, E>> + Send, sender: Sender) {
    let first = sender.send(wire::UploadFile { message: Some(upload_file::Message::File(new)) }).await;
    tokio::pin!(pieces);
    while first.is_ok() {
        let Some(piece) = pieces.next().await else { return };
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
    let _ = tokio::time::timeout(DRAINING, drain(pieces)).await;
}

/// Reads what nobody wants.
async fn drain<E>(pieces: impl Stream<Item = Result<Bytes, E>>) {
    tokio::pin!(pieces);
    let mut read = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len();
        if read > DRAINED {
            return;
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
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
