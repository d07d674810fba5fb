//! `scaffold explain <code>`: what a diagnostic means.

use super::{Outcome, Terminal};
use crate::args::Explain;
use crate::diagnostic::{closest, codes};

/// Prints the explanation of a code.
pub fn run(args: &Explain, terminal: &Terminal) -> Outcome {
    if let Some(info) = codes::find(&args.code) {
        terminal.print(&format!("{}: {}\n\n{}\n", info.code, info.title, info.explanation.trim()));
        return Outcome::Fine;
    }
    let help = match closest(&args.code.to_uppercase(), codes::all().map(|info| info.code.as_str())) {
        Some(code) => format!("did you mean `{code}`?"),
        None => "codes look like `E0101`; docs/reference/diagnostics.md lists them all".to_owned(),
    };
    terminal.fail(&format!("there is no code `{}`", args.code.escape_debug()), &help);
    Outcome::Usage
}
