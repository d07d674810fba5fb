//! How YAML becomes nodes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use proptest::prelude::*;

fn read(text: &str) -> (Option<Node>, Vec<&'static str>) {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", text);
    let mut sink = Sink::default();
    let node = read_yaml(&sources, file, &mut sink);
    (node, sink.sorted().iter().map(|diagnostic| diagnostic.code.as_str()).collect())
}

/// The scalar below `a:` and what stands where a part of it is said to be.
fn part<'a>(source: &'a str, part: &str) -> (String, &'a str) {
    let (node, codes) = read(source);
    assert!(codes.is_empty(), "{codes:?}");
    let NodeKind::Map(entries) = node.unwrap().kind else { panic!("no map") };
    let NodeKind::Scalar(scalar) = &entries[0].value.kind else { panic!("no scalar") };
    let start = scalar.text.value.find(part).unwrap();
    let place = scalar.text.part(start..start + part.len());
    (scalar.text.value.clone(), &source[place.start as usize..place.end as usize])
}

#[test]
fn parts_of_scalars_are_found_in_the_file() {
    assert_eq!(part("a: one two # no", "two"), ("one two".into(), "two"));
    assert_eq!(part("é: 'it''s two'", "two"), ("it's two".into(), "two"));
    assert_eq!(part(r#"a: "\u00e4\n\"two\" three""#, "three"), ("ä\n\"two\" three".into(), "three"));
    assert_eq!(part("a: |\n  one\n    two\n  three\n", "two"), ("one\n  two\nthree\n".into(), "two"));
    assert_eq!(part("a: >-\n  one\n  two\n\n  three\n", "three"), ("one two\nthree".into(), "three"));
    assert_eq!(part("a: one\n  two\n  three\n", "three"), ("one two three".into(), "three"));
    assert_eq!(part("a: \"one \\\n   two\"\n", "two"), ("one two".into(), "two"));
    assert_eq!(part("{ a: one two }", "two"), ("one two".into(), "two"));
}

#[test]
fn what_the_language_does_not_use_is_refused() {
    assert_eq!(read("a: !open").1, ["E0105"]);
    assert_eq!(read("a: &x b").1, ["E0105"]);
    assert_eq!(read("a: *x").1, ["E0105"]);
    assert_eq!(read("a: &x { b: c }").1, ["E0107"]);
    assert_eq!(read("<<: { b: c }").1, ["E0107"]);
    assert_eq!(read("a: b\n---\nc: d\n").1, ["E0107"]);
    assert_eq!(read("a: b\nc: d\na: e\n").1, ["E0102"]);
    assert_eq!(read("{ a: b, a: c }").1, ["E0102"]);
    assert_eq!(read("? [a]\n: b\n").1, ["E0104"]);
    assert_eq!(read("a: { b").1, ["E0103"]);
    assert_eq!(read("a: b: c").1, ["E0103"]);
}

#[test]
fn deep_nesting_is_refused() {
    assert_eq!(read(&"[".repeat(10_000)).1, ["E0108"]);
    assert_eq!(read(&"{a: ".repeat(10_000)).1, ["E0108"]);
    assert_eq!(read(&"- ".repeat(10_000)).1, ["E0108"]);
    let block: String = (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert_eq!(read(&block).1, ["E0108"]);
}

#[test]
fn comments_behind_a_scalar_are_seen() {
    let (node, _) = read("a: filter(xs, # > 1)\nb: c\n");
    let NodeKind::Map(entries) = node.unwrap().kind else { panic!("no map") };
    let comments =
        entries.iter().map(|entry| matches!(&entry.value.kind, NodeKind::Scalar(scalar) if scalar.comment.is_some()));
    assert_eq!(comments.collect::<Vec<_>>(), [true, false]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        read(&text);
    }

    #[test]
    fn any_signs_are_read_or_refused(text in "[a\\[\\]{}:,#&*!|>'\"%@`\\\\\n ?-]{0,80}") {
        let (node, codes) = read(&text);
        if let Some(node) = node {
            prop_assert!(node.place.end as usize <= text.len(), "{:?} {:?}", node, codes);
        }
    }
}
