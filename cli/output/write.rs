//! Carries out a plan: staged, journaled, renamed.

use super::journal::{Guard, write_synced};
use super::parallel::in_parallel;
use super::{Change, OutputError, Plan};

/// How many files are on their way to the disk at once: a flush of one costs as much as one of many.
const WRITERS: usize = 32;

/// Writes and removes what the plan says, all or nothing. Files whose bytes do not change are not touched.
pub fn write(guard: &Guard, plan: &Plan) -> Result<(), OutputError> {
    if plan.write.is_empty() && plan.remove.is_empty() {
        return Ok(());
    }
    let staged: Vec<(usize, &Change)> = plan.write.iter().enumerate().collect();
    let stage = |(number, change): &(usize, &Change)| write_synced(&guard.stage(*number), change.after.as_bytes());
    in_parallel(&staged, WRITERS, stage).into_iter().collect::<Result<(), OutputError>>()?;
    let mut steps: Vec<(String, bool)> = plan.write.iter().map(|change| (change.path.clone(), true)).collect();
    steps.extend(plan.remove.iter().map(|change| (change.path.clone(), false)));
    guard.commit(&steps)
}
