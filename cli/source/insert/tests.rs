//! What goes in, and that nothing else changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

fn entry() -> Vec<String> {
    ["New:", "  fields: { id: ID! }"].map(str::to_owned).to_vec()
}

fn inserted(text: &str, section: &str) -> String {
    insert_entry(text, section, &entry()).unwrap().text
}

#[test]
fn a_name_goes_below_the_others_of_its_key() {
    let text = "# On top.\nevents:\n  A: {}   # a\n  B:\n    fields: { id: ID! }\n    # about B\n\n# about views\nviews:\n  V:\n";
    let expected = "# On top.\nevents:\n  A: {}   # a\n  B:\n    fields: { id: ID! }\n    # about B\n  New:\n    fields: { id: ID! }\n\n# about views\nviews:\n  V:\n";
    assert_eq!(inserted(text, "events"), expected);
    assert!(inserted(text, "views").ends_with("views:\n  V:\n  New:\n    fields: { id: ID! }\n"));
    assert!(inserted(text, "commands").ends_with("  V:\n\ncommands:\n  New:\n    fields: { id: ID! }\n"));
}

#[test]
fn the_layout_of_the_file_is_kept() {
    let wide = "events:\n    A: {}\n\n    # on B\n    B: {}\ncommands:";
    assert_eq!(
        inserted(wide, "events"),
        "events:\n    A: {}\n\n    # on B\n    B: {}\n\n    New:\n      fields: { id: ID! }\ncommands:"
    );
    assert_eq!(inserted(wide, "commands"), format!("{wide}\n    New:\n      fields: {{ id: ID! }}\n"));
    assert_eq!(
        inserted("events:\r\n  A: {}\r\n", "events"),
        "events:\r\n  A: {}\r\n  New:\r\n    fields: { id: ID! }\r\n"
    );
    assert_eq!(inserted("", "events"), "events:\n  New:\n    fields: { id: ID! }\n");
    assert_eq!(inserted("# nothing yet", "events"), "# nothing yet\n\nevents:\n  New:\n    fields: { id: ID! }\n");
    let folded = "events:\n  A:\n    doc: >\n      one\n      two\n\ncommands: {}\n";
    assert!(inserted(folded, "events").contains("      two\n"));
}

#[test]
fn what_takes_no_more_lines_is_left_alone() {
    for text in ["{ events: { A: {} } }", "events: { A: {} }\n", "events: [", "events:\n  A: {}\n...\n", "- a\n"] {
        assert_eq!(insert_entry(text, "events", &entry()), None, "{text}");
    }
}

/// Entries as people write them, comments and gaps between.
fn section() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{}",
        "",
        "{ fields: { a: ID! } } # short",
        "\n    doc: one",
        "\n    doc: |\n      two\n      # no comment\n",
        "\n    fields:\n      a: ID!\n      # inside\n      b: String",
        "\n    doc: 'it''s'\n    # behind",
        "\n    tags: [\"a:{a}\",\n           \"b:{b}\"]",
    ]);
    let between = prop::sample::select(vec!["\n", "\n\n", "\n  # next\n", "\n\n  # next\n"]);
    prop::collection::vec((pieces, between), 0..4).prop_map(|entries| {
        entries.iter().enumerate().map(|(number, (piece, between))| format!("  N{number}: {piece}{between}")).collect()
    })
}

proptest! {
    #[test]
    fn all_else_stays(first in section(), second in section(), crlf: bool, key in prop::sample::select(vec!["events", "commands", "views"])) {
        let text = format!("# top\nevents:\n{first}\n# middle\ncommands:\n{second}");
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let names = |text: &str| {
            let mut sources = Sources::default();
            let file = sources.add("a.yaml", text);
            let mut sink = Sink::default();
            let root = read_yaml(&sources, file, &mut sink);
            (!sink.has_errors()).then(|| format!("{:?}", root.map(|root| keys(&root, 0))))
        };
        prop_assume!(names(&text).is_some());
        let done = insert_entry(&text, key, &entry()).unwrap();
        let mut rest = done.text.clone();
        rest.replace_range(done.range, "");
        prop_assert_eq!(&rest, &text);
        let (before, after) = (names(&text).unwrap(), names(&done.text));
        prop_assert!(after.is_some(), "{}", done.text);
        prop_assert_eq!(after.unwrap().matches("N").count(), before.matches("N").count() + 1, "{}", done.text);
    }
}

/// The names of keys down to the entries of a section.
fn keys(node: &Node, depth: usize) -> Vec<String> {
    let NodeKind::Map(entries) = &node.kind else { return Vec::new() };
    let below = |entry: &Entry| if depth == 0 { keys(&entry.value, 1) } else { Vec::new() };
    entries.iter().flat_map(|entry| std::iter::once(entry.key.value.clone()).chain(below(entry))).collect()
}
