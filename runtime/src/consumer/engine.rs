//! A group's task: waits for the lease, works while it has it, and begins again when something fails.

use super::group::{Group, Progress};
use super::session::{End, Session, Signals};
use super::statement::{Fence, RunError};
use crate::lease::{Kept, Leases, keep};
use crate::store::StoreError;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;

/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a process stays away from a group that only a newer program can work for.
const AWAY: Duration = Duration::from_secs(10);

/// Runs until told to stop or the database is closed.
pub(super) async fn run(group: Arc<Group>, leases: Arc<dyn Leases>, mut stop: watch::Receiver<bool>) {
    let lease = format!("group/{}", group.name);
    loop {
        let kept = keep(Arc::clone(&leases), lease.clone());
        let stopped = work(&group, &lease, &kept, &mut stop).await;
        group.progress.send_replace(Progress::default());
        kept.stop().await;
        let Some(error) = stopped else { return };
        tracing::error!(
            group = group.name,
            error,
            "the group is stopped here: this program cannot handle what comes next"
        );
        group.stopped(Some(error));
        // The lease is free meanwhile.
        if tokio::time::timeout(AWAY, stop.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
    }
}

/// Works whenever the lease is there, until told to stop; or until this program is not able to, and gives the reason.
async fn work(group: &Arc<Group>, lease: &str, kept: &Kept, stop: &mut watch::Receiver<bool>) -> Option<String> {
    let mut pause = Duration::from_millis(50);
    while !*stop.borrow() {
        let epoch = lease_or_stop(kept, stop).await?;
        let fence = Fence { lease: lease.to_owned(), epoch };
        let began = tokio::time::Instant::now();
        let end = session(group, fence, kept, stop).await;
        group.progress.send_modify(|progress| progress.is_owner = false);
        // Whoever has the lease tells how far behind the group is.
        group.lag.set(0);
        group.running.store(0, Ordering::Relaxed);
        match end {
            End::Stopped | End::Failed(StoreError::Closed) => return None,
            End::Unable(error) => return Some(error),
            End::Lost => tracing::info!(group = group.name, "another process works for the group now"),
            End::Failed(error) => {
                tracing::error!(group = group.name, %error, "a consumer group failed and begins again");
                pause = if began.elapsed() > LONGEST_PAUSE { Duration::from_millis(50) } else { pause * 2 };
                let _ = tokio::time::timeout(pause.min(LONGEST_PAUSE), stop.wait_for(|stop| *stop)).await;
            }
        }
    }
    None
}

async fn lease_or_stop(kept: &Kept, stop: &mut watch::Receiver<bool>) -> Option<u64> {
    let mut epoch = kept.epoch.clone();
    tokio::select! {
        held = epoch.wait_for(Option::is_some) => held.ok().and_then(|epoch| *epoch),
        _ = stop.wait_for(|stop| *stop) => None,
    }
}

async fn session(group: &Arc<Group>, fence: Fence, kept: &Kept, stop: &watch::Receiver<bool>) -> End {
    // Before it is looked for the first time, so that nothing comes in between.
    let resent = group.ledger.resent_of(&group.name);
    let begin = async {
        if group.feed.source().is_some() {
            group.begin().await.map_err(RunError::Store)?;
        }
        group.ledger.prepare(fence.clone(), group.consumer.prepare()).await?;
        group.ledger.load(fence.clone(), &group.name).await
    };
    match begin.await {
        Ok(loaded) => {
            group.stopped(None);
            let (epoch, stop) = (kept.epoch.clone(), stop.clone());
            let signals = Signals { epoch, stop, head: group.feed.watch(), resent };
            Session::new(Arc::clone(group), fence, loaded).run(signals).await
        }
        Err(error) => error.into(),
    }
}
