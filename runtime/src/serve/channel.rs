//! Channels to services: over the network, or within the process over a pipe in memory, so that
//! callers use the same typed clients either way.

use std::time::Duration;

use futures_util::StreamExt;
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint, Server, Uri};
use tower::service_fn;

use super::layer::Observe;

/// The size of a pipe's buffer in each direction, in bytes.
const PIPE: usize = 256 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is asked whether a connection still carries, and how long the answer may take: until then calls wait on a dead one.
const KEEPALIVE: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves routes within the process and gives the channel to them; must be called in a runtime.
/// The server ends when the last clone of the channel is gone.
pub(crate) fn in_process(routes: Routes, call: Duration) -> Channel {
    let (sender, receiver) = mpsc::unbounded_channel::<DuplexStream>();
    let incoming = UnboundedReceiverStream::new(receiver).map(Ok::<_, std::io::Error>);
    tokio::spawn(async move {
        let server = Server::builder().timeout(call).layer(Observe).add_routes(routes);
        if let Err(cause) = server.serve_with_incoming(incoming).await {
            tracing::error!(%cause, "serving within the process ended");
        }
    });
    let connector = service_fn(move |_: Uri| {
        let (client, server) = tokio::io::duplex(PIPE);
        let sent = sender.send(server).map_err(|_| std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        std::future::ready(sent.map(|()| TokioIo::new(client)))
    });
    Endpoint::from_static("http://in-process").connect_with_connector_lazy(connector)
}

/// A channel over the network, opened on first use and again after a loss.
///
/// # Errors
/// A sentence when it is no address that can be called.
pub(crate) fn over_network(url: &str, call: Duration) -> Result<Channel, String> {
    if url.starts_with("https://") {
        return Err("https is not supported between gateway and services; use http within a trusted network".into());
    }
    if !url.starts_with("http://") {
        return Err("must be an address like http://host:50051".into());
    }
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|cause| cause.to_string())?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(call)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true);
    Ok(endpoint.connect_lazy())
}
