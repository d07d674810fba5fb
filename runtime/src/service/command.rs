//! Sending a command to its decision.

use tonic::Status;

use super::{Service, failure};
use crate::auth::Call;
use crate::decision::{self, Decision, Generated, NoRandomness, Request};
use crate::error::status;
use crate::event::Metadata;
use crate::wire::CommandResult;

impl Service {
    /// Lets a command decide and records its events.
    ///
    /// # Errors
    /// The command's own rejection under its own code; `VALIDATION` where an expression has no
    /// value; `CONFLICT` when others kept changing what it depends on.
    pub async fn decide<D: Decision>(&self, call: &Call, command: D) -> Result<CommandResult, Status> {
        self.decide_generated(call, command, Generated::default()).await
    }

    /// The same for a command of which some fields were generated; the ids among them are answered.
    ///
    /// # Errors
    /// As for [`Service::decide`].
    pub async fn decide_generated<D: Decision>(
        &self,
        call: &Call,
        command: D,
        generated: Generated,
    ) -> Result<CommandResult, Status> {
        let name = format!("{}.{}", self.name(), D::NAME);
        D::ACCESS.check_command(&call.caller, &name).map_err(status::denied)?;
        let events = self.database(call)?.events();
        let request = Request {
            idempotency_key: call.idempotency_key.clone(),
            ids: generated.into_ids(),
            metadata: metadata(call),
            ..Request::new(&call.caller)
        };
        let decided = decision::decide_promptly(events, &command, &request).await.map_err(failure::decide)?;
        Ok(CommandResult { position: decided.position, ids: decided.ids, events: decided.events })
    }
}

impl From<NoRandomness> for Status {
    fn from(error: NoRandomness) -> Self {
        status::internal(error.to_string())
    }
}

/// Where the events of a call come from.
pub(super) fn metadata(call: &Call) -> Metadata {
    Metadata {
        correlation_id: Some(call.correlation_id.clone()),
        causation_id: call.causation_id.clone(),
        user_id: call.caller.user_id.clone(),
        traceparent: call.traceparent.clone(),
        ..Metadata::default()
    }
}
