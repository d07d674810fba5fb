//! What goes wrong: [`Error`] ends a process, [`status`] answers a call.

pub mod status;

use std::net::SocketAddr;

/// Why a service, gateway or app could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The environment says something that cannot be used; every problem is listed.
    #[error("the configuration cannot be used:{}", listed(.0))]
    Config(Vec<String>),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address as configured.
        address: SocketAddr,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// A service's engine could not start.
    #[error("service `{service}` cannot start: {cause}")]
    Start {
        /// The service's name.
        service: &'static str,
        /// What its store or projections say.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The seed operations failed.
    #[error("seeding failed:{}", listed(.0))]
    Seed(Vec<String>),
    /// A server stopped by itself.
    #[error("{0} stopped: {1}")]
    Stopped(&'static str, Box<dyn std::error::Error + Send + Sync>),
    /// The process could not be set up (threads, signals).
    #[error("cannot set up the process: {0}")]
    Setup(#[from] std::io::Error),
}

fn listed(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  - {problem}")).collect()
}
