//! Telling other processes of what was appended, off the writer's way.
//!
//! Not within the transaction: notifying takes a lock of the whole server through the commit. And not for every group: whoever is
//! told of the last one need not be told of those before.

use super::pool::Pool;
use crate::event::Position;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long others may have to wait for the next notice.
const PAUSE: Duration = Duration::from_millis(2);

/// Tells what is written until the writer ends.
pub(super) async fn run(pool: Arc<Pool>, channel: String, mut written: watch::Receiver<Position>) {
    // The channel is a schema's name, which holds no quote.
    while written.changed().await.is_ok() {
        let position = *written.borrow_and_update();
        if let Err(error) = pool.number(&format!("SELECT pg_notify('{channel}', '{position}')")).await {
            tracing::debug!(%error, "other processes were not told and will find out by themselves");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
