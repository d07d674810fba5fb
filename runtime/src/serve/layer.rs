//! What happens around every gRPC request: a span with its trace id, a count and a duration.

use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use tonic::Code;
use tower::{Layer, Service};
use tracing::Instrument;

use crate::auth::trace_id;

/// Adds the span and the metrics to a gRPC server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observe;

/// A server that is observed.
#[derive(Clone, Debug)]
pub(crate) struct Observed<S>(S);

impl<S> Observed<S> {
    /// Without a server around it.
    pub(crate) fn new(inner: S) -> Self {
        Self(inner)
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed(inner)
    }
}

impl<S, B, R> Service<Request<B>> for Observed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send,
    B: Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (service, method) = names(request.uri().path());
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let trace = traceparent.and_then(trace_id).unwrap_or_default();
        let span = tracing::info_span!("grpc", %service, %method, trace_id = trace);
        let started = Instant::now();
        let answer = span.in_scope(|| self.0.call(request));
        let observed = async move {
            let answer = answer.await;
            let code = answer.as_ref().map_or("TRANSPORT", |answer| code(answer.headers()));
            count(service, method, code, started);
            answer
        };
        Box::pin(observed.instrument(span))
    }
}

fn count(service: String, method: String, code: &'static str, started: Instant) {
    // What is not implemented is a name of the caller's making, which must not become a label.
    let known = code != "UNIMPLEMENTED";
    let [service, method] = [service, method].map(|name| if known { name } else { "other".to_owned() });
    let seconds = started.elapsed().as_secs_f64();
    tracing::debug!(code, seconds, "answered");
    metrics::counter!("grpc_requests_total", "service" => service.clone(), "method" => method.clone(), "code" => code)
        .increment(1);
    metrics::histogram!("grpc_request_duration_seconds", "service" => service, "method" => method).record(seconds);
}

/// Service and method of a path like `/campus.enrollment.v1.EnrollmentService/GetCourse`. Paths
/// that no generated service could have become one name, so that callers cannot make up labels.
fn names(path: &str) -> (String, String) {
    let plain = |name: &str| {
        name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
    };
    match path.trim_start_matches('/').split_once('/') {
        Some((service, method)) if plain(service) && plain(method) => (service.to_owned(), method.to_owned()),
        _ => ("other".to_owned(), "other".to_owned()),
    }
}

/// The gRPC code of an answer. One that fails at once says so in its headers; a stream that fails
/// later has already counted as begun well.
fn code(headers: &HeaderMap) -> &'static str {
    let Some(value) = headers.get("grpc-status") else { return "OK" };
    match Code::from_bytes(value.as_bytes()) {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
        Code::Unknown => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_be_made_up() {
        assert_eq!(names("/a.v1.S/Get"), ("a.v1.S".to_owned(), "Get".to_owned()));
        assert_eq!(names("/a/b/c").0, "other");
        assert_eq!(names("/%0a/x").0, "other");
    }

    #[test]
    fn the_code_is_read_from_the_headers() {
        let mut headers = HeaderMap::new();
        assert_eq!(code(&headers), "OK");
        headers.insert("grpc-status", http::HeaderValue::from_static("16"));
        assert_eq!(code(&headers), "UNAUTHENTICATED");
    }
}
