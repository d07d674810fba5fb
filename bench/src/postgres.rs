//! A PostgreSQL of the benchmark's own, in a temporary folder, with its settings as they come.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Who runs the server when root runs the benchmark: it refuses to be run by root.
const NOBODY: u32 = 65_534;

/// A running server. It stops, and its data is gone, when this is dropped.
pub struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// If a program fails or the server does not answer within a minute.
    pub fn start(bin: &Path, parent: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir_in(parent).map_err(failed)?;
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).map_err(failed)?;
        }
        let data = folder.path().join("data");
        let mut initdb = command(bin, "initdb", folder.path());
        initdb.arg("--pgdata").arg(&data).args(["--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        let made = initdb.output().map_err(failed)?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).map_err(failed)?.port();
        let mut postgres = command(bin, "postgres", folder.path());
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        postgres.args(["-c", "unix_socket_directories=", "-c", "max_connections=400"]);
        let process = postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let mut server = Self { process, port, _folder: folder };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), String> {
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if Instant::now() > patience || self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return Err("PostgreSQL does not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // It takes connections a moment before it answers them.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    /// Its number, whose children are the sessions.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("postgres://bench@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An orderly, immediate stop: its children end with it.
        let _ = Command::new("kill").args(["-QUIT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// What it says of itself.
pub fn version(bin: &Path) -> String {
    let output = Command::new(bin.join("postgres")).arg("--version").output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn command(bin: &Path, program: &str, folder: &Path) -> Command {
    let mut command = Command::new(PathBuf::from(bin).join(program));
    command.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C").process_group(0);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
