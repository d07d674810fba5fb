//! `scaffold`: parse arguments, run, give the exit code.

use clap::Parser;
use scaffold_cli::args::Cli;
use scaffold_cli::commands;
use std::process::ExitCode;

/// Emitting is making and dropping millions of small tokens, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(commands::run(&cli).exit_code())
}
