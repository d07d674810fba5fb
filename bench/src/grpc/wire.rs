//! The thin gRPC service: what tonic would generate for four calls, by hand.
//!
//! ```proto
//! service Events {
//!   rpc Append(Appending) returns (Appended);   // a conditional append
//!   rpc Deposit(Appending) returns (Appended);  // the same as a command: read, decide, append
//!   rpc Nothing(Appending) returns (Appended);  // the ceiling: the same messages, and no store
//!   rpc Head(Appending) returns (Appended);     // the head alone
//! }
//! ```

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::codegen::http::{Request as HttpRequest, Response as HttpResponse, uri::PathAndQuery};
use tonic::codegen::{Body as HttpBody, Service, StdError};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// An event to append under the condition that none with the same tag stands behind `after`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Appending {
    #[prost(string, tag = "1")]
    pub event_type: String,
    #[prost(string, repeated, tag = "2")]
    pub tags: Vec<String>,
    #[prost(bytes = "vec", tag = "3")]
    pub payload: Vec<u8>,
    #[prost(uint64, tag = "4")]
    pub after: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub id: Vec<u8>,
}

/// Where it stands, or that it was refused; and the head.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Appended {
    #[prost(uint64, optional, tag = "1")]
    pub position: Option<u64>,
    #[prost(uint64, tag = "2")]
    pub head: u64,
}

/// The calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Append,
    Deposit,
    Nothing,
    Head,
}

impl Call {
    const ALL: [Self; 4] = [Self::Append, Self::Deposit, Self::Nothing, Self::Head];

    fn path(self) -> &'static str {
        match self {
            Self::Append => "/bench.Events/Append",
            Self::Deposit => "/bench.Events/Deposit",
            Self::Nothing => "/bench.Events/Nothing",
            Self::Head => "/bench.Events/Head",
        }
    }
}

/// What answers the calls.
#[async_trait::async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Answers one.
    async fn handle(&self, call: Call, request: Appending) -> Result<Appended, Status>;
}

/// The service as a server takes it.
pub struct Events<H>(pub Arc<H>);

impl<H> Clone for Events<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: Handler> NamedService for Events<H> {
    const NAME: &'static str = "bench.Events";
}

impl<H: Handler, B> Service<HttpRequest<B>> for Events<H>
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = HttpResponse<Body>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        let handler = Arc::clone(&self.0);
        Box::pin(async move {
            let Some(call) = Call::ALL.into_iter().find(|call| call.path() == request.uri().path()) else {
                return Ok(Status::unimplemented("no such call").into_http());
            };
            let mut grpc = Grpc::new(ProstCodec::<Appended, Appending>::default());
            Ok(grpc.unary(Unary { call, handler }, request).await)
        })
    }
}

struct Unary<H> {
    call: Call,
    handler: Arc<H>,
}

impl<H: Handler> UnaryService<Appending> for Unary<H> {
    type Response = Appended;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Appended>, Status>> + Send>>;

    fn call(&mut self, request: Request<Appending>) -> Self::Future {
        let (call, handler) = (self.call, Arc::clone(&self.handler));
        Box::pin(async move { handler.handle(call, request.into_inner()).await.map(Response::new) })
    }
}

/// Sends a call.
///
/// # Errors
/// What the server says.
pub async fn send(channel: Channel, call: Call, request: Appending) -> Result<Appended, Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<Appending, Appended>::default();
    let path = PathAndQuery::from_static(call.path());
    grpc.unary(Request::new(request), path, codec).await.map(Response::into_inner)
}
