//! Whether a connection leads to the server's own session or to a pooler, which may hand each transaction to another one.
//!
//! Whoever connects is told a number of a process, for cancelling. The server gives its session's. A pooler cannot know yet which
//! session will carry out what, and gives one of its own making. So the number that went by is compared with the session's.
//! The library does not show it: it is read from the stream, which the library hands over where it expects encryption to begin.

use super::tls::{self, Failure, Tls};
use futures_util::future::BoxFuture;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config, Error, SimpleQueryMessage, Socket};

/// What is known before anything went by; no process has this number.
const NOTHING: i32 = 0;

/// What was seen going by while a connection began.
#[derive(Clone, Default)]
pub(super) struct Tap(Arc<Seen>);

#[derive(Default)]
struct Seen {
    /// Whether the library has handed a stream over at all.
    handed_over: AtomicBool,
    /// The number of the process.
    process: AtomicI32,
}

impl Tap {
    /// The settings with which the library hands over a stream in the clear; none where it does not, as for sockets in the
    /// file system.
    pub(super) fn settings(config: &Config) -> Option<Config> {
        let hosts = config.get_hosts();
        if hosts.is_empty() || !hosts.iter().all(|host| matches!(host, Host::Tcp(_))) {
            return None;
        }
        let mut config = config.clone();
        config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        Some(config)
    }

    /// Whether a stream was looked at.
    pub(super) fn was_handed_over(&self) -> bool {
        self.0.handed_over.load(Ordering::Relaxed)
    }

    /// Whether the session at the other end is the server's own.
    ///
    /// # Errors
    /// What the server says.
    pub(super) async fn is_direct(&self, client: &Client) -> std::result::Result<bool, Error> {
        let seen = self.0.process.load(Ordering::Relaxed);
        if seen == NOTHING {
            return Ok(false);
        }
        let answer = client.simple_query("SELECT pg_backend_pid()").await?;
        let number = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i32>().ok(),
            _ => None,
        });
        Ok(number == Some(seen))
    }

    fn on<S>(self, stream: S) -> Tapped<S> {
        self.0.handed_over.store(true, Ordering::Relaxed);
        // Another address may have been tried before.
        self.0.process.store(NOTHING, Ordering::Relaxed);
        Tapped { stream, messages: Some(Messages::new(self)) }
    }
}

/// Hands the stream back where the library expects encryption to begin, with a tap on it.
pub(super) struct InTheClear(pub(super) Tap);

impl MakeTlsConnect<Socket> for InTheClear {
    type Stream = Tapped<Socket>;
    type TlsConnect = Self;
    type Error = Infallible;

    fn make_tls_connect(&mut self, _: &str) -> std::result::Result<Self, Infallible> {
        Ok(Self(self.0.clone()))
    }
}

impl TlsConnect<Socket> for InTheClear {
    type Stream = Tapped<Socket>;
    type Error = Infallible;
    type Future = Ready<std::result::Result<Tapped<Socket>, Infallible>>;

    fn connect(self, socket: Socket) -> Self::Future {
        ready(Ok(self.0.on(socket)))
    }
}

impl TlsStream for Tapped<Socket> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Lets TLS begin, with a tap on what comes out of it.
pub(super) struct OverTls<C>(pub(super) C, pub(super) Tap);

impl MakeTlsConnect<Socket> for OverTls<Tls> {
    type Stream = Tapped<tls::Stream>;
    type TlsConnect = OverTls<tls::Connect>;
    type Error = Failure;

    fn make_tls_connect(&mut self, host: &str) -> std::result::Result<OverTls<tls::Connect>, Failure> {
        Ok(OverTls(self.0.make_tls_connect(host)?, self.1.clone()))
    }
}

impl TlsConnect<Socket> for OverTls<tls::Connect> {
    type Stream = Tapped<tls::Stream>;
    type Error = Failure;
    type Future = BoxFuture<'static, std::result::Result<Tapped<tls::Stream>, Failure>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let Self(connect, tap) = self;
        Box::pin(async move { Ok(tap.on(connect.connect(socket).await?)) })
    }
}

