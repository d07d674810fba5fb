//! Connections: how they are made, and what their failures mean.

use crate::store::StoreError;
use futures_util::future::poll_fn;
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls, Socket};

/// How long a call waits for a server that is restarting.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The first pause between two attempts to connect; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Hears what the server sends unasked. It must not wait for anything; it is dropped when the connection ends.
pub(super) type Hear = Box<dyn Fn(&str) + Send>;

/// Connects once. What the server sends unasked goes to `hear`, if given.
pub(super) async fn connect(config: &Config, hear: Option<Hear>) -> Result<Client, Error> {
    connect_through(config, NoTls, hear).await
}

/// The same through what is put around the stream.
pub(super) async fn connect_through<T>(config: &Config, around: T, hear: Option<Hear>) -> Result<Client, Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = config.connect(around).await?;
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match (message, &hear) {
                (Ok(AsyncMessage::Notification(note)), Some(hear)) => hear(note.payload()),
                (Ok(_), _) => {}
                // Whoever uses the connection learns it from the call that fails.
                (Err(error), _) => return tracing::debug!(error = text(&error), "a connection ended"),
            }
        }
    });
    Ok(client)
}

/// Connects, and while the server cannot be reached tries again until the deadline.
pub(super) async fn connect_until(config: &Config, deadline: Instant) -> Result<Client, StoreError> {
    until(deadline, || connect(config, None)).await
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

/// Whether the connection is gone, so that nothing is known of what it was asked to do last.
pub(super) fn is_lost(error: &Error) -> bool {
    let Some(answer) = error.as_db_error() else { return true };
    let fatal = matches!(answer.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    fatal || answer.code().code().starts_with("57P") || answer.code().code().starts_with("08")
}

/// Whether a later attempt to connect may do better.
fn is_passing(error: &Error) -> bool {
    let Some(answer) = error.as_db_error() else { return true };
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

/// Gives up on a server that does not answer. If it can still be told, it drops what it is at, and with that its locks.
pub(super) fn silence(client: &Client) -> String {
    let cancel = client.cancel_token();
    tokio::spawn(async move { cancel.cancel_query(NoTls).await });
    "the server does not answer".to_owned()
}

/// A failure outside of a commit.
pub(super) fn failure(error: &Error) -> StoreError {
    if is_lost(error) {
        return StoreError::Unreachable(text(error));
    }
    if is_of_the_disk(error) { StoreError::Unwritable(text(error)) } else { StoreError::Postgres(text(error)) }
}

/// Whether the server had no room, or could not use what it has.
pub(super) fn is_of_the_disk(error: &Error) -> bool {
    let means = [SqlState::INSUFFICIENT_RESOURCES, SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY, SqlState::IO_ERROR];
    error.code().is_some_and(|code| means.contains(code))
}
