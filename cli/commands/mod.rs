//! One verb a file. A command reads, works and prints; what it returns is the exit code.

mod add;
mod changes;
mod check;
mod completions;
mod explain;
mod generate;
mod lock;
mod new;
mod schema;
mod terminal;
mod token;
mod upgrade;

use crate::args::{Cli, Command};

pub use terminal::Terminal;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// There are findings, or something is out of date.
    Findings,
    /// The call itself was wrong.
    Usage,
}

impl Outcome {
    /// 0, 1 or 2.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Usage => 2,
        }
    }
}

/// Carries out one command line.
pub fn run(cli: &Cli) -> Outcome {
    let terminal = Terminal::new(&cli.global);
    let dir = &cli.global.directory;
    match &cli.command {
        Command::New(args) => new::run(dir, args, &terminal),
        Command::Gen(args) => generate::run(dir, args, &terminal),
        Command::Check(args) => check::run(dir, args, &terminal),
        Command::Add(args) => add::run(dir, args, &terminal),
        Command::Schema(args) => schema::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::Token(args) => token::run(dir, args, &terminal),
        Command::Completions(args) => completions::run(args),
    }
}
