//! What is emitted, file by file, where `generated-sample/` does not show it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::Sink;
use scaffold_cli::emit::rust::{commands, crud, events, projections, service as whole};
use scaffold_cli::output::Files;
use scaffold_cli::{check, judge, lower, source};
use std::path::Path;

fn emitted(dir: &Path) -> Files {
    let mut sink = Sink::default();
    let raw = source::read(dir, &mut sink);
    let model = lower::lower(&raw, &mut sink);
    let model = check::check(model, &mut sink, false);
    let problems: Vec<String> =
        sink.sorted().iter().map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.message)).collect();
    let model = model.unwrap_or_else(|| panic!("the example has mistakes: {problems:#?}"));
    let mut files = Files::default();
    for service in model.services.values() {
        events::emit_events(service, &mut files);
        commands::emit_commands(service, &mut files);
        projections::emit_projections(&model, service, &mut files);
        crud::emit_crud(service, &mut files);
        whole::emit_service(service, &mut files).unwrap();
    }
    files
}

fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples").join(name)
}

/// Every kind of expression, names that Rust knows, slices without state, rules or events.
#[test]
fn everything() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emit_fixtures/everything");
    let telling = [
        "place/state.rs",
        "place/decide.rs",
        "src/order/fold.rs",
        "src/order/entry.rs",
        "nothing/mod.rs",
        "bazaar/events/src/order_placed.rs",
        "watcher/projections/src/seen_order/fold.rs",
    ];
    let files = emitted(&dir);
    for file in files.iter().filter(|file| telling.iter().any(|end| file.path.ends_with(end))) {
        insta::assert_snapshot!(format!("everything__{}", file.path.replace('/', "__")), file.contents);
    }
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        assert!(syn::parse_file(&file.contents).is_ok(), "{} is no Rust", file.path);
    }
}

/// Rules that record, state in steps, lists gone over element by element, events beyond their first version.
#[test]
fn decisions() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/decisions");
    let telling = [
        "enter_pin/decide.rs",
        "end_shift/state.rs",
        "end_shift/decide.rs",
        "promote/decide.rs",
        "look_at_card/decide.rs",
        "greet/mod.rs",
        "letter_sent.rs",
        "greet/state.rs",
        "pay_bill/state.rs",
        "take_items/state.rs",
        "take_items/decide.rs",
        "take_slots/state.rs",
        "take_slots/decide.rs",
    ];
    for file in emitted(&dir).iter().filter(|file| telling.iter().any(|end| file.path.ends_with(end))) {
        insta::assert_snapshot!(format!("decisions__{}", file.path.replace('/', "__")), file.contents);
    }
}

/// What is personal in an event, in a service, and in one that only follows it.
#[test]
fn erasure() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/erasure");
    let telling = [
        "member_joined.rs",
        "email_changed.rs",
        "member_sponsored.rs",
        "subject_erased.rs",
        "members/events/src/lib.rs",
    ];
    let telling = telling.iter().chain(&["member/specs.rs", "members/service/src/lib.rs", "service/Cargo.toml"]);
    let telling: Vec<&str> = telling.copied().collect();
    for file in emitted(&dir).iter().filter(|file| telling.iter().any(|end| file.path.ends_with(end))) {
        insta::assert_snapshot!(format!("erasure__{}", file.path.replace('/', "__")), file.contents);
    }
}

/// What the settings say about topics stands in the service's definition.
#[test]
fn topics() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/topics");
    let model = judge(&dir, true).model.expect("the example is sound");
    let mut files = Files::default();
    for service in model.services.values() {
        whole::emit_service(service, &mut files).expect("it is emitted");
    }
    let definition = files.get("generated/plant/service/src/lib.rs").expect("the service's crate");
    insta::assert_snapshot!("topics__definition", definition.contents);
}

/// States that are kept can be written and read; how often, and under which definition, stands in the decision.
#[test]
fn snapshots() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots");
    let telling =
        ["/withdraw/mod.rs", "/withdraw/state.rs", "/withdraw/decide.rs", "/collect/mod.rs", "/deposit/mod.rs"];
    for file in emitted(&dir).iter().filter(|file| telling.iter().any(|end| file.path.ends_with(end))) {
        insta::assert_snapshot!(format!("snapshots__{}", file.path.replace('/', "__")), file.contents);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(emitted(&example("courses")), emitted(&example("courses")));
}
