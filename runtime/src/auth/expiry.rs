//! The end of a token that is in use for long.

use crate::value::DateTime;
use std::time::Duration;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Returns when a moment has passed by the clock of the wall. That may be put right meanwhile: what was opened while it was
/// hours behind must not stay open for these hours.
pub(crate) async fn passed(at: DateTime) {
    loop {
        match u64::try_from(at.millis().saturating_sub(DateTime::now().millis())) {
            Ok(left @ 1..) => tokio::time::sleep(Duration::from_millis(left).min(LOOK)).await,
            _ => return,
        }
    }
}
