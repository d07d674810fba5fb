//! What is printed and where: results on stdout, problems on stderr, as much as was asked for.

use crate::args::{Color, Format, Global};
use crate::diagnostic::{self, Sink};
use crate::place::Sources;
use std::io::{self, IsTerminal, Write};

/// Where a command prints.
#[derive(Debug)]
pub struct Terminal {
    format: Format,
    color: bool,
    quiet: bool,
    verbose: bool,
}

impl Terminal {
    /// As the flags of the command line say.
    pub fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Self { format: global.format, color, quiet: global.quiet, verbose: global.verbose }
    }

    /// How problems are printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// A result that was asked for; a reader that went away is no error.
    pub fn print(&self, text: &str) {
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }

    /// A line on what was done, unless `--quiet`.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// A line for `--verbose`.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(line);
        }
    }

    /// A failure that has no place in an input, with what to do about it.
    pub fn fail(&self, message: &str, help: &str) {
        let mut stderr = io::stderr().lock();
        let _ = match self.format {
            Format::Human if help.is_empty() => writeln!(stderr, "error: {message}"),
            Format::Human => writeln!(stderr, "error: {message}\n  = help: {help}"),
            Format::Json => {
                let line = serde_json::json!({ "severity": "error", "message": message, "help": [help] });
                writeln!(io::stdout().lock(), "{line}")
            }
            Format::Github => writeln!(io::stdout().lock(), "::error::{}", github(&format!("{message}; {help}"))),
        };
    }

    /// Every diagnostic: for people on stderr, for programs on stdout.
    pub fn report(&self, sink: &Sink, sources: &Sources) {
        let format = match self.format {
            Format::Human => diagnostic::Format::Human { color: self.color },
            Format::Json => diagnostic::Format::Json,
            Format::Github => diagnostic::Format::GitHub,
        };
        let text = diagnostic::render(sink, sources, format);
        let _ = match self.format {
            Format::Human => io::stderr().lock().write_all(text.as_bytes()),
            Format::Json | Format::Github => io::stdout().lock().write_all(text.as_bytes()),
        };
    }
}

/// Escapes a text for a GitHub workflow command.
pub(super) fn github(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// `2 errors, 1 warning`
pub(super) fn summary(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
