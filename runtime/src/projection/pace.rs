//! How fast a projection goes, and what is said about it while it is being built.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::progress::Progress;
use crate::event::Position;

/// The time over which the speed is taken.
const WINDOW: Duration = Duration::from_secs(10);
/// Samples stand at least so far apart.
const APART: Duration = Duration::from_millis(100);
/// No line of the log follows another within this time.
const LINES: Duration = Duration::from_secs(5);
/// Whoever has less to catch up with is not worth a line.
const UNNOTICED: Duration = Duration::from_secs(1);

/// Measures one projection, and says now and then how far it is.
pub(super) struct Pace {
    projection: &'static str,
    began: Instant,
    from: Position,
    samples: VecDeque<(Instant, Position)>,
    line: Instant,
}

impl Pace {
    /// Of a projection that begins here.
    pub(super) fn new(projection: &'static str, progress: &Progress) -> Self {
        let (now, from) = (Instant::now(), progress.applied);
        if from == 0 && progress.target > 0 {
            tracing::info!(projection, events = progress.target, "the projection is being built");
        }
        Self { projection, began: now, from, samples: VecDeque::from([(now, from)]), line: now }
    }

    /// Events a second over the last few seconds, now that this one is reached.
    pub(super) fn reached(&mut self, now: Instant, applied: Position) -> u64 {
        while self.samples.len() > 1 && self.samples.front().is_some_and(|(at, _)| now - *at > WINDOW) {
            self.samples.pop_front();
        }
        let (since, from) = self.samples.front().copied().unwrap_or((now, applied));
        if self.samples.back().is_none_or(|(at, _)| now - *at >= APART) {
            self.samples.push_back((now, applied));
        }
        speed(applied.saturating_sub(from), now - since)
    }

    /// Says how far it is, if it is time to.
    pub(super) fn tell(&mut self, progress: &Progress) {
        if self.line.elapsed() < LINES {
            return;
        }
        self.line = Instant::now();
        let left = progress.left().map(|left| left.as_secs());
        tracing::info!(
            projection = self.projection,
            percent = progress.percent(),
            events_per_second = progress.per_second,
            seconds_left = left,
            "catching up"
        );
    }

    /// Says what it came to, if it took a while.
    pub(super) fn tell_all(&self, progress: &Progress) {
        let (took, events) = (self.began.elapsed(), progress.applied.saturating_sub(self.from));
        if self.from > 0 && took < UNNOTICED {
            return;
        }
        tracing::info!(
            projection = self.projection,
            events,
            seconds = took.as_secs_f64(),
            events_per_second = speed(events, took),
            "caught up"
        );
    }
}

/// Events a second; a moment counts as a tenth of one, so that one fast batch promises nothing.
fn speed(events: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.max(APART).as_millis()).unwrap_or(u64::MAX);
    events.saturating_mul(1000) / millis
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(applied: Position) -> Progress {
        Progress { applied, target: 100_000, started: true, ..Progress::default() }
    }

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let mut pace = Pace::new("Course", &at(0));
        let began = pace.began;
        let second = |number| began + Duration::from_secs(number);
        assert_eq!(pace.reached(second(1), 1000), 1000);
        assert_eq!(pace.reached(second(2), 4000), 2000);
        for number in 3..=30 {
            pace.reached(second(number), 4000 + number * 100);
        }
        assert_eq!(pace.reached(second(31), 7100), 100, "what was faster before is forgotten");
        assert!(pace.samples.len() <= 12, "{}", pace.samples.len());
    }

    #[test]
    fn percent_and_time_left() {
        let now = Progress { per_second: 300, ..at(55_999) };
        assert_eq!((now.percent(), now.left()), (55, Some(Duration::from_secs(147))));
        assert_eq!((at(99_999).percent(), at(99_999).left()), (99, None), "all but one is not all");
        let done = Progress { per_second: 300, ..at(100_000) };
        assert_eq!((done.percent(), done.left()), (100, None));
        assert_eq!(Progress::default().percent(), 100, "of nothing everything is there");
    }
}
