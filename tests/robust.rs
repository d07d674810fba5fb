//! No input panics the tool: the courses example with pieces cut out, doubled, swapped and put in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use scaffold_cli::diagnostic::{Format, render};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Pieces that hit the languages where it hurts.
const PIECES: &[&str] = &[
    "",
    "\n",
    "  ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "!",
    "&a",
    "*a",
    "<<: ",
    "|",
    "- ",
    "@",
    "@from",
    "__x",
    "../x",
    "é",
    "\u{202e}",
    "\u{0}",
    "999999999999999999999",
    "-",
    "not ",
    " ?? ",
    "state",
    "event.",
    "(",
    ")",
    "type Query",
    "extend type Course",
    "\"\"\"",
    "% 0",
    "decimal(1)",
    "filter(x, #)",
    "ID!",
    "[[ID]]",
    "enum Permission",
    "type: ",
    "on: ",
    "\r\n",
    "\t",
    "---",
];

struct Input {
    path: String,
    text: String,
}

/// The example's schema, model and settings.
static INPUTS: LazyLock<Vec<Input>> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses");
    let mut inputs = Vec::new();
    collect(&root, &root, &mut inputs);
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs
});

fn collect(root: &Path, folder: &Path, inputs: &mut Vec<Input>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            collect(root, &entry.path(), inputs);
        } else {
            let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            inputs.push(Input { path, text: std::fs::read_to_string(entry.path()).unwrap() });
        }
    }
}

/// Which file, where (per mille), how many letters go, and what comes instead.
type Edit = (usize, usize, usize, usize);

fn edited(text: &str, (_, at, length, piece): Edit) -> String {
    let letters: Vec<char> = text.chars().collect();
    let start = letters.len() * at / 1000;
    let end = (start + length).min(letters.len());
    let head: String = letters[..start].iter().collect();
    let tail: String = letters[end..].iter().collect();
    head + PIECES[piece] + &tail
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_project_is_told_about(
        edits in prop::collection::vec((0..20usize, 0..1000usize, 0..40usize, 0..PIECES.len()), 1..4)
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (number, input) in INPUTS.iter().enumerate() {
            let mine = edits.iter().filter(|(file, ..)| file % INPUTS.len() == number);
            let text = mine.fold(input.text.clone(), |text, edit| edited(&text, *edit));
            let path = folder.path().join(&input.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let judged = scaffold_cli::judge(folder.path(), false);
        for format in [Format::Human { color: false }, Format::Json, Format::GitHub] {
            let told = render(&judged.sink, &judged.sources, format);
            prop_assert_eq!(told.is_empty(), judged.sink.is_empty());
        }
        prop_assert_eq!(judged.model.is_none(), judged.sink.has_errors());
    }
}
