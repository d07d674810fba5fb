//! What was measured, as a table for people and as JSON.

use crate::load::{Measured, Spread};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// All results of a run.
#[derive(Default)]
pub struct Report {
    text: String,
    json: Map<String, Value>,
}

impl Report {
    /// Adds a table, prints it at once, and keeps what it was made of.
    pub fn table(&mut self, key: &str, title: &str, lines: &[Vec<String>], raw: impl Serialize) {
        let text = format!("\n### {title}\n\n{}", table(lines));
        print!("{text}");
        self.text.push_str(&text);
        self.json.insert(key.to_owned(), serde_json::to_value(raw).unwrap_or(Value::Null));
    }

    /// Writes `report.md` and `report.json`.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn write(self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("report.md"), self.text.trim_start())?;
        std::fs::write(folder.join("report.json"), format!("{:#}\n", Value::Object(self.json)))
    }
}

/// The first line is the head.
fn table(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "| {} |", line.join(" | "));
        if number == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(line.len()));
        }
    }
    text
}

/// One subject under one load, round after round.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// Who.
    pub subject: String,
    /// How many clients.
    pub clients: u64,
    /// Over which tags.
    pub spread: Spread,
    /// Each round.
    pub rounds: Vec<Measured>,
}

impl Series {
    /// The middle round's.
    pub fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    /// Refused attempts of all rounds.
    pub fn conflicts(&self) -> u64 {
        self.rounds.iter().map(|round| round.conflicts).sum()
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// A subject a line, a number of clients a column: appends a second, and p50 / p99 in milliseconds.
pub fn appends(series: &[Series], spread: Spread) -> Vec<Vec<String>> {
    lines(series, spread, "appends/s (p50 / p99 in ms)", cell)
}

fn lines(series: &[Series], spread: Spread, head: &str, cell: impl Fn(&Series) -> String) -> Vec<Vec<String>> {
    let of: Vec<&Series> = series.iter().filter(|one| one.spread == spread).collect();
    let mut clients: Vec<u64> = of.iter().map(|one| one.clients).collect();
    clients.sort_unstable();
    clients.dedup();
    let mut lines = vec![vec![head.to_owned()]];
    lines[0].extend(clients.iter().map(|count| format!("{count} client{}", if *count == 1 { "" } else { "s" })));
    let mut subjects: Vec<&str> = Vec::new();
    for one in &of {
        if !subjects.contains(&one.subject.as_str()) {
            subjects.push(&one.subject);
        }
    }
    for subject in subjects {
        let mut line = vec![subject.to_owned()];
        for count in &clients {
            let found = of.iter().find(|one| one.subject == subject && one.clients == *count);
            line.push(found.map_or_else(String::new, |one| cell(one)));
        }
        lines.push(line);
    }
    lines
}

/// A subject a line, a number of clients a column: processor time of an append at both ends, in microseconds.
pub fn processor(series: &[Series], spread: Spread) -> Vec<Vec<String>> {
    lines(series, spread, "µs an append: clients + server", |one| {
        let [clients, server] = [0, 1].map(|end| one.median(|round| round.processor.map_or(0.0, |each| each[end])));
        format!("{clients:.0} + {server:.0}")
    })
}

fn cell(series: &Series) -> String {
    let rate = thousands(series.median(|round| round.per_second));
    let (p50, p99) = (series.median(|round| round.p50) / 1000.0, series.median(|round| round.p99) / 1000.0);
    let conflicts = series.conflicts();
    let conflicts = if conflicts == 0 { String::new() } else { format!(", {conflicts} conflicts") };
    format!("{rate} ({p50:.2} / {p99:.2}{conflicts})")
}

/// `12345.6` → `12,346`
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The median over the rounds of one subject's rate divided by the other's in the same round.
pub fn ratio(series: &[Series], (one, other): (&str, &str), clients: u64, spread: Spread) -> Option<f64> {
    let find = |subject: &str| {
        series.iter().find(|found| found.subject == subject && found.clients == clients && found.spread == spread)
    };
    let pairs = find(one)?.rounds.iter().zip(&find(other)?.rounds);
    Some(median(pairs.map(|(one, other)| one.per_second / other.per_second).collect()))
}

/// Ratios as a table: a pair a line.
pub fn ratios(series: &[Series], pairs: &[(&str, &str)], spread: Spread) -> (Vec<Vec<String>>, Value) {
    let mut lines = vec![["ratio", "1", "16", "64", "256"].map(str::to_owned).to_vec()];
    let mut raw = Vec::new();
    for pair in pairs {
        let found: Vec<Option<f64>> = [1, 16, 64, 256].map(|clients| ratio(series, *pair, clients, spread)).to_vec();
        if found.iter().all(Option::is_none) {
            continue;
        }
        let mut line = vec![format!("{} / {}", pair.0, pair.1)];
        line.extend(found.iter().map(|ratio| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))));
        lines.push(line);
        raw.push(json!({ "one": pair.0, "other": pair.1, "spread": spread, "at 1, 16, 64, 256": found }));
    }
    (lines, Value::Array(raw))
}
