//! When an entry's next run is due.
//!
//! How often its time has come round is read off the wall clock, so that it is the same on every machine. How long to wait is
//! counted on a clock that never jumps: whatever the wall clock does, nobody waits longer than from one time to the next.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::Position;
use crate::value::DateTime;

/// An entry that is due at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The position that last changed it.
    pub position: Position,
    /// When it is due.
    pub at: Instant,
    /// How often its time has come round by then, at least.
    pub tick: u64,
    /// Attempts that have failed.
    pub failed: u32,
}

impl Known {
    /// One that has changed and is due then.
    pub(super) fn changed(position: Position, at: Instant) -> Self {
        Self { position, at, tick: 0, failed: 0 }
    }

    /// The same after one more failure.
    pub(super) fn failed_until(self, now: Instant, pause: Duration) -> Self {
        Self { at: now + pause, failed: self.failed + 1, ..self }
    }

    /// The same run once more, or else the one whose time has come; a clock that went back brings none back.
    pub(super) fn due_tick(&self, by_clock: u64) -> u64 {
        if self.failed > 0 { self.tick } else { by_clock.max(self.tick) }
    }
}

/// The times of an entry that runs again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    /// The time between two runs.
    pub every: Duration,
    /// When the entry changed.
    pub since: DateTime,
}

impl Due {
    /// How often its time has come round; the same on every machine, and after every restart.
    pub(super) fn tick(&self, now: DateTime) -> u64 {
        let passed = now.millis().saturating_sub(self.since.millis()).max(0).unsigned_abs();
        passed / self.millis().max(1)
    }

    /// How long it is until its time comes round again after this.
    pub(super) fn wait(&self, tick: u64, now: DateTime) -> Duration {
        let after = i64::try_from(self.millis().saturating_mul(tick.saturating_add(1))).unwrap_or(i64::MAX);
        let left = self.since.millis().saturating_add(after).saturating_sub(now.millis()).max(0);
        Duration::from_millis(left.unsigned_abs()).min(self.every)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime {
        DateTime::from_millis(millis)
    }

    #[test]
    fn ticks_are_counted_from_the_change() {
        let due = Due { every: Duration::from_secs(5), since: at(1_000) };
        for (now, tick) in [(0, 0), (1_000, 0), (5_999, 0), (6_000, 1), (16_000, 3)] {
            assert_eq!(due.tick(at(now)), tick, "{now}");
        }
        for (tick, now, left) in [(0, 1_000, 5_000), (0, 4_000, 2_000), (3, 20_500, 500), (0, 50_000, 0)] {
            assert_eq!(due.wait(tick, at(now)), Duration::from_millis(left), "{tick} at {now}");
        }
    }

    #[test]
    fn a_clock_that_jumps_neither_stops_it_nor_brings_a_run_back() {
        let hour = 3_600_000;
        let due = Due { every: Duration::from_secs(5), since: at(2 * hour) };
        assert_eq!((due.tick(at(0)), due.wait(0, at(0))), (0, Duration::from_secs(5)), "it changed in the future");
        let known = Known { tick: 721, ..Known::changed(7, Instant::now()) };
        assert_eq!(known.due_tick(due.tick(at(2 * hour))), 721, "the clock went back");
        assert_eq!(due.wait(721, at(2 * hour)), Duration::from_secs(5));
        assert_eq!(known.due_tick(due.tick(at(5 * hour))), 2160, "the clock went forward");
        assert_eq!(Known { failed: 1, ..known }.due_tick(due.tick(at(5 * hour))), 721, "the same run once more");
    }

    #[tokio::test]
    async fn a_failure_waits() {
        let now = Instant::now();
        let known = Known::changed(7, now).failed_until(now, Duration::from_millis(50));
        assert_eq!(known, Known { position: 7, at: now + Duration::from_millis(50), tick: 0, failed: 1 });
    }
}
