//! Carries out a plan: staged, journaled, renamed.

use super::journal::{Guard, write_synced};
use super::{OutputError, Plan};

/// Writes and removes what the plan says, all or nothing. Files whose bytes do not change are not touched.
pub fn write(guard: &Guard, plan: &Plan) -> Result<(), OutputError> {
    if plan.write.is_empty() && plan.remove.is_empty() {
        return Ok(());
    }
    let mut steps = Vec::with_capacity(plan.write.len() + plan.remove.len());
    for change in &plan.write {
        write_synced(&guard.stage(steps.len()), change.after.as_bytes())?;
        steps.push((change.path.clone(), true));
    }
    steps.extend(plan.remove.iter().map(|change| (change.path.clone(), false)));
    guard.commit(&steps)
}
