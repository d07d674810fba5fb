//! Each example of the languages is read, lowered and checked.

use crate::document::{Block, Document, documents};
use crate::nothing_found;
use crate::project::Project;
use scaffold_cli::diagnostic::codes;
use std::collections::BTreeSet;

#[test]
fn examples_are_sound() {
    let mut findings = Vec::new();
    let mut tried = 0;
    for document in documents() {
        for name in names(&document) {
            let verdict = Project::of(&document, &name).judge();
            tried += 1;
            if !verdict.errors.is_empty() {
                findings.push(format!("{}: example `{name}`\n{}", document.path, verdict.shown));
            }
        }
    }
    nothing_found(&findings);
    assert!(tried > 0, "no document has an example");
}

#[test]
fn mistakes_are_told() {
    let mut findings = Vec::new();
    for document in documents() {
        for block in document.blocks() {
            let Some((kind, code, name)) = block.mark.and_then(mistake) else { continue };
            let mut project = Project::of(&document, name);
            project.add(block.language, &block.text);
            let verdict = project.judge();
            let expected = BTreeSet::from([code.to_owned()]);
            let told = match kind {
                "refused" => verdict.errors == expected,
                _ => verdict.errors.is_empty() && verdict.warnings.contains(code),
            };
            if !told {
                findings.push(format!("{}:{}: not just {code}:\n{}", document.path, block.line, verdict.shown));
            }
        }
    }
    nothing_found(&findings);
}

#[test]
fn no_example_stays_untried() {
    let mut findings = Vec::new();
    for document in documents() {
        for block in document.blocks().iter().filter(|block| is_input(block)) {
            let tried = block.mark.is_some_and(|mark| mark.starts_with("example: ") || mistake(mark).is_some());
            if !tried {
                findings.push(format!("{}:{}: no mark above this block", document.path, block.line));
            }
        }
    }
    nothing_found(&findings);
}

#[test]
fn codes_exist() {
    let pattern = regex_lite::Regex::new(r"\b[EW]0\d{3}\b").unwrap();
    let mut findings = Vec::new();
    for document in documents() {
        for (number, line) in document.text.lines().enumerate() {
            let unknown = pattern.find_iter(line).filter(|found| codes::find(found.as_str()).is_none());
            findings.extend(unknown.map(|found| format!("{}:{}: {}", document.path, number + 1, found.as_str())));
        }
    }
    nothing_found(&findings);
}

/// The projects of a document.
pub fn names(document: &Document) -> BTreeSet<String> {
    let blocks = document.blocks();
    blocks.iter().filter_map(|block| block.mark?.strip_prefix("example: ")).map(str::to_owned).collect()
}

/// `refused: E0421 seats`
fn mistake(mark: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = mark.split_once(": ").filter(|(kind, _)| matches!(*kind, "refused" | "warned"))?;
    let (code, name) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((kind, code, name))
}

/// Does it look like a file of one of the two languages?
fn is_input(block: &Block<'_>) -> bool {
    let first = block.text.lines().find(|line| !line.trim().is_empty() && !line.starts_with(['#', '"']));
    let Some(first) = first else { return false };
    let keys: &[&str] = match block.language {
        "yaml" => &["events:", "commands:", "views:", "automations:", "services:"],
        "graphql" => &["type ", "enum ", "input ", "extend ", "interface ", "union ", "scalar "],
        _ => &[],
    };
    keys.iter().any(|key| first.starts_with(key))
}
