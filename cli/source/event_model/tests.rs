//! How event models are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> (RawModel, Vec<&'static str>) {
    let (model, sink) = read_all(text);
    (model, sink.sorted().iter().map(|diagnostic| diagnostic.code.as_str()).collect())
}

fn read_all(text: &str) -> (RawModel, Sink) {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", text);
    let mut sink = Sink::default();
    (read_model(&sources, file, &mut sink), sink)
}

const MODEL: &str = r#"
events:
  Subscribed:
    doc: A seat was taken.
    topic: enrollment
    version: 2
    fields:
      studentId: ID!
      note: { type: String, doc: x, gdpr: { subject: studentId, default: "" } }
      seats: "[ID!]!"
    tags: ["student:{studentId}", "mail:{email | lower()}"]
    upcast: { note: "event.comment ?? ''" }
commands:
  Subscribe:
    fields: { studentId: ID! }
    permission: [STUDENT]
    public: false
    generate: { code: digits(6) }
    state:
      taken: { type: Int!, initial: 0, tags: ["course:{courseId}"], on: { Subscribed: state + 1, Left: state - 1 }, lastOnly: true, each: items }
    rules:
      - reject: |
          taken >=
            capacity
        error: Full
        message: 'Course "{courseId}" is full'
        each: items
        emit: [{ Refused: {} }]
    emit:
      - Subscribed: { note: null, seats: [] }
        when: taken > 0
    specs:
      - name: a seat
        given: [{ Subscribed: { studentId: 012345, note: "1" }, at: -20m, by: { userId: u1, permissions: [A] } }]
        when: { studentId: s1 }
        by: u1
        then: [{ Subscribed: {} }]
      - { name: full, then: { error: Full, message: no } }
  Other: { decide: custom, errors: [A], emits: [B] }
views:
  Course:
    specs: [{ name: x, given: [], then: [{ id: c1 }] }]
automations:
  Welcome:
    on: [Subscribed]
    condition: event.email != nil
    command: mailer.Send
    with: { to: event.email }
    retry: { attempts: 5, from: 1s, to: 1m }
    specs: [{ name: greets, given: [{ Subscribed: {} }], then: [{ mailer.Send: { to: x } }] }]
  Fill: { view: Open, every: 5s, effect: custom, result: Fill!, ignore: [Closed] }
"#;

#[test]
fn every_key_of_the_language_is_read() {
    let (model, sink) = read_all(MODEL);
    assert!(sink.is_empty(), "{sink:?}");
    let event = &model.events[0];
    assert_eq!((event.version.as_ref().unwrap().value, event.fields.len()), (2, 3));
    assert_eq!(event.fields[2].ty.as_ref().unwrap().to_string(), "[ID!]!");
    assert!(event.fields[1].gdpr.is_some() && event.upcast.is_some());
    let command = &model.commands[0];
    let state = &command.state[0];
    assert_eq!((state.on.len(), state.last_only.as_ref().unwrap().value), (2, true));
    assert_eq!(command.emit.as_ref().unwrap()[0].values.len(), 2);
    assert_eq!(command.specs[0].given[0].at.as_ref().unwrap().value, -1_200_000);
    let RawValueKind::Map(payload) = &command.specs[0].given[0].payload.kind else { panic!() };
    assert_eq!(payload[0].1.kind, RawValueKind::Scalar { text: "012345".into(), plain: true });
    assert_eq!(payload[1].1.kind, RawValueKind::Scalar { text: "1".into(), plain: false });
    assert_eq!(model.automations[0].retry.as_ref().unwrap().to.as_ref().unwrap().value, 60_000);
    assert_eq!(model.views[0].specs[0].then.len(), 1);
}

#[test]
fn expressions_in_block_texts_know_their_places() {
    let (model, _) = read(MODEL);
    let reject = &model.commands[0].rules.as_ref().unwrap()[0].reject;
    let crate::source::RawExprKind::Binary { right, .. } = &reject.kind else { panic!("{reject:?}") };
    assert_eq!(&MODEL[right.place.start as usize..right.place.end as usize], "capacity");
}

#[test]
fn unknown_and_missing_keys_are_reported() {
    let (_, sink) = read_all("commands:\n  A: { feilds: {} }\n");
    assert_eq!(sink.sorted()[0].code.as_str(), "E0101");
    assert_eq!(sink.sorted()[0].help, ["did you mean `fields`?"]);
    assert_eq!(read("event: {}").1, ["E0101"]);
    assert_eq!(read("commands: { A: { rules: [{ error: B }] } }").1, ["E0106"]);
    assert_eq!(read("commands: { A: { rules: [{ reject: a }] } }").1, ["E0106"]);
    assert_eq!(read("commands: { A: { state: { a: { initial: 0 } } } }").1, ["E0106"]);
    assert_eq!(read("commands: { A: { specs: [{ name: a }] } }").1, ["E0106"]);
    assert_eq!(read("commands: { A: { emit: [{ when: a }] } }").1, ["E0106"]);
    assert_eq!(read("commands: { A: { emit: [{ B: {}, whn: a }] } }").1, ["E0104"]);
    assert_eq!(read("events: { A: { version: 0 } }").1, ["E0115"]);
    assert_eq!(read("events: { A: { fields: [a] } }").1, ["E0104"]);
    assert_eq!(read("events: { A: { fields: { a: [ID!] } } }").1, ["E0104"]);
    assert_eq!(read("events: { A: { fields: { a: ID!! } } }").1, ["E0113"]);
    assert_eq!(read("events: [A]").1, ["E0104"]);
}

#[test]
fn what_yaml_takes_from_an_expression_asks_for_quotes() {
    for written in ["!open", "&a", "*a", "{a: 1}", "[a]", "filter(xs, # > 1)", "# > 1 or a"] {
        let text = format!("commands:\n  A:\n    rules:\n      - error: B\n        reject: {written}\n");
        let codes = read(&text).1;
        assert!(codes.contains(&"E0105"), "{written}: {codes:?}");
    }
    assert_eq!(read("commands: { A: { emit: [{ B: { k: min(a, b), c: d } }] } }").1, ["E0105"]);
    assert_eq!(read("commands: { A: { state: { a: { type: Int, on: { B: min(a, max(b, c)) } } } } }").1, ["E0105"]);
    assert_eq!(read("commands: { A: { emit: [{ B: { k: } }] } }").1, ["E0106"]);
    assert_eq!(read("commands:\n  A:\n    rules:\n      - { reject: a, error: B } # fine\n").1, Vec::<&str>::new());
    assert_eq!(
        read("commands:\n  A:\n    rules:\n      - reject: a > 1 # fine\n        error: B\n").1,
        Vec::<&str>::new()
    );
}

#[test]
fn an_empty_file_is_an_empty_model() {
    assert_eq!(read("").1, Vec::<&str>::new());
    assert_eq!(read("# nothing yet\n").1, Vec::<&str>::new());
    assert_eq!(read("events:\ncommands:\n").1, Vec::<&str>::new());
}

proptest! {
    #[test]
    fn damaged_models_are_read_or_refused(at in 0..MODEL.len(), length in 0..20_usize, put in "[\"'{}\\[\\]|>:!#&*\\\\\n a-]{0,5}") {
        let end = (at + length).min(MODEL.len());
        if MODEL.is_char_boundary(at) && MODEL.is_char_boundary(end) {
            read(&format!("{}{put}{}", &MODEL[..at], &MODEL[end..]));
        }
    }
}
