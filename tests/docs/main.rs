//! The documents say what is so: examples are read, lowered and checked, expressions are typed, flags and settings exist.
//!
//! An example is a fenced block below a line that says what it is:
//! * `<!-- example: seats -->` is part of the project `seats` of its document, and that project has no errors;
//! * `<!-- refused: E0421 seats -->`, added to that project, gives that error and no other;
//! * `<!-- warned: W0010 seats -->`, added to that project, gives that warning and no error;
//! * `<!-- emitted: seats -->`: each of its lines stands in the proto file of that project.
//!
//! What a project needs beside its blocks stands in `tests/docs/<document>/<project>.yaml` and `.graphql`.
//! `<!-- expressions -->`, `<!-- refused expressions -->` and `<!-- refused table -->` stand above tables that are tried row by row.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod command_line;
mod document;
mod emitted;
mod examples;
mod expressions;
mod generated;
mod later;
mod project;
mod settings;

/// Fails with all findings at once.
fn nothing_found(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}
