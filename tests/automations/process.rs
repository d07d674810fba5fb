//! The built programs as processes: started on free ports, killed when they are dropped.

use super::graphql::Api;
use super::project::programs;
use super::{OPERATOR, SECRET, token, until};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use ureq::Agent;

/// A running program.
pub struct Program {
    child: Child,
    /// `127.0.0.1:1234`
    pub http: String,
    /// `http://127.0.0.1:1235`, unless it is a gateway.
    pub grpc: String,
}

impl Program {
    /// Starts a program on the databases in `dir`, with these settings beside the usual ones, and waits until it is ready.
    pub fn start(name: &str, dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_at(name, &format!("sqlite:{}/{{service}}.db", dir.display()), dir, settings)
    }

    /// The same on databases elsewhere, in this folder.
    pub fn start_at(name: &str, database: &str, dir: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(programs().join(name))
            .env_clear()
            .current_dir(dir)
            .env("HTTP_ADDR", "127.0.0.1:0")
            .env("GRPC_ADDR", "127.0.0.1:0")
            .env("DATABASE_URL", database)
            .env("AUTH_SECRET", SECRET)
            .env("OPERATOR_TOKEN", OPERATOR)
            .env("LOG", "error")
            // A gateway asks where every service is, also of one that a test leaves out.
            .envs((name == "automata-gateway").then_some(("RECORDS_URL", "http://127.0.0.1:9")))
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let line = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("listening "));
        let line = line.expect("the program says where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        let part = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
        let (http, grpc) = (part("http=").expect("an HTTP address"), part("grpc=").unwrap_or_default());
        let program = Self { child, http, grpc: format!("http://{grpc}") };
        if name != "automata-gateway" {
            until("readiness", || {
                (super::graphql::get(&format!("http://{}/ready", program.http)).0 == 200).then_some(())
            });
        }
        program
    }

    /// A client of its GraphQL API with every permission.
    pub fn api(&self) -> Api {
        Api::new(&self.http).with(&token())
    }

    /// Ends it as the kernel would: no last word, no flush.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// How a group is doing.
    pub fn group(&self, name: &str) -> Value {
        let listed = self.operate("GET", "/groups");
        let group = listed["groups"].as_array().and_then(|groups| groups.iter().find(|group| group["group"] == name));
        group.unwrap_or_else(|| panic!("{name} is not among {listed}")).clone()
    }

    /// What a group has parked.
    pub fn parked(&self, group: &str) -> Vec<Value> {
        let answer = self.operate("GET", &format!("/groups/{group}/parked"));
        let list = answer.get("parked").unwrap_or(&answer).clone();
        list.as_array().cloned().unwrap_or_else(|| panic!("no list: {answer}"))
    }

    /// Sends something parked again.
    pub fn resend(&self, group: &str, parked: &Value) {
        let id = parked["id"].as_str().expect("what is parked has an id");
        self.operate("POST", &format!("/groups/{group}/parked/{id}/resend"));
    }

    fn operate(&self, method: &str, path: &str) -> Value {
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let (url, token) = (format!("http://{}{path}", self.http), format!("Bearer {OPERATOR}"));
        let mut answer = match method {
            "POST" => agent.post(&url).header("authorization", &token).send_empty(),
            _ => agent.get(&url).header("authorization", &token).call(),
        }
        .expect("the program answers");
        let text = answer.body_mut().read_to_string().unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {} {text}", answer.status());
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
