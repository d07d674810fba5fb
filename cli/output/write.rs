//! Carries out a plan: staged, flushed, journaled, renamed.

use super::journal::Guard;
use super::steps::steps;
use super::{OutputError, Plan};

/// Writes and removes what the plan says, all or nothing. Files whose bytes do not change are not touched.
pub fn write(guard: &Guard, plan: &Plan<'_>) -> Result<(), OutputError> {
    if plan.write.is_empty() && plan.remove.is_empty() {
        return Ok(());
    }
    let (steps, staged) = steps(guard.dir(), plan);
    let files: Vec<(String, &str)> =
        staged.into_iter().zip(&plan.write).map(|(path, change)| (path, &*change.after)).collect();
    guard.commit(&files, &steps)
}
