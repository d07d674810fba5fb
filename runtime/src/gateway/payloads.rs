//! Objects of the API that are the same for every project.

use async_graphql::{ID, SimpleObject};

use super::{Int, Json};
use crate::wire;

/// What an accepted command has done.
#[derive(Clone, Debug, SimpleObject)]
pub struct CommandPayload {
    /// The position of the last event recorded; 0 when there was none.
    position: Int,
    /// Ids that the command generated, by the name of the field.
    ids: Json,
    /// The types of the recorded events, in order.
    events: Vec<String>,
}

impl From<wire::CommandResult> for CommandPayload {
    fn from(result: wire::CommandResult) -> Self {
        let ids = result.ids.into_iter().map(|(name, id)| (name, id.into())).collect();
        Self {
            position: Int(i64::try_from(result.position).unwrap_or(i64::MAX)),
            ids: Json(serde_json::Value::Object(ids)),
            events: result.events,
        }
    }
}

/// How many entries a deletion met.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "deleteResponse")]
pub struct DeleteResponse {
    /// How many there were.
    number_of_deleted_entries: Int,
}

impl From<wire::DeleteResult> for DeleteResponse {
    fn from(result: wire::DeleteResult) -> Self {
        Self { number_of_deleted_entries: Int(result.number_of_deleted_entries) }
    }
}

/// An entry that is gone, or that no longer meets the subscription's filter.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "removeData")]
pub struct RemoveData {
    /// Which entry.
    id: ID,
    /// Always true.
    remove: bool,
}

impl RemoveData {
    /// Says that this entry is gone.
    pub fn new(id: String) -> Self {
        Self { id: ID(id), remove: true }
    }
}
