//! What a run sends, and what it makes of the answers.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tonic::transport::Endpoint;

use super::*;
use crate::auth::{Secret, ServiceKeys};
use crate::error::status;
use crate::event::Tenant;

/// What `Send` was called with, and what it answers, in turn.
static SENT: Mutex<Vec<(String, BTreeMap<String, String>)>> = Mutex::new(Vec::new());

struct Welcome;

impl Automation for Welcome {
    const NAME: &'static str = "Welcome";
    const RETRY: Retry = Retry { attempts: 1, from: Duration::ZERO, to: Duration::ZERO };
    const TARGET: Option<Target> =
        Some(Target { service: "mailer", command: "Send", permission: None, ignore: &["Blocked"] });
}

impl Sends for Welcome {
    type Command = String;

    async fn send(_: Channel, request: Request<String>) -> Result<(), Status> {
        let names = ["authorization", "x-idempotency-key", "x-correlation-id", "x-causation-id"];
        let value = |name: &str| request.metadata().get(name).map(|value| value.to_str().unwrap().to_owned());
        let metadata = names.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect();
        let command = request.into_inner();
        SENT.lock().unwrap().push((command.clone(), metadata));
        match command.as_str() {
            "blocked" => Err(status::rejected("Blocked", "no")),
            "wrong" => Err(status::rejected("NoAddress", "no address")),
            "busy" => Err(status::unavailable("later")),
            _ => Ok(()),
        }
    }
}

fn peers() -> Peers {
    let keys = ServiceKeys::new(&Secret::random()).unwrap();
    let peers = Peers::new(keys);
    let nowhere = Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
    peers.open([("mailer".to_owned(), nowhere.into())].into());
    peers
}

async fn send(peers: &Peers, commands: &[&str]) -> Result<(), Failure> {
    let tenant = Tenant::new("acme");
    let run = Run { correlation_id: Some("c1"), cause: Some("e1"), ..Run::example(&tenant, "Welcome/e1") };
    run.with_peers(Some(peers)).send::<Welcome>(commands.iter().map(|command| (*command).to_owned())).await
}

#[tokio::test]
async fn each_command_has_a_key_of_its_own_and_the_first_failure_ends_the_run() {
    let peers = peers();
    assert_eq!(send(&peers, &["a", "blocked", "b"]).await, Ok(()), "what is passed over stops nothing");
    let Err(Failure::Park(error)) = send(&peers, &["c", "wrong", "d"]).await else { panic!("a rejection is for good") };
    assert!(error.contains("mailer.Send") && error.contains("NoAddress") && error.contains("no address"), "{error}");
    assert!(matches!(send(&peers, &["busy"]).await, Err(Failure::Retry(_))));
    let sent = std::mem::take(&mut *SENT.lock().unwrap());
    let commands: Vec<&str> = sent.iter().map(|(command, _)| command.as_str()).collect();
    assert_eq!(commands, ["a", "blocked", "b", "c", "wrong", "busy"]);
    let keys: Vec<&str> = sent.iter().map(|(_, metadata)| metadata["x-idempotency-key"].as_str()).collect();
    assert_eq!(&keys[..3], ["Welcome/e1/0", "Welcome/e1/1", "Welcome/e1/2"]);
    for (_, metadata) in &sent {
        assert_eq!((metadata["x-correlation-id"].as_str(), metadata["x-causation-id"].as_str()), ("c1", "e1"));
        assert!(metadata["authorization"].starts_with("Bearer "));
    }
}

#[tokio::test]
async fn without_a_way_to_send_a_run_is_parked_and_says_why() {
    let tenant = Tenant::new("acme");
    let outcome = Run::example(&tenant, "k").send::<Welcome>(["a".to_owned()]).await;
    assert!(matches!(outcome, Err(Failure::Park(error)) if error.contains("Welcome")));
}

#[test]
fn what_may_pass_is_tried_again() {
    let target = Target { service: "s", command: "C", permission: None, ignore: &[] };
    let judge = |status: Status| answer::judge(&target, Err(status));
    for status in [
        status::unavailable("x"),
        status::conflict("x"),
        status::unauthenticated("x"),
        Status::deadline_exceeded("x"),
        Status::unknown("transport"),
    ] {
        assert!(matches!(judge(status.clone()), Err(Failure::Retry(_))), "{status}");
    }
    for status in [status::validation("x"), status::forbidden("x"), status::not_found("x"), status::rejected("No", "x")]
    {
        assert!(matches!(judge(status.clone()), Err(Failure::Park(_))), "{status}");
    }
}
