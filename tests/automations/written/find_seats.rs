//! The effect of `FindSeats`.

use campus_events::{Fill, Level};
use campus_projections::Waiting;
use scaffold_runtime::automation::{Failure, Run};

/// Finds seats for those who are advanced.
pub async fn find_seats(entry: &Waiting, run: &Run<'_>) -> Result<Vec<Fill>, Failure> {
    match entry.level {
        Some(Level::Advanced) => Ok(vec![Fill { seats: entry.seats, note: Some(run.key.to_owned()) }]),
        _ => Ok(Vec::new()),
    }
}
