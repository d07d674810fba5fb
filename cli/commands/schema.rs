//! `scaffold schema`: what editors need to know of the languages.

use super::{Outcome, Terminal};
use crate::args::{Language, Schema};
use crate::{embedded, lower};

/// Prints the description of one language.
pub fn run(args: &Schema, terminal: &Terminal) -> Outcome {
    let text = match args.language {
        Language::EventModel => embedded::template("generated/editor/event-model.schema.json").map(str::to_owned),
        Language::Project => embedded::template("generated/editor/project.schema.json").map(str::to_owned),
        Language::Directives => Some(lower::directives_sdl()),
    };
    let Some(text) = text else {
        terminal.fail("this build of scaffold carries no schemas", "please report it");
        return Outcome::Findings;
    };
    terminal.print(&text);
    Outcome::Fine
}
