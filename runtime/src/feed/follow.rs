//! Knowing where another service's events end: it tells, and is asked whenever it does not.

use std::time::Duration;

use tokio::time::timeout;

use super::known::Known;
use super::way::Way;
use crate::event::Position;
use crate::store::StoreError;

/// How often a service says where its events end although there are no new ones.
pub(super) const BEAT: Duration = Duration::from_secs(2);
/// A connection of which nothing was heard for so long is given up.
const DEAF: Duration = Duration::from_secs(7);
/// The pause before the first new attempt, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Follows for ever.
pub(super) async fn follow(way: Way, known: Known) {
    let mut pause = PAUSES.0;
    loop {
        match attend(&way, &known).await {
            // Its token has run out, or the service goes down in peace.
            Ok(()) => pause = PAUSES.0,
            Err(error) => {
                // Some that lie between let single calls through, and no streams.
                let asked = timeout(DEAF, way.head(&known)).await;
                match asked {
                    Ok(Ok(head)) => heard(&way, &known, head),
                    _ => lost(&way, &known, &error),
                }
                pause = (pause * 2).min(PAUSES.1);
            }
        }
        tokio::time::sleep(pause.mul_f64(fastrand::f64().mul_add(0.5, 0.75))).await;
    }
}

/// Listens until the stream ends.
async fn attend(way: &Way, known: &Known) -> Result<(), StoreError> {
    let silent = |_| way.away(format!("nothing was heard of it for {} s", DEAF.as_secs()));
    let mut heads = timeout(DEAF, way.heads()).await.map_err(silent)??;
    loop {
        let next = timeout(DEAF, heads.message()).await.map_err(silent)?;
        match next.map_err(|status| way.refused(&status))? {
            Some(head) => heard(way, known, way.same(known, head).await?),
            None => return Ok(()),
        }
    }
}

fn heard(way: &Way, known: &Known, head: Position) {
    if known.turned(None) {
        tracing::info!(service = way.reader, source = way.service, "the events of the other service can be read again");
    }
    connected(way, 1.0);
    known.reached(head);
}

fn lost(way: &Way, known: &Known, error: &StoreError) {
    if known.turned(Some(error.to_string())) {
        tracing::warn!(service = way.reader, source = way.service, %error, "what follows these events waits");
    }
    connected(way, 0.0);
}

fn connected(way: &Way, value: f64) {
    metrics::gauge!("source_connected", "service" => way.reader, "source" => way.service).set(value);
}
