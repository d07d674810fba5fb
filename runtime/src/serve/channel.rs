//! Channels to services over the network, with the limits that hold for all of them.

use std::time::Duration;

use tonic::transport::Endpoint;

use crate::rpc::Channel;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is asked whether a connection still carries, and how long the answer may take: until then calls wait on a dead one.
const KEEPALIVE: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

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
    Ok(endpoint.connect_lazy().into())
}
