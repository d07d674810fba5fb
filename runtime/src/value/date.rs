//! Calendar days.

use crate::expr::EvalError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A day of the calendar, without a time or a zone; its text is `2026-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A text that is no day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date: a text like 2026-01-31 is expected")]
pub struct InvalidDate(pub String);

impl Date {
    /// The day, if the calendar has it.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Reads `2026-01-31`.
    ///
    /// # Errors
    /// [`EvalError::NotConvertible`] for any other text.
    pub fn parse(text: &str) -> Result<Self, EvalError> {
        text.parse().map_err(|InvalidDate(text)| EvalError::NotConvertible { text, expected: "Date" })
    }
}

/// The first day of 1970, which stands for "not given" where a required date has no default.
impl Default for Date {
    fn default() -> Self {
        Self(jiff::civil::date(1970, 1, 1))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff also reads a date out of a longer text; here only the date itself counts.
        let date: jiff::civil::Date = text.parse().map_err(|_| InvalidDate(text.to_owned()))?;
        if date.to_string() == text { Ok(Self(date)) } else { Err(InvalidDate(text.to_owned())) }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_and_writes_the_plain_form() {
        let date: Date = serde_json::from_str("\"2024-02-29\"").unwrap();
        assert_eq!(Some(date), Date::new(2024, 2, 29));
        assert_eq!(serde_json::to_string(&date).unwrap(), "\"2024-02-29\"");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["2023-02-29", "20240229", "2024-02-29T10:00:00", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
