//! PgBouncer in transaction mode before a server of the tests: each transaction may get another connection.

use super::{NOBODY, free_port, is_root};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How to get one, if there is none.
const HINT: &str = "no pgbouncer: apt-get install pgbouncer, or set PGBOUNCER to its path";

/// A pooler. Dropped, it is gone; if the tests are killed, too.
pub struct Pooler {
    pub port: u16,
    /// Ends it when its own input ends.
    watchdog: Child,
}

impl Pooler {
    /// One with three connections to the server on this port, whose database `app` it has, for the user `app`. Its files are
    /// put into a folder of the server's.
    pub fn before(server: u16, password: &str, place: &Path) -> Self {
        let folder = place.join("pooler");
        std::fs::create_dir(&folder).unwrap();
        let port = free_port();
        let (users, settings) = (folder.join("users"), folder.join("settings"));
        let text = format!(
            "[databases]\napp = host=127.0.0.1 port={server} dbname=app\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
             default_pool_size = 3\nmax_client_conn = 2000\nserver_reset_query =\nserver_login_retry = 1\n",
            users.display()
        );
        std::fs::write(&settings, text).unwrap();
        std::fs::write(&users, format!("\"app\" \"{password}\"\n")).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut watchdog = Command::new("sh");
        let script = "\"$0\" \"$1\" & cat >/dev/null; kill $!; wait";
        let program = std::env::var("PGBOUNCER").unwrap_or_else(|_| "pgbouncer".to_owned());
        watchdog.args(["-c", script, &program]).arg(&settings).process_group(0);
        if is_root() {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            watchdog.uid(NOBODY).gid(NOBODY);
        }
        let log = std::fs::File::create(folder.join("log")).unwrap();
        watchdog.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        let pooler = Self { port, watchdog: watchdog.spawn().unwrap() };
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < patience && !log.contains("not found"), "{HINT}: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}
