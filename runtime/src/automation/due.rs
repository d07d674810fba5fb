//! When an entry's next run is due.

use std::time::Duration;

use crate::event::Position;
use crate::value::DateTime;

/// An entry that is due at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The position that last changed it.
    pub position: Position,
    /// When it is due.
    pub at: DateTime,
    /// How often its time had come round when it ran last.
    pub tick: u64,
    /// Attempts that have failed.
    pub failed: u32,
}

impl Known {
    /// One that has changed and is due then.
    pub(super) fn changed(position: Position, at: DateTime) -> Self {
        Self { position, at, tick: 0, failed: 0 }
    }

    /// The same after one more failure.
    pub(super) fn failed_until(self, now: DateTime, pause: Duration) -> Self {
        Self { at: later(now, pause, 1), failed: self.failed + 1, ..self }
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
        let every = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX).max(1);
        passed / every
    }

    /// When it comes round next.
    pub(super) fn next(&self, tick: u64) -> DateTime {
        later(self.since, self.every, tick.saturating_add(1))
    }
}

fn later(from: DateTime, wait: Duration, times: u64) -> DateTime {
    let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_mul(times);
    DateTime::from_millis(from.millis().saturating_add(i64::try_from(wait).unwrap_or(i64::MAX)))
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
        assert_eq!(due.next(0), at(6_000));
        assert_eq!(due.next(3), at(21_000));
    }

    #[test]
    fn a_failure_waits() {
        let known = Known::changed(7, at(0)).failed_until(at(100), Duration::from_millis(50));
        assert_eq!(known, Known { position: 7, at: at(150), tick: 0, failed: 1 });
    }
}
