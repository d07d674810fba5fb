//! Logs and metrics of the process.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::fmt;

use super::config::Log;

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Stderr, where nothing is drawn.
#[cfg(not(feature = "progress-bar"))]
fn writer() -> std::io::Stderr {
    std::io::stderr()
}

/// Stderr, above the bars that may be drawn there.
#[cfg(feature = "progress-bar")]
fn writer() -> super::bars::AboveBars {
    super::bars::AboveBars
}

/// Sends logs to stderr. A subscriber that is already there stays, so that a user's `main` or a
/// test can bring its own.
pub(super) fn log(settings: Log) {
    let builder = fmt().with_env_filter(settings.filter).with_writer(writer);
    let outcome = if settings.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    if outcome.is_err() {
        tracing::debug!("logs already go elsewhere");
    }
}

/// Sets metrics that are worth looking at only when somebody asks.
pub(super) type Measure = Arc<dyn Fn() + Send + Sync>;

/// The metrics of the process, in Prometheus' text form.
#[derive(Clone)]
pub(super) struct Metrics {
    handle: Option<PrometheusHandle>,
    measures: Arc<[Measure]>,
}

impl Metrics {
    /// Gathers metrics from now on; once a process.
    pub(super) fn install() -> Self {
        static INSTALLED: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        let handle = INSTALLED.get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Someone else's recorder stays; then there is nothing of ours to show.
            metrics::set_global_recorder(recorder).ok().map(|()| handle)
        });
        Self { handle: handle.clone(), measures: Arc::default() }
    }

    /// The same, with what is to be measured before each look.
    pub(super) fn measuring(self, measures: Vec<Measure>) -> Self {
        Self { measures: measures.into(), ..self }
    }

    pub(super) fn render(&self) -> String {
        self.measures.iter().for_each(|measure| measure());
        self.handle.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }

    /// Lets old samples go; to be called every few seconds.
    pub(super) fn tidy(&self) {
        if let Some(handle) = &self.handle {
            handle.run_upkeep();
        }
    }
}
