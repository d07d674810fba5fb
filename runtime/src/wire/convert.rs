//! Values on their way to the wire and back.

use prost_types::Timestamp;

use crate::value::{Date, DateTime, Decimal, Json};

/// A text or timestamp from the wire that is no value of its kind. The message is for callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not between the years -9999 and 9999, or nanoseconds out of range.
    #[error("the timestamp is out of range")]
    Timestamp,
    /// Not `YYYY-MM-DD`, or no day of the calendar.
    #[error("{0}")]
    Date(#[from] crate::value::InvalidDate),
    /// No decimal number of at most 28 digits.
    #[error("{0}")]
    Decimal(#[from] crate::value::InvalidDecimal),
    /// No JSON.
    #[error("not JSON: {0}")]
    Json(String),
}

/// An instant as it travels.
pub fn timestamp(instant: DateTime) -> Timestamp {
    let millis = instant.millis();
    // The remainder is below 1000, so that the nanoseconds fit.
    let nanos = i32::try_from(millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    Timestamp { seconds: millis.div_euclid(1000), nanos }
}

/// Reads an instant; what is finer than milliseconds is cut off.
///
/// # Errors
/// [`WireError::Timestamp`].
pub fn instant(timestamp: &Timestamp) -> Result<DateTime, WireError> {
    if !(0..1_000_000_000).contains(&timestamp.nanos) {
        return Err(WireError::Timestamp);
    }
    let millis =
        timestamp.seconds.checked_mul(1000).and_then(|ms| ms.checked_add(i64::from(timestamp.nanos / 1_000_000)));
    millis.and_then(DateTime::checked).ok_or(WireError::Timestamp)
}

/// Reads a date.
///
/// # Errors
/// [`WireError::Date`].
pub fn date(text: &str) -> Result<Date, WireError> {
    Ok(text.parse()?)
}

/// Reads a decimal number.
///
/// # Errors
/// [`WireError::Decimal`].
pub fn decimal(text: &str) -> Result<Decimal, WireError> {
    Ok(text.parse()?)
}

/// Reads JSON.
///
/// # Errors
/// [`WireError::Json`].
pub fn json(text: &str) -> Result<Json, WireError> {
    serde_json::from_str(text).map_err(|cause| WireError::Json(cause.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn instants_survive_the_way_there_and_back() {
        for millis in [0, -1, 1_767_225_600_500, i64::MIN, i64::MAX] {
            let at = DateTime::from_millis(millis);
            assert_eq!(instant(&timestamp(at)), Ok(at));
        }
        assert_eq!(timestamp(DateTime::from_millis(-1)), Timestamp { seconds: -1, nanos: 999_000_000 });
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for (seconds, nanos) in [(i64::MAX, 0), (0, -1), (0, 1_000_000_000), (253_402_300_800, 0)] {
            assert_eq!(instant(&Timestamp { seconds, nanos }), Err(WireError::Timestamp), "{seconds} {nanos}");
        }
    }

    #[test]
    fn texts_are_checked() {
        assert!(date("2025-02-29").is_err());
        assert!(decimal("1e3").is_err());
        assert!(json("{").is_err());
        assert_eq!(json("[1]").unwrap(), serde_json::json!([1]));
    }
}
