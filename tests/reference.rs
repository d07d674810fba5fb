//! The reference of diagnostics is what `scaffold explain` says, all of it in one document.
//!
//! `UPDATE_DOCS=1 cargo test --test reference` writes it anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::codes::{self, GROUPS};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn the_document_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/diagnostics.md");
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/reference/diagnostics.md is out of date: UPDATE_DOCS=1 cargo test --test reference"
    );
}

#[test]
fn each_code_shows_what_is_wrong_and_what_is_right() {
    let mut findings = String::new();
    for info in codes::all() {
        let text = info.explanation.to_lowercase();
        let has_example = text.matches("```").count() >= 2;
        let wrong = has_example && ["wrong", "not yet"].iter().any(|mark| text.contains(mark));
        let right = has_example && ["right", "works"].iter().any(|mark| text.contains(mark));
        if !wrong || !right {
            let _ = writeln!(
                findings,
                "{} {}: its example shows {}",
                info.code,
                info.title,
                if wrong { "nothing right" } else { "nothing wrong" }
            );
        }
    }
    assert!(findings.is_empty(), "\n{findings}");
}

fn document() -> String {
    let mut text = "# Diagnostics\n\n\
        Every problem has a code that stays the same. `scaffold explain <code>` prints what stands here. Errors (`E`) stop\n\
        `scaffold gen` before anything is written, warnings (`W`) do not.\n\n\
        <!-- Written by `UPDATE_DOCS=1 cargo test --test reference`; do not edit. -->\n"
        .to_owned();
    for (group, table) in GROUPS {
        let _ = write!(text, "\n## {group}\n");
        for info in *table {
            let _ = write!(text, "\n### {}: {}\n\n{}\n", info.code, info.title, info.explanation.trim());
        }
    }
    text
}
