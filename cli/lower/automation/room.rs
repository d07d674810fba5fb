//! What the automations of one service are lowered against.

use crate::lower::context::Context;
use crate::model::Service;
use std::collections::BTreeMap;

/// What the automations of one service are lowered against.
pub(super) struct Room<'a> {
    /// The service.
    pub own: &'a str,
    /// What is known of it.
    pub context: &'a Context,
    /// All services so far.
    pub services: &'a BTreeMap<String, Service>,
}
