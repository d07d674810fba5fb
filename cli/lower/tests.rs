#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::lower;
use crate::diagnostic::{Format, Severity, Sink, render};
use crate::model::*;
use crate::source::read;
use std::path::Path;

/// A project in a folder of its own, read and lowered.
fn project(schema: &str, model: &str) -> (Model, Sink, String) {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("scaffold.yaml", "name: campus\n");
    write("schema/shop/shop.graphql", schema);
    write("model/shop/shop.yaml", model);
    lowered(dir.path())
}

fn lowered(dir: &Path) -> (Model, Sink, String) {
    let mut sink = Sink::default();
    let raw = read(dir, &mut sink);
    let model = lower(&raw, &mut sink);
    let text = render(&sink, &raw.sources, Format::Human { color: false });
    (model, sink, text)
}

#[test]
fn the_example_is_lowered_without_a_word() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses");
    let (model, sink, text) = lowered(&dir);
    assert!(sink.is_empty(), "{text}");
    let service = &model.services["enrollment"];
    assert_eq!(service.permissions, ["ADMIN", "STUDENT", "TEACHER"]);
    assert!(service.events.contains_key(&TypeName::new("StudentCreated")));
    assert_eq!(service.projections.len(), 2);
    let course = &service.projections[&TypeName::new("Course")];
    assert_eq!(course.entry.access.read, Access::Public);
    assert_eq!(course.specs.len(), 4);
    let title = &course.entry.fields[0];
    assert_eq!(title.from.len(), 1, "the payload's own title");
    let subscribe = &service.commands[&TypeName::new("SubscribeStudent")];
    assert!(!subscribe.specs.is_empty() && !subscribe.rules.is_empty());
}
