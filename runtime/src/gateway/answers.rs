//! What a service answered, on its way into the types of the API.

use async_graphql::Error;

use super::error;
use crate::error::status;

/// A part of an answer that has to be there.
///
/// # Errors
/// `INTERNAL` when it is absent.
pub fn required<T>(field: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| error(status::internal(format!("`{field}` is missing in the service's answer"))))
}

/// A value of an enum.
///
/// # Errors
/// `INTERNAL` when the number is none that this gateway knows.
pub fn enumeration<P, T>(field: &str, value: i32) -> Result<T, Error>
where
    P: TryFrom<i32>,
    T: TryFrom<P>,
{
    required(field, P::try_from(value).ok().and_then(|value| T::try_from(value).ok()))
}
