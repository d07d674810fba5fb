//! Instants, counted in milliseconds.

use crate::expr::EvalError;
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
///
/// Its text is RFC 3339 in UTC. Reading accepts RFC 3339 with any offset (finer than milliseconds is cut off) and a whole
/// number of milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

/// A text or number that is no instant between the years -9999 and 9999.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no instant: an RFC 3339 text or a number of milliseconds since 1970 is expected")]
pub struct InvalidInstant(pub String);

impl DateTime {
    /// The earliest and the latest instant that has a text.
    const RANGE: (i64, i64) = (-377_705_023_201_000, 253_402_207_200_000);

    /// An instant that stands in the source and is known to be in range.
    pub(crate) const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// The clock's time.
    pub fn now() -> Self {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(elapsed.as_millis()).unwrap_or(Self::RANGE.1))
    }

    /// The instant this many milliseconds after 1970; what lies beyond the year 9999 or before -9999 becomes the bound.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::RANGE.0, Self::RANGE.1))
    }

    /// Like [`DateTime::from_millis`], but nothing for what lies out of range.
    pub fn checked(millis: i64) -> Option<Self> {
        (Self::RANGE.0..=Self::RANGE.1).contains(&millis).then_some(Self(millis))
    }

    /// So many milliseconds later.
    ///
    /// # Errors
    /// [`EvalError::InstantOutOfRange`] beyond the bounds.
    pub fn plus(self, millis: i64) -> Result<Self, EvalError> {
        self.0.checked_add(millis).and_then(Self::checked).ok_or(EvalError::InstantOutOfRange)
    }

    /// So many milliseconds earlier.
    ///
    /// # Errors
    /// [`EvalError::InstantOutOfRange`] beyond the bounds.
    pub fn minus(self, millis: i64) -> Result<Self, EvalError> {
        self.0.checked_sub(millis).and_then(Self::checked).ok_or(EvalError::InstantOutOfRange)
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(out),
            Err(_) => write!(out, "{}", self.0),
        }
    }
}

impl FromStr for DateTime {
    type Err = InvalidInstant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| InvalidInstant(text.to_owned()))?;
        let millis = instant.as_nanosecond().div_euclid(1_000_000);
        let millis = i64::try_from(millis).map_err(|_| InvalidInstant(text.to_owned()))?;
        Self::checked(millis).ok_or_else(|| InvalidInstant(text.to_owned()))
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Instant)
    }
}

struct Instant;

impl Visitor<'_> for Instant {
    type Value = DateTime;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an RFC 3339 text or a number of milliseconds since 1970")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DateTime, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, millis: i64) -> Result<DateTime, E> {
        DateTime::checked(millis).ok_or_else(|| E::invalid_value(Unexpected::Signed(millis), &self))
    }

    fn visit_u64<E: serde::de::Error>(self, millis: u64) -> Result<DateTime, E> {
        let checked = i64::try_from(millis).ok().and_then(DateTime::checked);
        checked.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(millis), &self))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn text_and_number_read_as_the_same_instant() {
        let from_text: DateTime = serde_json::from_str("\"2026-01-01T01:00:00.5+01:00\"").unwrap();
        let from_number: DateTime = serde_json::from_str("1767225600500").unwrap();
        assert_eq!(from_text, from_number);
        assert_eq!(serde_json::to_string(&from_text).unwrap(), "\"2026-01-01T00:00:00.5Z\"");
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        assert!(serde_json::from_str::<DateTime>("\"yesterday\"").is_err());
        assert!(serde_json::from_str::<DateTime>("9007199254740993000").is_err());
        assert!(serde_json::from_str::<DateTime>("1.5").is_err());
        assert!("2026-02-30T00:00:00Z".parse::<DateTime>().is_err());
    }

    #[test]
    fn durations_are_added_within_bounds() {
        let noon = DateTime::from_millis(43_200_000);
        assert_eq!(noon.plus(1).unwrap().minus(1).unwrap(), noon);
        assert_eq!(noon.plus(i64::MAX), Err(EvalError::InstantOutOfRange));
        assert_eq!(noon.minus(i64::MAX), Err(EvalError::InstantOutOfRange));
    }

    #[test]
    fn the_bounds_have_a_text_that_reads_back() {
        for bound in [DateTime::from_millis(i64::MIN), DateTime::from_millis(i64::MAX)] {
            assert_eq!(bound.to_string().parse::<DateTime>().unwrap(), bound);
        }
    }
}
