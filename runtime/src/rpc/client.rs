//! The calling end: a request goes out under the name of its method.

use http::uri::PathAndQuery;
use prost::Message;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::codegen::{Body as HttpBody, Bytes, StdError};
use tonic::{GrpcMethod, IntoRequest, Request, Response, Status, Streaming};

use super::message::{Outgoing, Plain, Typed, incoming, outgoing};

/// What carries calls: a channel, or one with layers around it, such as an interceptor.
pub trait Transport:
    GrpcService<
        Body,
        Error: Into<StdError>,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    >
{
}

impl<T> Transport for T where
    T: GrpcService<
            Body,
            Error: Into<StdError>,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        >
{
}

/// Calls the methods of one service. Cheap to clone where its transport is.
#[derive(Clone, Debug)]
pub struct Client<T> {
    service: &'static str,
    grpc: Grpc<T>,
}

impl<T> Client<T> {
    /// A client of the service with this name, its package before it, over a client of tonic's.
    pub fn new(service: &'static str, grpc: Grpc<T>) -> Self {
        Self { service, grpc }
    }
}

impl<T: Transport> Client<T> {
    /// Calls a method that answers with one message.
    ///
    /// # Errors
    /// What the service answers, and `UNKNOWN` when the transport is not ready.
    pub async fn one<I, O>(&mut self, method: &'static str, request: impl IntoRequest<I>) -> Result<Response<O>, Status>
    where
        I: Message + 'static,
        O: Message + Default + 'static,
    {
        let answer = self.call(method, request.into_request().map(outgoing)).await?;
        let (metadata, bytes, extensions) = answer.into_parts();
        Ok(Response::from_parts(metadata, incoming(bytes)?, extensions))
    }

    /// The same for messages of any type.
    async fn call(&mut self, method: &'static str, request: Request<Outgoing>) -> Result<Response<Bytes>, Status> {
        let (request, path) = self.ready(method, request).await?;
        self.grpc.unary(request, path, Plain).await
    }

    /// Calls a method that answers with a stream.
    ///
    /// # Errors
    /// As [`Client::one`].
    pub async fn many<I, O>(
        &mut self,
        method: &'static str,
        request: impl IntoRequest<I>,
    ) -> Result<Response<Streaming<O>>, Status>
    where
        I: Message + 'static,
        O: Message + Default + 'static,
    {
        let (request, path) = self.ready(method, request.into_request().map(outgoing)).await?;
        self.grpc.server_streaming(request, path, Typed::default()).await
    }

    /// Calls a method that takes a stream and answers with one.
    ///
    /// # Errors
    /// As [`Client::one`].
    #[cfg(feature = "gateway")]
    pub(crate) async fn exchange<I, O>(
        &mut self,
        method: &'static str,
        request: Request<impl futures_util::Stream<Item = I> + Send + 'static>,
    ) -> Result<Response<Streaming<O>>, Status>
    where
        I: Message + 'static,
        O: Message + Default + 'static,
    {
        use futures_util::StreamExt as _;
        let (request, path) = self.ready(method, request.map(|messages| messages.map(outgoing))).await?;
        self.grpc.streaming(request, path, Typed::default()).await
    }

    /// The request and its path, once the transport takes it. Layers of the transport are told what is called.
    async fn ready<M>(
        &mut self,
        method: &'static str,
        mut request: Request<M>,
    ) -> Result<(Request<M>, PathAndQuery), Status> {
        let not_ready = |cause: T::Error| Status::unknown(format!("the service is not ready: {}", cause.into()));
        self.grpc.ready().await.map_err(not_ready)?;
        let path = PathAndQuery::from_maybe_shared(format!("/{}/{method}", self.service));
        let path = path.map_err(|cause| Status::internal(format!("{method} is no name of a method: {cause}")))?;
        request.extensions_mut().insert(GrpcMethod::new(self.service, method));
        Ok((request, path))
    }
}
