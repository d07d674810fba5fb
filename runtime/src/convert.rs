//! Values from the wire, checked on their way into a service; what is wrong is named by its field.

use crate::query::Invalid;
use crate::value::{Date, DateTime, Decimal, Json};
use crate::wire;
use prost_types::Timestamp;

/// An enum of the wire that says nothing: its value 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value was given")]
pub struct Unspecified;

/// A message that has to be there.
///
/// # Errors
/// When it is absent.
pub fn required<T>(field: &str, value: Option<T>) -> Result<T, Invalid> {
    value.ok_or_else(|| Invalid::field(field, "is required"))
}

/// An instant.
///
/// # Errors
/// When it is out of range.
pub fn instant(field: &str, value: Timestamp) -> Result<DateTime, Invalid> {
    wire::instant(&value).map_err(|cause| Invalid::field(field, cause.to_string()))
}

/// A day of the calendar.
///
/// # Errors
/// When the text is no date.
pub fn date(field: &str, value: &str) -> Result<Date, Invalid> {
    wire::date(value).map_err(|cause| Invalid::field(field, cause.to_string()))
}

/// An exact decimal number.
///
/// # Errors
/// When the text is none, or has more than 28 digits.
pub fn decimal(field: &str, value: &str) -> Result<Decimal, Invalid> {
    wire::decimal(value).map_err(|cause| Invalid::field(field, cause.to_string()))
}

/// Free JSON.
///
/// # Errors
/// When the text is no JSON.
pub fn json(field: &str, value: &str) -> Result<Json, Invalid> {
    wire::json(value).map_err(|cause| Invalid::field(field, cause.to_string()))
}

/// A value of an enum.
///
/// # Errors
/// When the number is none of its values; 0 is what stands for none given.
pub fn enumeration<P, T>(field: &str, value: i32) -> Result<T, Invalid>
where
    P: TryFrom<i32>,
    T: TryFrom<P>,
{
    let known = P::try_from(value).ok().and_then(|value| T::try_from(value).ok());
    known.ok_or_else(|| Invalid::field(field, "is none of the values there are"))
}

/// A nested object.
///
/// # Errors
/// Its own, with the field in front.
pub fn nested<M, T: TryFrom<M, Error = Invalid>>(field: &str, value: M) -> Result<T, Invalid> {
    T::try_from(value).map_err(|mut invalid| {
        for problem in &mut invalid.problems {
            problem.field =
                if problem.field.is_empty() { field.to_owned() } else { format!("{field}.{}", problem.field) };
        }
        invalid
    })
}

/// What a message may leave out, converted; the default where it does.
///
/// # Errors
/// The conversion's own.
pub fn or_default<M, T: TryFrom<M, Error = Invalid> + Default>(value: Option<M>) -> Result<T, Invalid> {
    value.map_or_else(|| Ok(T::default()), T::try_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Inner;
    impl TryFrom<i64> for Inner {
        type Error = Invalid;
        fn try_from(_: i64) -> Result<Self, Invalid> {
            date("day", "2026-02-30").map(|_| Self)
        }
    }

    #[test]
    fn a_problem_is_named_by_its_whole_path() {
        let found = nested::<i64, Inner>("stay", 1).err().map(|invalid| invalid.to_string());
        assert_eq!(found.as_deref(), Some("stay.day: `2026-02-30` is no date: a text like 2026-01-31 is expected"));
        assert_eq!(required::<i64>("at", None), Err(Invalid::field("at", "is required")));
    }
}
