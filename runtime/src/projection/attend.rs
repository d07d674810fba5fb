//! Saying again and again which tables this process serves, so that nobody prunes them.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::store::StoreError;
use crate::tables::{Place, Tables};

/// Says it for the first time; the task that says it again, where there can be other processes.
///
/// # Errors
/// If the database fails.
pub(super) async fn attend(
    tables: Arc<dyn Tables>,
    places: Vec<Place>,
    mut stop: watch::Receiver<bool>,
) -> Result<Option<JoinHandle<()>>, StoreError> {
    let process = uuid::Uuid::now_v7().to_string();
    let Some(mut pause) = tables.attend(&process, &places).await? else { return Ok(None) };
    Ok(Some(tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(pause) => {}
            }
            match tables.attend(&process, &places).await {
                Ok(next) => pause = next.unwrap_or(pause),
                Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "it is not noted which tables this process serves"),
            }
        }
        if let Err(error) = tables.depart(&process).await {
            tracing::debug!(%error, "what this process served was not taken back and will run out");
        }
    })))
}
