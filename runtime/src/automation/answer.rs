//! What the answer to a command means for the run that sent it.

use tonic::Status;

use super::{Failure, Target};
use crate::error::status;

/// Codes of what may pass by itself. Whoever is not let in may be once the secrets of both ends are the same again.
const MAY_PASS: [&str; 4] = ["CONFLICT", "INTERNAL", "UNAUTHENTICATED", "UNAVAILABLE"];

/// Done, to be tried again, or failed for good.
///
/// # Errors
/// [`Failure`], with the code and the message of the answer.
pub(super) fn judge(target: &Target, answer: Result<(), Status>) -> Result<(), Failure> {
    let Err(refused) = answer else { return Ok(()) };
    let code = status::code(&refused);
    if target.ignore.contains(&code.as_str()) {
        tracing::debug!(command = target.command, code, "a rejection is passed over");
        return Ok(());
    }
    let text = format!("{}.{} answers {code}: {}", target.service, target.command, refused.message());
    Err(if MAY_PASS.contains(&code.as_str()) { Failure::Retry(text) } else { Failure::Park(text) })
}
