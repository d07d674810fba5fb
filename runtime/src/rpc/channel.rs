//! The way to a service: over the network, or to the one that runs in the same process.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Extensions, Request, Response};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::service::Routes;
use tonic::{Status, transport};
use tower::Service;

use crate::serve::Observed;

/// Carries calls to one service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Channel(Way);

#[derive(Clone, Debug)]
enum Way {
    Network(transport::Channel),
    Here(Observed<Routes>, Duration),
}

impl Channel {
    /// To routes of this process, each call for this long at most. They are called as functions are: no bytes go through a pipe, and
    /// who drops a call ends it.
    #[must_use]
    pub(crate) fn here(routes: Routes, call: Duration) -> Self {
        Self(Way::Here(Observed::new(routes.prepare()), call))
    }
}

impl From<transport::Channel> for Channel {
    fn from(channel: transport::Channel) -> Self {
        Self(Way::Network(channel))
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = StdError;
    type Future = BoxFuture<'static, Result<Response<Body>, StdError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        match &mut self.0 {
            Way::Network(channel) => channel.poll_ready(cx).map_err(Into::into),
            // Routes are always ready.
            Way::Here(..) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match &mut self.0 {
            Way::Network(channel) => {
                let answer = channel.call(request);
                Box::pin(async { answer.await.map_err(Into::into) })
            }
            Way::Here(routes, longest) => {
                // As over a network, nothing gets through but what is sent: an extension may say that the process itself calls.
                *request.extensions_mut() = Extensions::new();
                let (answer, longest) = (routes.call(request), *longest);
                Box::pin(async move {
                    match tokio::time::timeout(longest, answer).await {
                        Ok(answer) => Ok(answer?),
                        Err(_) => Ok(Status::cancelled("Timeout expired").into_http()),
                    }
                })
            }
        }
    }
}
