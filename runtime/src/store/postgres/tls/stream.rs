//! The stream over TLS, as the client library wants it.

use super::binding;
use futures_util::future::BoxFuture;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error};

/// Makes connections safe. Cheap to clone.
#[derive(Clone)]
pub(in super::super) struct Tls(TlsConnector);

impl Tls {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self(TlsConnector::from(Arc::new(config)))
    }
}

/// Why a connection could not be made safe.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Failure {
    /// Nobody can prove to have this name.
    #[error("`{0}` is no name of a host")]
    Name(String),
    /// What the server shows is not good enough.
    #[error("{0}")]
    Refused(String),
    /// The connection ended.
    #[error("{0}")]
    Ended(#[source] io::Error),
}

impl Failure {
    /// What of a failure to connect is owed to TLS.
    pub(in super::super) fn of(error: &tokio_postgres::Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// Whether a failure to connect is owed to TLS, and would be the same the next time.
    pub(in super::super) fn is_lasting(error: &tokio_postgres::Error) -> bool {
        match Self::of(error) {
            Some(failure) => !matches!(failure, Self::Ended(_)),
            // The library says it in words alone.
            None => std::error::Error::source(error).is_some_and(|source| LASTING.contains(&&*source.to_string())),
        }
    }
}

/// The library's words for a server without TLS, and for one that could not prove who it is, where that was asked for.
const LASTING: [&str; 2] = ["server does not support TLS", "server did not use channel binding"];

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::InvalidCertificate(problem)) => Self::Refused(said(problem)),
            Some(problem) => Self::Refused(problem.to_string()),
            None => Self::Ended(error),
        }
    }
}

fn said(problem: &CertificateError) -> String {
    match problem {
        // One with the name of an authority that is trusted, and another key, has a wrong signature.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the server's certificate is of none of the authorities that are trusted (`sslrootcert`)".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the server's certificate is not for this host: {problem}")
        }
        other => format!("the server's certificate is not accepted: {other}"),
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Connect;
    type Error = Failure;

    fn make_tls_connect(&mut self, host: &str) -> Result<Connect, Failure> {
        let name = ServerName::try_from(host).map_err(|_| Failure::Name(host.to_owned()))?;
        Ok(Connect { connector: self.0.clone(), host: name.to_owned() })
    }
}

/// Makes one connection safe.
pub(in super::super) struct Connect {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl TlsConnect<Socket> for Connect {
    type Stream = Stream;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Stream, Failure>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move { Ok(Stream(self.connector.connect(self.host, socket).await?)) })
    }
}

/// A connection over TLS.
pub(in super::super) struct Stream(tokio_rustls::client::TlsStream<Socket>);

impl TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        let shown = self.0.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let hash = shown.and_then(|certificate| binding::hash(certificate));
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
