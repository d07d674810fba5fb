//! Other processes: started, waited for, and killed at the end.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Endpoint};

/// A process that is killed when this is dropped.
pub struct Process(Child);

impl Process {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it.
///
/// # Errors
/// If that fails.
pub fn spawn(command: &mut Command) -> Result<Process, String> {
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    started.map(Process).map_err(|error| format!("{command:?}: {error}"))
}

/// An address that nobody listens at.
///
/// # Errors
/// If there is none.
pub fn free_address() -> Result<String, String> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    address.map(|address| address.to_string()).map_err(|error| error.to_string())
}

/// Waits until a gRPC server listens there.
///
/// # Errors
/// If none does within half a minute.
pub async fn connect(address: &str) -> Result<Channel, String> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|error| error.to_string())?;
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        match endpoint.connect().await {
            Ok(channel) => return Ok(channel),
            Err(error) if Instant::now() > patience => return Err(format!("{address}: {error}")),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
