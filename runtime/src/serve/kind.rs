//! What kind of process it is.

/// What kind of process it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One service.
    Service,
    /// The GraphQL edge alone.
    Gateway,
    /// The edge and all services in one.
    App,
}
