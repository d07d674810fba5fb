//! What callers upload and load here: the files of the services of this process.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{self, StreamExt};
use tokio::sync::oneshot;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::service_fn;

use super::SERVICE;
use super::stored::{Files, broken, part};
use crate::auth::{Call, Verifier};
use crate::error::status;
use crate::rpc::{Answer, Messages};
use crate::wire;
use crate::wire::upload_file::Message;

/// The gRPC service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Served(Arc<Inner>);

struct Inner {
    files: BTreeMap<&'static str, Files>,
    verifier: Arc<Verifier>,
}

impl Served {
    /// The files of these services.
    pub(crate) fn new(files: impl IntoIterator<Item = (&'static str, Files)>, verifier: Arc<Verifier>) -> Self {
        Self(Arc::new(Inner { files: files.into_iter().collect(), verifier }))
    }

    /// Whether there is nothing to serve.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.files.is_empty()
    }

    fn of(&self, service: &str) -> Result<Files, Status> {
        let files = self.0.files.get(service).cloned();
        files.ok_or_else(|| status::not_found(format!("`{service}` has no files here")))
    }

    async fn upload(
        self,
        request: Request<Streaming<wire::UploadFile>>,
    ) -> Result<Response<Messages<wire::File>>, Status> {
        let call = Call::from_request(&self.0.verifier, &request).await?;
        let mut messages = request.into_inner();
        let Some(Message::File(new)) = messages.message().await?.and_then(|first| first.message) else {
            return Err(status::validation("the first message must say what is going to be sent"));
        };
        let incoming = self.of(&new.service)?.begin(&call.caller, new).await?;
        let (done, outcome) = oneshot::channel();
        // A task of its own: what a caller leaves unfinished has to be cleared away though nobody waits for it.
        tokio::spawn(async move {
            let _ = done.send(incoming.receive(messages.map(bytes_of)).await);
        });
        let answer = stream::once(async {
            let lost = |_| Err(status::internal("the task that takes a file has ended"));
            outcome.await.unwrap_or_else(lost).map(wire::File::from)
        });
        Ok(Response::new(Box::pin(answer)))
    }

    async fn download(
        self,
        request: Request<wire::DownloadFile>,
    ) -> Result<Response<Messages<wire::FilePart>>, Status> {
        let call = Call::from_request(&self.0.verifier, &request).await?;
        let asked = request.into_inner();
        let files = self.of(&asked.service)?;
        let (tenant, file) = files.find(&call.caller, &asked).await?;
        let (from, to) = span(&asked, file.size.unsigned_abs());
        let bytes = match from < to && !asked.head {
            true => files.read(&tenant, &file, from, to).await?,
            false => stream::empty().boxed(),
        };
        let head = wire::FileHead { file: Some(file.into()), offset: from, length: to - from };
        let head = wire::FilePart { message: Some(wire::file_part::Message::Head(head)) };
        let parts = bytes.map(|bytes| bytes.map(part).map_err(|error| broken(&error)));
        Ok(Response::new(Box::pin(stream::once(async { Ok(head) }).chain(parts))))
    }

    fn answer(self, request: http::Request<Body>) -> Answer {
        let path = request.uri().path().strip_prefix('/').and_then(|path| path.strip_prefix(SERVICE));
        match path {
            Some("/Upload") => Box::pin(async move {
                let upload = service_fn(move |message| self.clone().upload(message));
                Ok(Grpc::new(ProstCodec::default()).streaming(upload, request).await)
            }),
            Some("/Download") => Box::pin(async move {
                let download = service_fn(move |message| self.clone().download(message));
                Ok(Grpc::new(ProstCodec::default()).server_streaming(download, request).await)
            }),
            _ => Box::pin(async { Ok(Status::unimplemented("").into_http()) }),
        }
    }
}

fn bytes_of(message: Result<wire::UploadFile, Status>) -> Result<Bytes, Status> {
    match message?.message {
        Some(Message::Bytes(bytes)) => Ok(bytes),
        _ => Err(status::validation("behind the first message there must be bytes")),
    }
}

/// The first byte that is asked for, and the one behind the last, both within the file.
fn span(asked: &wire::DownloadFile, size: u64) -> (u64, u64) {
    if let Some(last) = asked.last {
        return (size.saturating_sub(last), size);
    }
    let from = asked.offset.min(size);
    (from, asked.length.map_or(size, |length| from.saturating_add(length).min(size)))
}

impl NamedService for Served {
    const NAME: &'static str = SERVICE;
}

impl tower::Service<http::Request<Body>> for Served {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        self.clone().answer(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_stays_within_the_file() {
        let all = wire::DownloadFile::default();
        assert_eq!(span(&all, 10), (0, 10));
        assert_eq!(span(&wire::DownloadFile { offset: 4, length: Some(3), ..all.clone() }, 10), (4, 7));
        assert_eq!(span(&wire::DownloadFile { offset: 4, length: Some(u64::MAX), ..all.clone() }, 10), (4, 10));
        assert_eq!(span(&wire::DownloadFile { offset: 99, ..all.clone() }, 10), (10, 10));
        assert_eq!(span(&wire::DownloadFile { last: Some(3), ..all.clone() }, 10), (7, 10));
        assert_eq!(span(&wire::DownloadFile { last: Some(99), ..all }, 10), (0, 10));
    }
}
