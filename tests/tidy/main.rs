//! The rules of the house that no compiler knows: who may import whom, how long a file may be, what never gets in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod circles;
mod licences;
mod links;
mod rooms;
mod sizes;
mod tree;
mod words;

/// Fails with all findings at once, one a line.
fn nothing_found(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
