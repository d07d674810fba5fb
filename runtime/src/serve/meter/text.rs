//! Prometheus' text form, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::atomic::Ordering::Relaxed;

use metrics::Key;
use metrics::atomics::AtomicU64;

use super::series::{Buckets, Named, SECONDS};

/// What is written so far.
pub(super) struct Page<'a> {
    text: String,
    descriptions: &'a BTreeMap<String, String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(descriptions: &'a BTreeMap<String, String>) -> Self {
        Self { text: String::new(), descriptions }
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    pub(super) fn counters(&mut self, name: &str, series: &Named<AtomicU64>) {
        self.head(name, "counter");
        series.values().for_each(|(labels, one)| self.line(name, labels, one.load(Relaxed)));
        self.text.push('\n');
    }

    pub(super) fn gauges(&mut self, name: &str, series: &Named<AtomicU64>) {
        self.head(name, "gauge");
        series.values().for_each(|(labels, one)| self.line(name, labels, f64::from_bits(one.load(Relaxed))));
        self.text.push('\n');
    }

    pub(super) fn histograms(&mut self, name: &str, series: &Named<Buckets>) {
        self.head(name, "histogram");
        for (labels, one) in series.values() {
            let comma = if labels.is_empty() { "" } else { "," };
            let bounds = SECONDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            let mut count = 0;
            for (bound, own) in bounds.zip(one.counts()) {
                count += own;
                self.line(&format!("{name}_bucket"), &format!("{labels}{comma}le=\"{bound}\""), count);
            }
            self.line(&format!("{name}_sum"), labels, one.sum());
            self.line(&format!("{name}_count"), labels, count);
        }
        self.text.push('\n');
    }

    fn head(&mut self, name: &str, kind: &str) {
        if let Some(text) = self.descriptions.get(name) {
            let text = text.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(self.text, "# HELP {name} {text}");
        }
        let _ = writeln!(self.text, "# TYPE {name} {kind}");
    }

    /// Writing into a text does not fail.
    fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = match labels {
            "" => writeln!(self.text, "{name} {value}"),
            labels => writeln!(self.text, "{name}{{{labels}}} {value}"),
        };
    }
}

/// A metric's name with letters that Prometheus takes.
pub(super) fn name(name: &str) -> String {
    spelled(name, |letter| letter == ':')
}

/// The labels as they are written: ordered by name, and as they were given. Of two of one name the first one counts.
pub(super) fn labels(key: &Key) -> (String, String) {
    let mut given: Vec<(String, String)> = Vec::new();
    for label in key.labels() {
        let name = spelled(label.key(), |_| false);
        if given.iter().all(|(known, _)| *known != name) {
            let text = format!("{name}=\"{}\"", escaped(label.value()));
            given.push((name, text));
        }
    }
    let written =
        |labels: &[(String, String)]| labels.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(",");
    let as_given = written(&given);
    given.sort();
    (written(&given), as_given)
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Letters, digits behind the first place, underscores and what else is fine; an underscore for all others.
fn spelled(name: &str, fine: fn(char) -> bool) -> String {
    let letter = |(at, letter): (usize, char)| {
        let kept = letter.is_ascii_alphabetic() || letter == '_' || fine(letter) || (at > 0 && letter.is_ascii_digit());
        if kept { letter } else { '_' }
    };
    name.chars().enumerate().map(letter).collect()
}
