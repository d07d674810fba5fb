//! What every kind of process has: its sockets, the wish to stop, and the way out.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::Routes;

use super::config::Config;
use super::grpc;
use super::kind::Kind;
use super::shutdown::{Shutdown, Stop, asked_to_end, shutdown};
use super::telemetry::{self, Metrics};
use crate::error::Error;

/// How often old samples of metrics are let go.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Reads the configuration, starts the threads, and runs until the end.
pub(super) fn run<F, R>(kind: Kind, services: &[&'static str], body: F) -> ExitCode
where
    F: FnOnce(Config, Process) -> R,
    R: Future<Output = Result<(), Error>>,
{
    match start(kind, services, body) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The one place that speaks to a person at a terminal; logs may not be set up yet.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start<F, R>(kind: Kind, services: &[&'static str], body: F) -> Result<(), Error>
where
    F: FnOnce(Config, Process) -> R,
    R: Future<Output = Result<(), Error>>,
{
    let mut config = Config::read(kind, services, &|name| std::env::var(name).ok()).map_err(Error::Config)?;
    if let Some(log) = config.log.take() {
        telemetry::log(log);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let process = Process::new();
        tokio::spawn(listen_for_end(process.stop.clone()));
        body(config, process).await
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn listen_for_end(stop: Stop) {
    match asked_to_end().await {
        Ok(()) => {
            tracing::info!("asked to end");
            stop.now();
        }
        Err(cause) => tracing::error!(%cause, "cannot listen for signals"),
    }
    // A second Ctrl-C does not wait for anything.
    if asked_to_end().await.is_ok() {
        std::process::exit(130);
    }
}

/// What a process is run with.
pub(super) struct Process {
    stop: Stop,
    pub(super) shutdown: Shutdown,
    pub(super) metrics: Metrics,
}

/// What is to be served, and where.
pub(super) struct Servers {
    pub(super) http: SocketAddr,
    pub(super) router: Router,
    pub(super) grpc: Option<(SocketAddr, Routes)>,
    pub(super) call: Duration,
    pub(super) patience: Duration,
}

impl Process {
    pub(super) fn new() -> Self {
        let (stop, shutdown) = shutdown();
        Self { stop, shutdown, metrics: Metrics::install() }
    }

    /// What makes it end, as the signals do.
    #[cfg(all(test, feature = "gateway"))]
    pub(super) fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves until the process is asked to end or a server fails; then waits for the calls that
    /// are under way, as long as the patience lasts.
    ///
    /// # Errors
    /// [`Error::Listen`] or [`Error::Stopped`].
    pub(super) async fn serve(self, servers: Servers) -> Result<(), Error> {
        let http = listen(servers.http).await?;
        let grpc = match servers.grpc {
            Some((address, routes)) => Some((listen(address).await?, routes)),
            None => None,
        };
        announce(&http, grpc.as_ref().map(|(listener, _)| listener))?;
        let mut tasks = vec![self.http(http, servers.router)];
        if let Some((listener, routes)) = grpc {
            tasks.push(self.grpc(listener, routes, servers.call));
        }
        tokio::spawn(tidy(self.metrics.clone(), self.shutdown.clone()));
        self.until_done(tasks, servers.patience).await
    }

    fn http(&self, listener: TcpListener, router: Router) -> JoinHandle<Result<(), Error>> {
        let shutdown = self.shutdown.clone();
        tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(shutdown.wished()).await;
            served.map_err(|cause| Error::Stopped("the HTTP server", cause.into()))
        })
    }

    fn grpc(&self, listener: TcpListener, routes: Routes, call: Duration) -> JoinHandle<Result<(), Error>> {
        let shutdown = self.shutdown.clone();
        tokio::spawn(async move {
            let served = grpc::serve(listener, routes, call, shutdown).await;
            served.map_err(|cause| Error::Stopped("the gRPC server", cause.into()))
        })
    }

    async fn until_done(self, tasks: Vec<JoinHandle<Result<(), Error>>>, patience: Duration) -> Result<(), Error> {
        let aborts: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
        let stop = self.stop;
        let all = futures_util::future::join_all(tasks.into_iter().map(|task| {
            let stop = stop.clone();
            async move {
                let outcome = task.await;
                // One that ends early takes the others with it.
                stop.now();
                outcome
            }
        }));
        let overdue = async {
            self.shutdown.wished().await;
            tokio::time::sleep(patience).await;
        };
        let outcomes = tokio::select! {
            outcomes = all => outcomes,
            () = overdue => {
                tracing::warn!("some calls did not end in time and are broken off");
                aborts.iter().for_each(tokio::task::AbortHandle::abort);
                return Ok(());
            }
        };
        outcomes.into_iter().try_for_each(|outcome| match outcome {
            Ok(outcome) => outcome,
            Err(cause) => Err(Error::Stopped("a server", cause.into())),
        })
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|cause| Error::Listen { address, cause })
}

/// Says where the process listens, on one line of stdout that programs can read.
fn announce(http: &TcpListener, grpc: Option<&TcpListener>) -> Result<(), Error> {
    let http = http.local_addr()?;
    let grpc = grpc.map(TcpListener::local_addr).transpose()?;
    let grpc_text = grpc.map(|address| format!(" grpc={address}")).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    // Nobody may be reading; that is no reason not to serve.
    let _ = writeln!(out, "listening http={http}{grpc_text}").and_then(|()| out.flush());
    tracing::info!(%http, grpc = grpc.map(tracing::field::display), "listening");
    Ok(())
}

async fn tidy(metrics: Metrics, shutdown: Shutdown) {
    let stop = shutdown.wished();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(TIDY_EVERY) => metrics.tidy(),
        }
    }
}
