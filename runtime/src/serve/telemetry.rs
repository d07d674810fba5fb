//! Logs and metrics of the process.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use tracing_subscriber::fmt;

use super::config::Log;
use super::meter::Recorder;

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
    recorder: Option<Recorder>,
    measures: Arc<[Measure]>,
}

impl Metrics {
    /// Gathers metrics from now on; once a process.
    pub(super) fn install() -> Self {
        static INSTALLED: OnceLock<Option<Recorder>> = OnceLock::new();
        let recorder = INSTALLED.get_or_init(|| {
            let recorder = Recorder::default();
            // Someone else's recorder stays; then there is nothing of ours to show.
            metrics::set_global_recorder(recorder.clone()).ok().map(|()| recorder)
        });
        Self { recorder: recorder.clone(), measures: Arc::default() }
    }

    /// The same, with what is to be measured before each look.
    pub(super) fn measuring(self, measures: Vec<Measure>) -> Self {
        Self { measures: measures.into(), ..self }
    }

    pub(super) fn render(&self) -> String {
        self.measures.iter().for_each(|measure| measure());
        self.recorder.as_ref().map(Recorder::render).unwrap_or_default()
    }
}
