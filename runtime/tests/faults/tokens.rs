//! Tokens where a process's own clock jumps.

use super::moved::{Clock, HOUR};
use super::process::PATIENCE;
use crate::fixture::{Course, caller};
use crate::school::School;
use futures_util::StreamExt;
use jsonwebtoken::crypto::{CryptoProvider, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{EncodingKey, Header};
use scaffold_runtime::auth::{AuthKeys, AuthSettings, Call, Secret, Verifier};
use scaffold_runtime::query::Filter;
use scaffold_runtime::value::DateTime;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const SECRET: &str = "a-secret-for-tests-that-is-long-enough";
/// Where the program that is run once more finds the token.
const TOKEN: &str = "SCAFFOLD_TEST_TOKEN";

fn verifier() -> Verifier {
    let keys = AuthKeys::Secret(Secret::new(SECRET).unwrap());
    Verifier::new(&AuthSettings { keys, issuer: None, audience: None }).unwrap()
}

/// A token that is valid from ten minutes ago for an hour from now.
fn token() -> String {
    // With it comes the cryptography.
    let _ = verifier();
    let now = DateTime::now().millis() / 1000;
    let claims = json!({ "sub": "u1", "tenant": "a", "nbf": now - 600, "exp": now + HOUR });
    jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// No test of its own: the others run this program once more, for it alone. It says what it makes of the token, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test starts it"]
async fn verifying() {
    let Ok(token) = std::env::var(TOKEN) else { return };
    let verifier = verifier();
    loop {
        match verifier.verify(&token).await {
            Ok(_) => println!("it is taken"),
            Err(error) => println!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The same, where the process has brought cryptography of its own before, which refuses everything.
#[tokio::test]
#[ignore = "another test starts it"]
async fn verifying_by_ones_own() {
    static OWN: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
        verifier_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
        key_utils: KeyUtils::new_unimplemented(),
    };
    let Ok(token) = std::env::var(TOKEN) else { return };
    OWN.install_default().unwrap();
    match verifier().verify(&token).await {
        Ok(_) => println!("it is taken"),
        Err(error) => println!("{error}"),
    }
}

/// The same: it subscribes under a token, and says when that ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test starts it"]
async fn subscribing() {
    let Ok(expires) = std::env::var(TOKEN) else { return };
    let folder = tempfile::tempdir().unwrap();
    let school = School::at(format!("sqlite:{}", folder.path().join("school.db").display()), None).await;
    let expires = Some(DateTime::from_millis(expires.parse().unwrap()));
    let call = Call { expires, ..caller("a") };
    let mut stream = Box::pin(school.service.watch::<Course>(&call, None, Filter::everything()).await.unwrap());
    println!("it is open");
    match stream.next().await {
        Some(Err(status)) => println!("{}", status.message()),
        other => println!("{other:?}"),
    }
}

/// This program once more, with a clock that can be moved, and the lines that it says.
struct Other {
    child: Child,
    lines: Receiver<String>,
}

impl Other {
    fn start(test: &str, token: &str, clock: &Clock) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture"]).env(TOKEN, token).envs(clock.environment());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, lines) = channel();
        std::thread::spawn(move || said.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// Waits until it says so.
    fn says(&self, text: &str) {
        while !self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it never said: {text}")).contains(text) {}
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_token_is_judged_by_the_clock_as_it_stands() {
    let clock = Clock::new();
    let other = Other::start("tokens::verifying", &token(), &clock);
    for (step, expected) in [
        (0, "it is taken"),
        (3 * HOUR, "it has expired"),
        (0, "it is taken"),
        (-5 * HOUR, "it is not valid yet"),
        (-2, "it is taken"),
    ] {
        clock.set(step);
        other.says(expected);
    }
}

#[test]
fn the_cryptography_that_came_first_stays() {
    let clock = Clock::new();
    Other::start("tokens::verifying_by_ones_own", &token(), &clock).says("it is malformed");
}

/// What was opened while the clock was behind does not stay open for as much longer.
#[test]
fn a_subscription_ends_with_its_token_when_the_clock_is_put_right() {
    let clock = Clock::new();
    clock.set(-5 * HOUR);
    // By now its time is over; five hours ago it was not.
    let expires = DateTime::now().millis() - HOUR * 1000;
    let other = Other::start("tokens::subscribing", &expires.to_string(), &clock);
    other.says("it is open");
    clock.set(0);
    other.says("the token has expired");
}