impl TlsStream for Tapped<tls::Stream> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// The stream, looked at until the connection is ready.
pub(super) struct Tapped<S> {
    stream: S,
    messages: Option<Messages>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = buffer.filled().get(before..).unwrap_or_default();
        if self.messages.as_mut().is_some_and(|messages| messages.end_with(new)) {
            self.messages = None;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The messages of a connection that begins: a letter, four bytes of length, which count themselves, and the rest.
struct Messages {
    found: Tap,
    /// The first bytes of the message that is going by.
    begun: Vec<u8>,
    /// How many of its bytes are still to come; none as long as that is not known.
    left: Option<usize>,
}

/// The letter, the length, the number of the process.
const HEAD: usize = 5;
const WITH_NUMBER: usize = 9;

impl Messages {
    fn new(found: Tap) -> Self {
        Self { found, begun: Vec::new(), left: None }
    }

    /// Looks at what has come; says whether there is nothing more to look for.
    fn end_with(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| self.ends_with(*byte))
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        if self.begun.len() < WITH_NUMBER {
            self.begun.push(byte);
        }
        let left = match self.left {
            Some(left) => left - 1,
            None if self.begun.len() < HEAD => return false,
            None => number(&self.begun, 1).map_or(0, |length| usize::try_from(length - 4).unwrap_or(0)),
        };
        self.left = Some(left);
        if left > 0 {
            return false;
        }
        let kind = self.begun.first().copied();
        if let (Some(b'K'), Some(process)) = (kind, number(&self.begun, HEAD)) {
            self.found.0.process.store(process, Ordering::Relaxed);
        }
        (self.begun, self.left) = (Vec::new(), None);
        // It is ready, or has refused.
        matches!(kind, Some(b'Z' | b'E'))
    }
}

fn number(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(rest.len() + 4).unwrap_or_default().to_be_bytes();
        [&[kind], &length[..], rest].concat()
    }

    #[test]
    fn the_number_is_found_however_the_bytes_are_cut() {
        let key = [77_i32.to_be_bytes(), 1_234_i32.to_be_bytes()].concat();
        let parameter = message(b'S', b"K\0\0\0\x0cKKKKKKKK\0");
        let bytes = [message(b'R', &[0; 4]), parameter, message(b'K', &key), message(b'Z', b"I")].concat();
        for size in 1..=bytes.len() {
            let found = Tap::default();
            let mut messages = Messages::new(found.clone());
            let ended: Vec<bool> = bytes.chunks(size).map(|part| messages.end_with(part)).collect();
            assert_eq!(found.0.process.load(Ordering::Relaxed), 77, "in pieces of {size}");
            assert_eq!(ended.iter().position(|ended| *ended), Some(ended.len() - 1), "in pieces of {size}");
        }
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing() {
        let found = Tap::default();
        let mut messages = Messages::new(found.clone());
        // A length that cannot be, a message that breaks off, an error.
        assert!(!messages.end_with(&[b'K', 0, 0, 0, 0]));
        assert!(!messages.end_with(&[b'K', 0, 0, 0, 12, 0]));
        assert!(Messages::new(found.clone()).end_with(&message(b'E', b"no")));
        assert_eq!(found.0.process.load(Ordering::Relaxed), NOTHING);
    }

    #[test]
    fn sockets_in_the_file_system_are_left_alone() -> std::result::Result<(), Error> {
        let direct = |url: &str| Ok::<_, Error>(Tap::settings(&url.parse::<Config>()?).is_some());
        assert!(direct("postgres://u@h/d")?);
        assert!(!direct("postgres://u@%2Ftmp/d")?);
        assert!(!direct("postgres://u@/d?hostaddr=127.0.0.1")?);
        Ok(())
    }
}
