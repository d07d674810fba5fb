//! `scaffold completions`: a script for the user's shell.

use super::Outcome;
use crate::args::{Cli, Completions};
use clap::CommandFactory;
use std::io::{self, Write};

/// Prints the script.
pub fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "scaffold", &mut script);
    let _ = io::stdout().lock().write_all(&script);
    Outcome::Fine
}
