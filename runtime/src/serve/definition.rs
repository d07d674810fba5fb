//! A service as generated code defines it.

use tonic::service::Routes;

use crate::projection::{Projection, Registry};
use crate::service::Service;

/// A service: its projections, its gRPC routes, and their descriptors.
#[derive(Clone)]
pub struct ServiceDefinition {
    pub(super) name: &'static str,
    pub(super) projections: Registry,
    pub(super) routes: Vec<fn(Service) -> Routes>,
    pub(super) descriptors: Vec<&'static [u8]>,
}

impl ServiceDefinition {
    /// A service of this name that keeps and serves nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, projections: Registry::new(name), routes: Vec::new(), descriptors: Vec::new() }
    }

    /// Keeps a projection or CRUD type.
    #[must_use]
    pub fn projection<P: Projection>(self) -> Self {
        Self { projections: self.projections.add::<P>(), ..self }
    }

    /// Serves gRPC routes, given what they call.
    #[must_use]
    pub fn routes(mut self, routes: fn(Service) -> Routes) -> Self {
        self.routes.push(routes);
        self
    }

    /// The encoded `FileDescriptorSet` of its proto, for reflection and health.
    #[must_use]
    pub fn descriptors(mut self, bytes: &'static [u8]) -> Self {
        self.descriptors.push(bytes);
        self
    }
}
