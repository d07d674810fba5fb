//! A file over HTTP: whole, in part, or not again for whoever has it.

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::TryStreamExt;
use serde::Deserialize;
use tonic::{Status, Streaming};

use super::place::{Place, refusal};
use crate::error::status;
use crate::gateway::session::Session;
use crate::wire;
use crate::wire::file_part;

/// What is shown in the page of whoever loads it. Everything else is offered to be saved, since it could be a page with scripts.
const SHOWN: [&str; 5] = ["image/", "audio/", "video/", "text/plain", "application/pdf"];

/// What the address of a link says.
#[derive(Deserialize)]
pub(super) struct Linked {
    link: Option<String>,
    width: Option<String>,
    height: Option<String>,
}

pub(super) async fn load(
    State(place): State<Place>,
    Path(id): Path<String>,
    Query(linked): Query<Linked>,
    request: Request,
) -> Response {
    if linked.width.is_some() || linked.height.is_some() {
        return refusal(&status::validation(
            "images are given in their own size: `width` and `height` cannot be asked for",
        ));
    }
    let asked = wire::DownloadFile {
        service: place.service.to_owned(),
        id,
        link: linked.link,
        head: request.method() == http::Method::HEAD,
        ..wire::DownloadFile::default()
    };
    loaded(&place, asked, request.headers()).await.unwrap_or_else(|status| refusal(&status))
}

async fn loaded(place: &Place, mut asked: wire::DownloadFile, headers: &HeaderMap) -> Result<Response, Status> {
    let session = Session::open(&place.verifier, headers, None).await?;
    // What a file holds never changes.
    let tag = format!("\"{}\"", asked.id);
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| names_tag(value, &tag));
    let other = headers.get(header::IF_RANGE).is_some_and(|value| value.as_bytes() != tag.as_bytes());
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(span);
    let is_part = range.is_some() && !other && !is_known && !asked.head;
    if let (Some(range), true) = (range, is_part) {
        (asked.offset, asked.length, asked.last) = range;
    }
    asked.head |= is_known;
    let request = session.forward().request(asked);
    let answered = place.client().many::<wire::DownloadFile, wire::FilePart>("Download", request).await?;
    let mut parts = answered.into_inner();
    let Some(file_part::Message::Head(head)) = parts.message().await?.and_then(|part| part.message) else {
        return Err(status::internal("a file came without its head"));
    };
    let code = match (is_known, is_part) {
        (true, _) => StatusCode::NOT_MODIFIED,
        (_, true) if head.length == 0 => StatusCode::RANGE_NOT_SATISFIABLE,
        (_, true) => StatusCode::PARTIAL_CONTENT,
        _ => StatusCode::OK,
    };
    Ok(given(code, &head, &tag, parts))
}

fn given(code: StatusCode, head: &wire::FileHead, tag: &str, parts: Streaming<wire::FilePart>) -> Response {
    let file = head.file.clone().unwrap_or_default();
    let whole = file.size;
    let (body, range) = match code {
        StatusCode::NOT_MODIFIED => (Body::empty(), None),
        StatusCode::RANGE_NOT_SATISFIABLE => (Body::empty(), Some(format!("bytes */{whole}"))),
        StatusCode::PARTIAL_CONTENT => {
            let last = head.offset + head.length.saturating_sub(1);
            (bytes(parts), Some(format!("bytes {}-{last}/{whole}", head.offset)))
        }
        _ => (bytes(parts), None),
    };
    let mut response = Response::builder()
        .status(code)
        .header(header::ETAG, tag)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, max-age=300")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    if code == StatusCode::OK || code == StatusCode::PARTIAL_CONTENT {
        response = response
            .header(header::CONTENT_TYPE, &file.content_type)
            .header(header::CONTENT_LENGTH, head.length)
            .header(header::CONTENT_DISPOSITION, disposition(&file));
    }
    if let Some(range) = range {
        response = response.header(header::CONTENT_RANGE, range);
    }
    response.body(body).unwrap_or_else(|_| refusal(&status::internal("the head of a file cannot be sent")))
}

fn bytes(parts: Streaming<wire::FilePart>) -> Body {
    let bytes = parts.try_filter_map(|part| async move {
        Ok(match part.message {
            Some(file_part::Message::Bytes(bytes)) => Some(bytes),
            _ => None,
        })
    });
    Body::from_stream(bytes)
}

/// Whether it is shown or saved, and what it is called then (RFC 6266).
fn disposition(file: &wire::File) -> String {
    let is_svg = file.content_type.starts_with("image/svg");
    let is_shown = !is_svg && SHOWN.iter().any(|shown| file.content_type.starts_with(shown));
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => (byte as char).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let name: String = file.name.bytes().map(letter).collect();
    format!("{}; filename*=UTF-8''{name}", if is_shown { "inline" } else { "attachment" })
}

fn names_tag(value: &HeaderValue, tag: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
}

/// A single range of bytes: where it begins, how long it is, or how many bytes at the end.
fn span(range: &str) -> Option<(u64, Option<u64>, Option<u64>)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (from.trim(), to.trim()) {
        ("", last) => Some((0, None, Some(last.parse().ok()?))),
        (from, "") => Some((from.parse().ok()?, None, None)),
        (from, to) => {
            let (from, to) = (from.parse::<u64>().ok()?, to.parse::<u64>().ok()?);
            Some((from, Some(to.checked_sub(from)?.saturating_add(1)), None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_understood() {
        assert_eq!(span("bytes=0-9"), Some((0, Some(10), None)));
        assert_eq!(span("bytes=5-"), Some((5, None, None)));
        assert_eq!(span("bytes=-3"), Some((0, None, Some(3))));
        for other in ["bytes=9-5", "bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b"] {
            assert_eq!(span(other), None, "{other}");
        }
    }

    #[test]
    fn only_what_runs_nothing_is_shown() {
        let file = |kind: &str, name: &str| wire::File {
            content_type: kind.into(),
            name: name.into(),
            ..wire::File::default()
        };
        assert_eq!(disposition(&file("image/png", "ü \".png")), "inline; filename*=UTF-8''%C3%BC%20%22.png");
        for kind in ["text/html", "image/svg+xml", "application/octet-stream", "text/xml"] {
            assert!(disposition(&file(kind, "a")).starts_with("attachment"), "{kind}");
        }
    }
}
