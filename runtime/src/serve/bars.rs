//! Progress bars for projections that are being built, on a terminal.
//!
//! Where stderr goes elsewhere, to a file or to a collector of logs, nothing is drawn: there the log says how far they are.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::projection::{Engines, Progress, Readiness};

/// How often they are drawn.
const DRAWN: Duration = Duration::from_millis(200);
/// What is there within this time is not worth a bar.
const UNNOTICED: Duration = Duration::from_millis(700);
const TEMPLATE: &str = "{prefix:>24} {wide_bar} {percent:>3} % {msg}";

static BARS: LazyLock<MultiProgress> = LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));

/// Where logs go: to stderr, above the bars.
#[derive(Clone, Copy)]
pub(super) struct AboveBars;

impl Write for AboveBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Draws a bar for each projection until all of them serve.
pub(super) fn draw(engines: Vec<Engines>) {
    if !BARS.is_hidden() {
        tokio::spawn(async move { until_built(&engines).await });
    }
}

async fn until_built(engines: &[Engines]) {
    tokio::time::sleep(UNNOTICED).await;
    let mut bars = BTreeMap::new();
    loop {
        let building = building(engines);
        bars.retain(|number, bar: &mut ProgressBar| {
            let is_building = building.contains_key(number);
            if !is_building {
                bar.finish_and_clear();
            }
            is_building
        });
        if building.is_empty() {
            return;
        }
        for (number, Readiness { entry, progress, .. }) in building {
            show(bars.entry(number).or_insert_with(|| bar(entry)), &progress);
        }
        tokio::time::sleep(DRAWN).await;
    }
}

/// By number, as types of several services may have one name.
fn building(engines: &[Engines]) -> BTreeMap<usize, Readiness> {
    let all = engines.iter().flat_map(Engines::readiness).enumerate();
    all.filter(|(_, one)| !one.progress.is_ready() && one.progress.stopped.is_none()).collect()
}

fn bar(entry: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_prefix(entry);
    BARS.add(bar.with_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar())))
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.target);
    bar.set_position(progress.applied);
    let left = progress.left().map(|left| format!(", {} s left", left.as_secs())).unwrap_or_default();
    bar.set_message(format!("{} events/s{left}", progress.speed()));
}
