//! What a service answered, on its way into the types of the API.

use async_graphql::Error;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::futures_util::{StreamExt, TryStreamExt};
use tonic::Streaming;

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

/// What a subscription answers.
pub type Changes<D> = BoxStream<'static, Result<D, Error>>;

/// A service's stream as a subscription's; messages that say nothing are passed over.
pub fn changes<M, D>(messages: Streaming<M>, read: fn(M) -> Option<D>) -> Changes<D>
where
    M: Send + 'static,
    D: Send + 'static,
{
    messages.map_err(error).try_filter_map(move |message| std::future::ready(Ok(read(message)))).boxed()
}
