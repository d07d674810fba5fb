//! The JSON Schema that editors go by says what the reader says: the same keys, the same files taken and refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{KEYS, automation, command, event, spec};
use crate::diagnostic::Sink;
use crate::place::Sources;
use crate::source::project;
use crate::source::yaml::{Node, NodeKind, read_yaml};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const MODEL: &str = include_str!("../../../templates/generated/editor/event-model.schema.json");
const PROJECT: &str = include_str!("../../../templates/generated/editor/project.schema.json");

#[test]
fn every_key_of_the_reader_is_in_the_schema_and_no_other() {
    let model: Json = serde_json::from_str(MODEL).unwrap();
    let known = [
        ("event", event::EVENT),
        ("field", event::FIELD),
        ("gdpr", event::GDPR),
        ("command", command::COMMAND),
        ("state", command::STATE),
        ("rule", command::RULE),
        ("emit", command::EMIT),
        ("spec", spec::SPEC),
        ("outcome", spec::OUTCOME),
        ("view", spec::VIEW),
        ("viewSpec", spec::VIEW_SPEC),
        ("callerInFull", spec::CALLER),
        ("given", spec::EVENT),
        ("automation", automation::AUTOMATION),
        ("retry", automation::RETRY),
        ("automationSpec", automation::SPEC),
    ];
    assert_eq!(keys(&model), KEYS.iter().copied().collect());
    for (name, expected) in known {
        assert_eq!(keys(&model["definitions"][name]), expected.iter().copied().collect(), "{name}");
    }
    let told = model["definitions"].as_object().unwrap();
    let with_keys: BTreeSet<&str> =
        told.iter().filter(|(_, of)| of["properties"].is_object()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(with_keys, known.iter().map(|(name, _)| *name).collect(), "definitions that nobody compares");
    let project: Json = serde_json::from_str(PROJECT).unwrap();
    assert_eq!(keys(&project), project::PROJECT.iter().copied().collect());
    assert_eq!(keys(&project["definitions"]["service"]), project::SERVICE.iter().copied().collect());
    assert_eq!(keys(&project["definitions"]["topic"]), project::TOPIC.iter().copied().collect());
    assert_eq!(keys(&project["definitions"]["runtime"]), project::RUNTIME.iter().copied().collect());
}

fn keys(of: &Json) -> BTreeSet<&str> {
    of["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn files_that_are_sound_are_taken() {
    let (model, project) = (validator(MODEL), validator(PROJECT));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in
        ["schema-examples", "tests/fixtures", "tests/emit_fixtures", "tests/names", "tests/docs", "tests/invalid/base"]
    {
        collect(&root.join(folder), &mut files);
    }
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let schema = if path.ends_with("scaffold.yaml") { &project } else { &model };
        let value = value(&std::fs::read_to_string(&path).unwrap()).expect("YAML");
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
}

#[test]
fn what_is_wrong_by_form_is_refused() {
    let schema = validator(MODEL);
    for wrong in [
        "event: {}",
        "events: []",
        "events: { A: { feilds: {} } }",
        "events: { A: { fields: [a] } }",
        "events: { A: { fields: { a: [ID!] } } }",
        "events: { A: { fields: { a: { doc: x } } } }",
        "events: { A: { fields: { a: { type: ID, gdpr: { default: x } } } } }",
        "events: { A: { fields: { a: { type: ID, gdpr: { subject: b, purpose: x } } } } }",
        "events: { A: { version: 0 } }",
        "events: { A: { tags: x } }",
        "events: { ../x: {} }",
        "commands: { A: { public: maybe } }",
        "commands: { A: { rules: [{ error: B }] } }",
        "commands: { A: { rules: [{ reject: a }] } }",
        "commands: { A: { state: { a: { initial: 0 } } } }",
        "commands: { A: { emit: { B: {} } } }",
        "commands: { A: { emit: [{}] } }",
        "commands: { A: { emit: [B] } }",
        "commands: { A: { generate: { a: random } } }",
        "commands: { A: { decide: mine } }",
        "commands: { A: { specs: [{ then: [] }] } }",
        "commands: { A: { specs: [{ name: a, then: x }] } }",
        "commands: { A: { specs: [{ name: a, given: [{ B: {}, at: soon }], then: [] }] } }",
        "views: { A: { specs: [{ name: a, then: [{ title: x }] }] } }",
        "automations: { A: { retry: { attempts: 0 } } }",
        "automations: { A: { every: 5 } }",
    ] {
        let value = value(wrong).unwrap();
        assert!(!schema.is_valid(&value), "taken: {wrong}");
    }
    let schema = validator(PROJECT);
    for wrong in [
        "{}",
        "name: Campus",
        "name: a\nservice: {}",
        "name: a\nruntime: { path: x, version: 1 }",
        "name: a\nenv: [a]",
        "name: a\nservices: { b: { snapshots: [C] } }",
        "name: a\nservices: { b: { snapshots: { C: 0 } } }",
        "name: a\nservices: { b: { snapshots: { C: 1000001 } } }",
        "name: a\nservices: { b: { snapshots: { C: often } } }",
        "name: a\nservices: { b: { topics: { c: { keep: 7d } } } }",
        "name: a\nservices: { b: { topics: { c: { deleteAfter: never } } } }",
        "name: a\nservices: { b: { topics: { c: { deleteAfter: consumed, keep: 7 } } } }",
    ] {
        assert!(!schema.is_valid(&value(wrong).unwrap()), "taken: {wrong}");
    }
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// YAML as an editor reads it.
fn value(text: &str) -> Option<Json> {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", text);
    read_yaml(&sources, file, &mut Sink::default()).map(json_of)
}

fn json_of(node: Node) -> Json {
    match node.kind {
        NodeKind::List(elements) => elements.into_iter().map(json_of).collect(),
        NodeKind::Map(entries) => {
            Json::Object(entries.into_iter().map(|entry| (entry.key.value, json_of(entry.value))).collect())
        }
        NodeKind::Scalar(scalar) if scalar.plain => match scalar.text.value.as_str() {
            "" | "~" | "null" => Json::Null,
            "true" => json!(true),
            "false" => json!(false),
            text => text
                .parse::<i64>()
                .map(Json::from)
                .or_else(|_| text.parse::<f64>().map(Json::from))
                .unwrap_or(json!(text)),
        },
        NodeKind::Scalar(scalar) => json!(scalar.text.value),
        NodeKind::Broken => Json::Null,
    }
}

/// All YAML files below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
}
