//! gRPC calls by name: what the generated servers and clients of all services have in common, so that
//! a method is a line or two at either end.

mod channel;
mod client;
mod message;
mod server;

use std::pin::Pin;

use futures_util::StreamExt as _;
use tonic::Status;

pub use channel::Channel;
pub use client::{Client, Transport};
pub use server::{Answer, Incoming, Methods, Server};

/// The messages that a call answers one after the other.
pub type Messages<T> = Pin<Box<dyn futures_util::Stream<Item = Result<T, Status>> + Send>>;

/// Each of them as a message of the API.
pub fn messages<T, U>(
    found: impl futures_util::Stream<Item = Result<T, Status>> + Send + 'static,
    message: impl Fn(T) -> U + Send + 'static,
) -> Messages<U> {
    Box::pin(found.map(move |item| item.map(&message)))
}

#[cfg(test)]
mod tests;
