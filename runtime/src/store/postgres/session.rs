//! Connections: how long they are waited for, and what their failures mean.

use super::tls::Failure;
use crate::store::StoreError;
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::Error;
use tokio_postgres::error::{Severity, SqlState};

/// How long a call waits for a server that is restarting.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The first pause between two attempts to connect; each is twice as long as the one before.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Hears what the server sends unasked. It must not wait for anything; it is dropped when the connection ends.
pub(super) type Hear = Box<dyn Fn(Told<'_>) + Send>;

/// What is told, and on which channel.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) channel: &'a str,
    pub(super) text: &'a str,
}

/// What a way to connect gives, which is tried until the deadline while the server cannot be reached.
pub(super) async fn until<T, F>(deadline: Instant, connect: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match connect().await {
            Ok(connected) => return Ok(connected),
            Err(error) => error,
        };
        if !is_passing(&error) || Instant::now() + pause >= deadline {
            return Err(StoreError::Unreachable(text(&error)));
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Between half of it and all of it, so that many processes do not come back at once.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// Waits for a moment before the same is tried again.
pub(super) async fn pause() {
    tokio::time::sleep(jittered(FIRST_PAUSE)).await;
}

/// Whether the connection is gone, so that nothing is known of what it was asked to do last.
pub(super) fn is_lost(error: &Error) -> bool {
    let Some(answer) = error.as_db_error() else { return true };
    let fatal = matches!(answer.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    fatal || answer.code().code().starts_with("57P") || answer.code().code().starts_with("08")
}

/// Whether a later attempt to connect may do better.
pub(super) fn is_passing(error: &Error) -> bool {
    let Some(answer) = error.as_db_error() else { return !Failure::is_lasting(error) };
    let code = answer.code();
    *code == SqlState::TOO_MANY_CONNECTIONS || code.code().starts_with("57P") || code.code().starts_with("08")
}

/// What went wrong, in full: the library keeps the server's words in the source.
pub(super) fn text(error: &Error) -> String {
    match error.as_db_error() {
        Some(answer) => {
            let detail = answer.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("{}{detail} [{}]", answer.message(), answer.code().code())
        }
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

/// A failure outside of a commit.
pub(super) fn failure(error: &Error) -> StoreError {
    if is_lost(error) {
        return StoreError::Unreachable(text(error));
    }
    if is_in_the_way(error) {
        return StoreError::Busy(text(error));
    }
    if is_timeout(error) {
        return StoreError::Slow(text(error));
    }
    if is_of_the_disk(error) { StoreError::Unwritable(text(error)) } else { StoreError::Postgres(text(error)) }
}

/// Whether another transaction stood in the way of this one, which can be carried out again: nothing of it is written.
pub(super) fn is_in_the_way(error: &Error) -> bool {
    let means = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE];
    error.code().is_some_and(|code| means.contains(code))
}

/// Whether the statement took too long, for the server or for an operator. It would again.
pub(super) fn is_timeout(error: &Error) -> bool {
    error.code() == Some(&SqlState::QUERY_CANCELED)
}

/// Whether the server had no room, or could not use what it has.
pub(super) fn is_of_the_disk(error: &Error) -> bool {
    let means = [SqlState::INSUFFICIENT_RESOURCES, SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY, SqlState::IO_ERROR];
    error.code().is_some_and(|code| means.contains(code))
}
