//! How schemas are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::source::{RawTypeKind, parse_expression};
use proptest::prelude::*;

fn read(text: &str) -> (RawSchema, Vec<&'static str>) {
    let mut sources = Sources::default();
    let file = sources.add("a.graphql", text);
    let mut sink = Sink::default();
    let schema = read_schema(&sources, file, &mut sink);
    (schema, sink.sorted().iter().map(|diagnostic| diagnostic.code.as_str()).collect())
}

const COURSE: &str = r#"
"A course."
type Course implements Node & Other @upsertOn(
  on: {topic: "enrollment", eventTypes: ["A", "B"]} # comment
  identifyBy: {payload: ["courseId"]}
) @permission(read: [STUDENT, "ADMIN"]) {
  id: ID!
  """
    A title,
      in two lines.
  """
  title: String! @index @from(events: ["A"], value: "payload.title + \"ä\\n\" + payload.x")
  old(first: Int = 3): [[ID!]!] @default(value: -1.5e3)
}
"#;

#[test]
fn a_type_is_read_with_all_its_parts() {
    let (schema, codes) = read(COURSE);
    assert!(codes.is_empty(), "{codes:?}");
    let course = &schema.objects[0];
    assert_eq!(course.doc.as_ref().unwrap().value, "A course.");
    assert_eq!(course.implements.len(), 2);
    let upsert = &course.directives[0];
    let on = upsert.argument("on").unwrap();
    assert_eq!(on.get("topic").unwrap().word(), Some("enrollment"));
    let types: Vec<_> = on.get("eventTypes").unwrap().elements().iter().filter_map(RawSchemaValue::word).collect();
    assert_eq!(types, ["A", "B"]);
    let read: Vec<_> =
        course.directives[1].arguments[0].value.elements().iter().filter_map(RawSchemaValue::word).collect();
    assert_eq!(read, ["STUDENT", "ADMIN"]);
    assert_eq!(course.fields[1].doc.as_ref().unwrap().value, "A title,\n  in two lines.");
    assert_eq!(course.fields[2].ty.to_string(), "[[ID!]!]");
    assert_eq!(course.fields[2].arguments[0].value, "first");
    assert!(matches!(&course.fields[2].ty.kind, RawTypeKind::List(_)));
}

#[test]
fn places_are_those_of_the_file() {
    let (schema, _) = read(COURSE);
    let from = &schema.objects[0].fields[1].directives[1];
    assert_eq!(&COURSE[from.name.place.start as usize..from.name.place.end as usize], "@from");
    let Some(RawSchemaValueKind::Text(text)) = from.argument("value").map(|value| &value.kind) else { panic!() };
    let mut sink = Sink::default();
    let expr = parse_expression(text, &mut sink);
    assert!(sink.is_empty(), "{sink:?}");
    let crate::source::RawExprKind::Binary { right, .. } = expr.kind else { panic!() };
    assert_eq!(&COURSE[right.place.start as usize..right.place.end as usize], "payload.x");
    let id = &schema.objects[0].fields[0];
    assert_eq!(&COURSE[id.ty.place.start as usize..id.ty.place.end as usize], "ID!");
}

#[test]
fn every_mistake_is_found_in_one_run() {
    let (schema, codes) =
        read("type A { id ID! }\ntype B { id: ID! }\ntyp D\nenum C { 1 }\nquery { a }\ntype E @x(a: 1, a: 2)\n");
    assert_eq!(codes, ["E0112", "E0112", "E0112", "E0114", "E0102"]);
    let names: Vec<_> = schema.objects.iter().map(|object| object.name.value.as_str()).collect();
    assert_eq!(names, ["B", "E"]);
}

#[test]
fn everything_a_schema_may_hold_is_read() {
    let (schema, codes) = read(
        "directive @a(b: [Int!] = [1], c: X = {d: null}) repeatable on OBJECT | FIELD_DEFINITION\n\
         scalar DateTime @x union U = | A | B schema { query: Query } input I { a: Int = 3 @b } type Query { a: Int }\n\
         extend type T { a: Int } interface N { id: ID! } type Empty type Empty2 {} enum E { \"doc\" A @x B }",
    );
    assert!(codes.is_empty(), "{codes:?}");
    assert_eq!(
        (schema.directives.len(), schema.scalars.len(), schema.unions.len(), schema.schemas.len()),
        (1, 1, 1, 1)
    );
    assert!(schema.objects.iter().any(|object| object.is_root));
    assert_eq!(schema.enums[0].values.len(), 2);
}

#[test]
fn extensions_join_their_types() {
    let (a, _) = read("extend type T @x { b: Int } extend type No { c: Int } extend enum E { B }");
    let (b, _) = read("type T { a: Int } enum E { A }");
    let mut sink = Sink::default();
    let mut schemas = [a, b];
    merge_extensions(&mut schemas, &mut sink);
    assert_eq!(sink.sorted().len(), 1);
    assert!(schemas[0].objects.is_empty() && schemas[0].enums.is_empty());
    assert_eq!((schemas[1].objects[0].fields.len(), schemas[1].objects[0].directives.len()), (2, 1));
    assert_eq!(schemas[1].enums[0].values.len(), 2);
}

#[test]
fn deep_nesting_is_refused() {
    assert_eq!(read(&format!("type A @x(a: {}", "[".repeat(10_000))).1, ["E0108"]);
    assert_eq!(read(&format!("type A @x(a: {}", "{a: ".repeat(10_000))).1, ["E0108"]);
    assert_eq!(read(&format!("type A {{ a: {}", "[".repeat(10_000))).1, ["E0108"]);
}

#[test]
fn broken_texts_are_refused() {
    for text in [
        "type A @x(a: \"b",
        "type A @x(a: \"\\q\")",
        "\"\"\"",
        "type A @x(a: 'b')",
        "type A @x(a: 01)",
        "ä",
        "type A {",
    ] {
        assert!(read(text).1.iter().all(|code| *code == "E0112"), "{text}");
        assert!(!read(text).1.is_empty(), "{text}");
    }
    assert!(read("\"\"\"\"\"\" type A @x(a: \"\\u00e4\\ud83d\\ude00\\u{1F600}\")").1.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        read(&text);
    }

    #[test]
    fn damaged_schemas_are_read_or_refused(at in 0..COURSE.len(), length in 0..20_usize, put in "[\"{}\\[\\]()@:!#\\\\\na]{0,5}") {
        let end = (at + length).min(COURSE.len());
        if COURSE.is_char_boundary(at) && COURSE.is_char_boundary(end) {
            read(&format!("{}{put}{}", &COURSE[..at], &COURSE[end..]));
        }
    }
}
