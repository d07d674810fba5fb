//! The built application as a process: started on free ports, stopped politely, or killed.

use super::graphql::Api;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The secret that the tests sign with.
pub const SECRET: &str = "a-secret-for-tests-that-is-long-enough";

/// A running application. Dropped, it is killed.
pub struct App {
    child: Child,
    /// `127.0.0.1:1234`
    pub http: String,
    /// `127.0.0.1:1235`
    pub grpc: String,
}

impl App {
    /// Starts the sample on the databases in `dir` and waits until it is ready.
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// The same with more settings.
    pub fn start_with(dir: &Path, settings: &[(&str, &str)]) -> Self {
        let database = format!("sqlite:{}/{{service}}.db", dir.display());
        let mut child = Command::new(binary())
            .env_clear()
            .env("DATABASE_URL", database)
            .env("HTTP_ADDR", "127.0.0.1:0")
            .env("GRPC_ADDR", "127.0.0.1:0")
            .env("AUTH_SECRET", SECRET)
            .env("LOG", "warn")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the application starts");
        let (http, grpc) = addresses(&mut child);
        let app = Self { child, http, grpc };
        app.wait_until_ready();
        app
    }

    /// A client of its GraphQL API.
    pub fn api(&self) -> Api {
        Api::new(&self.http)
    }

    /// Ends it as the kernel would: no last word, no flush.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// Ends it as Ctrl-C does and gives whether it ended well.
    pub fn interrupt(mut self) -> bool {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the application did not stop after an interrupt");
    }

    fn wait_until_ready(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if self.get("/ready").0 == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the application is not ready: {:?}", self.get("/ready"));
    }

    /// Status and body of a GET.
    pub fn get(&self, path: &str) -> (u16, String) {
        super::graphql::get(&format!("http://{}{path}", self.http))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the line on which the application says where it listens.
fn addresses(child: &mut Child) -> (String, String) {
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut lines = BufReader::new(stdout).lines();
    let line = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.starts_with("listening "))
        .expect("the application says where it listens");
    // The pipe is kept open and emptied, else the application would meet a broken one.
    std::thread::spawn(move || lines.for_each(drop));
    let part = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
    (part("http=").expect("an HTTP address"), part("grpc=").expect("a gRPC address"))
}

/// The sample's application: `SAMPLE_APP`, or built here.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("SAMPLE_APP") {
        Some(path) => PathBuf::from(path),
        None => build(),
    })
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target = if target.is_absolute() { target } else { root.join(target) };
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", "app", "--target-dir"])
        .arg(&target)
        .current_dir(root.join("generated-sample"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the sample is built");
    target.join("debug/app")
}
