//! The effect of `CountChangesElsewhere`.

use campus_events::Event;
use scaffold_runtime::automation::{Failure, Run};

/// Counts what another service has told.
pub async fn count_changes_elsewhere(event: &Event, _run: &Run<'_>) -> Result<(), Failure> {
    match event {
        Event::StudentRegistered(_) | Event::EmailChanged(_) => Ok(()),
        _ => Err(Failure::Park("no change".to_owned())),
    }
}
