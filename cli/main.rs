//! `scaffold`: parse arguments, run, give the exit code.

use clap::Parser;
use scaffold_cli::args::Cli;
use scaffold_cli::commands;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(commands::run(&cli).exit_code())
}
