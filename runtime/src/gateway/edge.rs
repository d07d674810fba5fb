//! What the endpoint and its sockets work with.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response as Answer;
use tonic::Status;

use super::definition::Graph;
use super::errors::{error, placeless};
use crate::auth::Verifier;
use crate::serve::Shutdown;

/// What the endpoint works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The schema.
    pub(crate) graph: Graph,
    /// Who may come in.
    pub(crate) verifier: Arc<Verifier>,
    /// The largest body or message, in bytes.
    pub(crate) body: usize,
    /// The longest that a query or mutation may take.
    pub(crate) call: Duration,
    /// Ends the subscriptions.
    pub(crate) shutdown: Shutdown,
}

/// An answer that is only this error.
pub(super) fn failed(status: Status) -> Answer {
    Answer::from_errors(vec![placeless(error(status))])
}
