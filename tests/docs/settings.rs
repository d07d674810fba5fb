//! The reference of the settings names every one that a process reads, and no other.

use crate::document::{Document, root};
use std::collections::BTreeSet;

const DOCUMENT: &str = "docs/reference/configuration.md";
const SOURCES: [&str; 2] = ["runtime/src/serve/config.rs", "runtime/src/serve/keys.rs"];

#[test]
fn settings_are_described() {
    let documented = documented(&Document::open(DOCUMENT).text);
    let sources = SOURCES.map(|source| std::fs::read_to_string(root().join(source)).unwrap());
    let known: BTreeSet<String> = sources.iter().flat_map(|source| read(source)).collect();
    assert_eq!(documented, known, "{DOCUMENT} beside {SOURCES:?}");
}

/// The names in the first cells of the first table.
fn documented(text: &str) -> BTreeSet<String> {
    let rows = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let pattern = regex_lite::Regex::new(r"`([A-Z<>_]+)`").unwrap();
    let first = rows.filter_map(|row| row.split('|').nth(1));
    let names = first.flat_map(|cell| pattern.captures_iter(cell).map(|found| found[1].to_owned()).collect::<Vec<_>>());
    names.collect()
}

/// The names that stand as texts in the code that reads settings.
fn read(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let pattern = regex_lite::Regex::new(r#""((?:\{\}_)?[A-Z][A-Z_]+)""#).unwrap();
    pattern.captures_iter(code).map(|found| found[1].replace("{}", "<SERVICE>")).collect()
}
