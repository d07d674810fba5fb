//! The wish to stop: one signal that everything in the process can wait for.

use tokio::sync::watch;

/// Clones of it all learn of the same wish.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

/// Makes the wish.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Both ends.
pub(crate) fn shutdown() -> (Stop, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Shutdown(receiver))
}

impl Stop {
    pub(crate) fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Returns when it is wished, or when the one who could wish is gone.
    pub(crate) async fn wished(mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Returns when the process is asked to end: Ctrl-C, and on Unix also SIGTERM.
///
/// # Errors
/// When the operating system does not let us listen.
pub(crate) async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = tokio::signal::ctrl_c() => outcome,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
