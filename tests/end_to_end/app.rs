//! The built application as a process: started on free ports, stopped politely, or killed.

use super::graphql::Api;
use super::programs;
use super::terminal::Terminal;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The secret that the tests sign with.
pub const SECRET: &str = "a-secret-for-tests-that-is-long-enough";

/// What the operators of the tests show.
pub const OPERATOR: &str = "an-operator-s-token";

/// A running application: one process, or a service and a gateway. Dropped, it is killed.
pub struct App {
    child: Child,
    /// The service, if it runs apart, and where it serves HTTP.
    service: Option<(Child, String)>,
    /// `127.0.0.1:1234`
    pub http: String,
    /// `127.0.0.1:1235`
    pub grpc: String,
}

impl App {
    /// Starts the sample in one process, on the databases in `dir`, and waits until it is ready.
    pub fn start(dir: &Path) -> Self {
        Self::start_at(&database(dir))
    }

    /// Starts the sample in one process, on this database, and waits until it is ready.
    pub fn start_at(url: &str) -> Self {
        Self::start_program(&programs::of_sample().join("app"), url)
    }

    /// Starts the project of a folder of fixtures in one process.
    pub fn start_fixture(name: &str, dir: &Path) -> Self {
        Self::start_program(&programs::of_fixture(name), &database(dir))
    }

    /// Starts one of a project's programs with these settings, and waits until it is ready.
    pub fn start_with(program: &Path, settings: &[(&str, &str)]) -> Self {
        let (child, http, grpc) = spawn(program, settings);
        Self { child, service: None, http, grpc: grpc.unwrap_or_default() }.ready()
    }

    /// The same on this database, with more settings.
    pub fn start_fixture_at(name: &str, url: &str, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![("DATABASE_URL", url), ("GRPC_ADDR", "127.0.0.1:0")];
        settings.extend(more);
        Self::start_settings(&programs::of_fixture(name), &settings)
    }

    /// Starts the application of an example in `schema-examples`, as [`App::start`] does.
    pub fn start_example(name: &str, dir: &Path) -> Self {
        Self::start_program(&programs::of_example(name), &database(dir))
    }

    /// Starts the sample in one process, on this database, with its log in a file, and does not wait until it is ready.
    pub fn start_logging(url: &str, log: &Path) -> Self {
        let settings = [("DATABASE_URL", url), ("GRPC_ADDR", "127.0.0.1:0"), ("LOG", "info")];
        let log = std::fs::File::create(log).expect("a file for the log");
        let (child, http, grpc) = spawn_with(&programs::of_sample().join("app"), &settings, log.into());
        Self { child, service: None, http, grpc: grpc.expect("an application has a gRPC address") }
    }

    /// Starts the sample in one process, on this database, where somebody looks on, and does not wait until it is ready.
    pub fn start_on_terminal(url: &str) -> (Self, Terminal) {
        let settings = [("DATABASE_URL", url), ("GRPC_ADDR", "127.0.0.1:0"), ("LOG", "info"), ("TERM", "xterm")];
        let (terminal, theirs) = Terminal::open();
        let (child, http, grpc) = spawn_with(&programs::of_sample().join("app"), &settings, theirs.into());
        (Self { child, service: None, http, grpc: grpc.expect("an application has a gRPC address") }, terminal)
    }

    fn start_program(program: &Path, url: &str) -> Self {
        Self::start_settings(program, &[("DATABASE_URL", url), ("GRPC_ADDR", "127.0.0.1:0")])
    }

    fn start_settings(program: &Path, settings: &[(&str, &str)]) -> Self {
        let (child, http, grpc) = spawn(program, settings);
        Self { child, service: None, http, grpc: grpc.expect("an application has a gRPC address") }.ready()
    }

    /// Starts the sample's service and its gateway as a process each.
    pub fn start_apart(dir: &Path) -> Self {
        let programs = programs::of_sample();
        let settings = [("DATABASE_URL", database(dir)), ("GRPC_ADDR", "127.0.0.1:0".to_owned())];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        let (service, own, grpc) = spawn(&programs.join("enrollment"), &settings);
        let grpc = grpc.expect("a service has a gRPC address");
        let (child, http, _) = spawn(&programs.join("gateway"), &[("ENROLLMENT_URL", &format!("http://{grpc}"))]);
        Self { child, service: Some((service, own)), http, grpc }.ready()
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
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the application did not stop after an interrupt");
    }

    /// Waits until so many subscriptions of a method have begun: what happens from then on is told.
    pub fn has_begun(&self, method: &str, count: u64) {
        let counted = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            let is_it = name.starts_with("grpc_requests_total{")
                && name.contains(&format!("method=\"{method}\""))
                && name.contains("code=\"OK\"");
            value.parse::<u64>().ok().filter(|_| is_it)
        };
        let end = Instant::now() + Duration::from_secs(60);
        while self.get("/metrics").1.lines().find_map(counted).unwrap_or(0) < count {
            assert!(Instant::now() < end, "{method} does not begin");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until everything is there.
    pub fn ready(self) -> Self {
        let end = Instant::now() + Duration::from_secs(180);
        while Instant::now() < end {
            if self.get("/ready").0 == 200 {
                return self;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the application is not ready: {:?}", self.get("/ready"));
    }

    /// Status and body of a GET of the service's own, if it runs apart.
    pub fn get_of_service(&self, path: &str) -> (u16, String) {
        let (_, address) = self.service.as_ref().expect("the service runs apart");
        super::graphql::get(&format!("http://{address}{path}"))
    }

    /// Status and answer of a call as an operator makes it.
    pub fn operate(&self, method: &str, path: &str) -> (u16, serde_json::Value) {
        super::graphql::operate(method, &format!("http://{}{path}", self.http), OPERATOR)
    }

    /// The same with a body.
    pub fn operate_with(&self, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
        super::graphql::operate_with(&format!("http://{}{path}", self.http), OPERATOR, body)
    }

    /// Status and body of a GET.
    pub fn get(&self, path: &str) -> (u16, String) {
        super::graphql::get(&format!("http://{}{path}", self.http))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        for child in [Some(&mut self.child), self.service.as_mut().map(|(child, _)| child)].into_iter().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where the databases are kept.
pub fn database(dir: &Path) -> String {
    format!("sqlite:{}/{{service}}.db", dir.display())
}

/// Starts a program and gives where it listens: HTTP, and gRPC if it serves that.
fn spawn(program: &Path, settings: &[(&str, &str)]) -> (Child, String, Option<String>) {
    spawn_with(program, settings, Stdio::inherit())
}

fn spawn_with(program: &Path, settings: &[(&str, &str)], log: Stdio) -> (Child, String, Option<String>) {
    let mut child = Command::new(program)
        .env_clear()
        .env("HTTP_ADDR", "127.0.0.1:0")
        .env("AUTH_SECRET", SECRET)
        .env("OPERATOR_TOKEN", OPERATOR)
        .env("LOG", "warn")
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("the program starts");
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut lines = BufReader::new(stdout).lines();
    let line = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.starts_with("listening "))
        .expect("the program says where it listens");
    // The pipe is kept open and emptied, else the program would meet a broken one.
    std::thread::spawn(move || lines.for_each(drop));
    let part = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
    (child, part("http=").expect("an HTTP address"), part("grpc="))
}
