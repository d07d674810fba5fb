//! The server, and the way to it: every connection of a store is made here.

use super::session::{Hear, Told, text, until};
use super::tap::{InTheClear, OverTls, Tap};
use super::tls::{Failure, Security, Tls};
use crate::store::StoreError;
use futures_util::future::poll_fn;
use tokio::time::Instant;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Socket};

/// Where the server is, who asks, and how safe the way has to be. Cheap enough to clone.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    /// None in the clear.
    tls: Option<Tls>,
}

impl Server {
    /// A server behind a way that is so safe. Waits for the disk.
    ///
    /// # Errors
    /// If the certificates of authorities cannot be read.
    pub(super) async fn new(mut config: Config, security: Security) -> Result<Self, StoreError> {
        let is_near = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_socket);
        // Nobody stands between a socket of this machine and its server; libpq asks for nothing there either.
        let security = if is_near { Security::None } else { security };
        config.ssl_mode(match security {
            Security::None => SslMode::Disable,
            Security::Preferred => SslMode::Prefer,
            _ => SslMode::Require,
        });
        let read = tokio::task::spawn_blocking(move || security.tls()).await;
        let tls = read.map_err(|error| StoreError::Invalid(format!("TLS cannot be set up: {error}")))??;
        Ok(Self { config, tls })
    }

    /// Connects once. What the server sends unasked goes to `hear`, if given.
    pub(super) async fn connect(&self, hear: Option<Hear>) -> Result<Client, Error> {
        let Some(tls) = &self.tls else { return self.in_the_clear(hear).await };
        match self.config.connect(tls.clone()).await {
            Ok((client, connection)) => Ok(attended(client, connection, hear)),
            Err(error) if self.config.get_ssl_mode() == SslMode::Prefer && is_of_tls(&error) => {
                self.in_the_clear(hear).await
            }
            Err(error) => Err(error),
        }
    }

    async fn in_the_clear(&self, hear: Option<Hear>) -> Result<Client, Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        Ok(attended(client, connection, hear))
    }

    /// Connects once, and gives what went by meanwhile: by that it can be told whether there is a pooler in between.
    pub(super) async fn connect_tapped(&self) -> Result<(Client, Tap), Error> {
        let tap = Tap::default();
        if let Some(tls) = &self.tls {
            let is_preferred = self.config.get_ssl_mode() == SslMode::Prefer;
            match self.config.connect(OverTls(tls.clone(), tap.clone())).await {
                // Where TLS is only preferred and the server has none, the library hands nothing over: once more, then.
                Ok(_) if is_preferred && !tap.was_handed_over() => {}
                Ok((client, connection)) => return Ok((attended(client, connection, None), tap)),
                Err(error) if is_preferred && is_of_tls(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let Some(config) = Tap::settings(&self.config) else { return Ok((self.in_the_clear(None).await?, tap)) };
        let (client, connection) = config.connect(InTheClear(tap.clone())).await?;
        Ok((attended(client, connection, None), tap))
    }

    /// Connects, and while the server cannot be reached tries again until the deadline.
    pub(super) async fn connect_until(&self, deadline: Instant) -> Result<Client, StoreError> {
        until(deadline, || self.connect(None)).await
    }

    /// Gives up on a server that does not answer. If it can still be told, it drops what it is at, and with that its locks.
    pub(super) fn silence(&self, client: &Client) -> String {
        let (cancel, tls) = (client.cancel_token(), self.tls.clone());
        tokio::spawn(async move {
            match tls {
                Some(tls) => cancel.cancel_query(tls).await,
                None => cancel.cancel_query(NoTls).await,
            }
        });
        "the server does not answer".to_owned()
    }
}

fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

/// Whether the same without TLS may do better: the server's does not work, or it lets nobody in over TLS.
fn is_of_tls(error: &Error) -> bool {
    Failure::of(error).is_some() || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// Takes what comes over a connection for as long as it is open.
fn attended<S>(client: Client, mut connection: Connection<Socket, S>, hear: Option<Hear>) -> Client
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match (message, &hear) {
                (Ok(AsyncMessage::Notification(note)), Some(hear)) => {
                    hear(Told { channel: note.channel(), text: note.payload() });
                }
                (Ok(_), _) => {}
                // Whoever uses the connection learns it from the call that fails.
                (Err(error), _) => return tracing::debug!(error = text(&error), "a connection ended"),
            }
        }
    });
    client
}
