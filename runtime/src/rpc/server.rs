//! The answering end: a request finds its method by name.

use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tower::service_fn;

use super::message::{Outgoing, Plain, incoming, outgoing};
use super::{Messages, messages};
use crate::auth::Call;
use crate::service::Service;

/// What comes of a request, be it a failure.
pub type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// What answers a call, given the bytes of its message.
type Function<T> = Arc<dyn Fn(Service, Call, Bytes) -> Answered<T> + Send + Sync>;

type Answered<T> = Pin<Box<dyn Future<Output = Result<T, Status>> + Send>>;

/// The methods of a service.
pub trait Methods: 'static {
    /// The name of the service with its package: `campus.enrollment.v1.EnrollmentService`.
    const SERVICE: &'static str;

    /// Leads a request to the function of its method.
    fn answer(incoming: Incoming) -> Answer;
}

/// A request, and the running service that it is for.
pub struct Incoming {
    service: Service,
    request: http::Request<Body>,
}

impl Incoming {
    /// The name of the method that is called.
    #[must_use]
    pub fn method(&self) -> &str {
        self.request.uri().path().rsplit('/').next().unwrap_or_default()
    }

    /// Answers by a function from one message to one. It is given who calls.
    pub fn one<I, O, F>(self, function: impl Fn(Service, Call, I) -> F + Send + Sync + 'static) -> Answer
    where
        I: Message + Default + 'static,
        O: Message + 'static,
        F: Future<Output = Result<O, Status>> + Send + 'static,
    {
        self.answer_one(Arc::new(move |service, call, bytes| {
            let answer = incoming(bytes).map(|message| function(service, call, message));
            Box::pin(async { answer?.await.map(outgoing) })
        }))
    }

    /// Answers by a function from one message to a stream of them.
    pub fn many<I, O, F, S>(self, function: impl Fn(Service, Call, I) -> F + Send + Sync + 'static) -> Answer
    where
        I: Message + Default + 'static,
        O: Message + 'static,
        F: Future<Output = Result<S, Status>> + Send + 'static,
        S: Stream<Item = Result<O, Status>> + Send + 'static,
    {
        self.answer_many(Arc::new(move |service, call, bytes| {
            let answer = incoming(bytes).map(|message| function(service, call, message));
            Box::pin(async { answer?.await.map(|found| messages(found, outgoing)) })
        }))
    }

    /// The same for messages of any type.
    fn answer_one(self, function: Function<Outgoing>) -> Answer {
        let Self { service, request } = self;
        let answer = service_fn(move |request| opened(service.clone(), request, Arc::clone(&function)));
        Box::pin(async { Ok(Grpc::new(Plain).unary(answer, request).await) })
    }

    fn answer_many(self, function: Function<Messages<Outgoing>>) -> Answer {
        let Self { service, request } = self;
        let answer = service_fn(move |request| opened(service.clone(), request, Arc::clone(&function)));
        Box::pin(async { Ok(Grpc::new(Plain).server_streaming(answer, request).await) })
    }

    /// Says that there is no such method: `UNIMPLEMENTED`.
    #[must_use]
    pub fn unknown(self) -> Answer {
        Box::pin(async { Ok(Status::unimplemented("").into_http()) })
    }
}

/// What a function says to whoever may call it.
async fn opened<T>(service: Service, request: Request<Bytes>, function: Function<T>) -> Result<Response<T>, Status> {
    let (call, bytes) = service.open(request).await?;
    function(service, call, bytes).await.map(Response::new)
}

/// A running service as what a gRPC server serves.
pub struct Server<M> {
    service: Service,
    methods: PhantomData<fn() -> M>,
}

impl<M> Server<M> {
    /// The methods, over a service that runs.
    #[must_use]
    pub fn new(service: Service) -> Self {
        Self { service, methods: PhantomData }
    }
}

impl<M> Clone for Server<M> {
    fn clone(&self) -> Self {
        Self::new(self.service.clone())
    }
}

impl<M: Methods> NamedService for Server<M> {
    const NAME: &'static str = M::SERVICE;
}

impl<M: Methods> tower::Service<http::Request<Body>> for Server<M> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let incoming = Incoming { service: self.service.clone(), request };
        // The router has looked at the service's name alone.
        let name = incoming.request.uri().path().strip_prefix('/').and_then(|path| path.strip_prefix(M::SERVICE));
        match name.is_some_and(|rest| rest.rfind('/') == Some(0)) {
            true => M::answer(incoming),
            false => incoming.unknown(),
        }
    }
}
