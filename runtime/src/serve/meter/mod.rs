//! What the process counts, behind the `metrics` crate: so a user's own metrics are shown among those of the runtime.

mod series;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use metrics::atomics::AtomicU64;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

use series::{Buckets, Series};

/// Keeps all that is counted. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Kept>);

#[derive(Default)]
struct Kept {
    counters: Series<AtomicU64>,
    /// The bits of an `f64` each.
    gauges: Series<AtomicU64>,
    histograms: Series<Buckets>,
    descriptions: RwLock<BTreeMap<String, String>>,
}

impl Recorder {
    /// Everything, in Prometheus' text form: by kind and name, labels as they were first given.
    pub(super) fn render(&self) -> String {
        let kept = &*self.0;
        let descriptions = kept.descriptions.read().unwrap_or_else(PoisonError::into_inner);
        let mut page = text::Page::new(&descriptions);
        kept.counters.each(|name, series| page.counters(name, series));
        kept.gauges.each(|name, series| page.gauges(name, series));
        kept.histograms.each(|name, series| page.histograms(name, series));
        page.text()
    }

    fn describe(&self, name: &KeyName, text: &SharedString) {
        let mut descriptions = self.0.descriptions.write().unwrap_or_else(PoisonError::into_inner);
        descriptions.entry(text::name(name.as_str())).or_insert_with(|| text.to_string());
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, _unit: Option<Unit>, text: SharedString) {
        self.describe(&name, &text);
    }

    fn describe_gauge(&self, name: KeyName, _unit: Option<Unit>, text: SharedString) {
        self.describe(&name, &text);
    }

    fn describe_histogram(&self, name: KeyName, _unit: Option<Unit>, text: SharedString) {
        self.describe(&name, &text);
    }

    fn register_counter(&self, key: &Key, _about: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.0.counters.of(key))
    }

    fn register_gauge(&self, key: &Key, _about: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.0.gauges.of(key))
    }

    fn register_histogram(&self, key: &Key, _about: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.0.histograms.of(key))
    }
}
