//! What is emitted, file by file, where `generated-sample/` does not show it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::Sink;
use scaffold_cli::emit::rust::{commands, crud, events, projections, service as whole};
use scaffold_cli::output::Files;
use scaffold_cli::{check, judge, lower, source};
use std::collections::BTreeMap;
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

/// Fields that are numbered, made, set once or not written at all.
#[test]
fn written_fields() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/till");
    let telling = ["receipt/write.rs", "seal/write.rs", "receipt_created.rs"];
    for file in emitted(&dir).iter().filter(|file| telling.iter().any(|end| file.path.ends_with(end))) {
        insta::assert_snapshot!(format!("written__{}", file.path.replace('/', "__")), file.contents);
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

const ACCOUNTS: &str = "model/savings/accounts.yaml";
const WITHDRAW: &str = "model/savings/withdraw.yaml";
const CLOSE: &str = "model/savings/close.yaml";
const TYPES: &str = "schema/savings/types.graphql";
const ALL: &[&str] = &["close_account", "collect", "pay_interest", "withdraw"];

/// A file, what is edited in it, and whose states are other ones then.
type Edit = (&'static str, &'static str, &'static str, &'static [&'static str]);

const EDITS: &[Edit] = &[
    (WITHDRAW, "Deposited: state + event.amount\n", "Deposited: event.amount + state\n", &["withdraw"]),
    (WITHDRAW, "          InterestPaid: state + event.amount\n", "", &["withdraw"]),
    (WITHDRAW, "lastOnly: true", "lastOnly: false", &["withdraw"]),
    (WITHDRAW, "Decimal!\n        initial: 0", "Decimal!\n        initial: 1", &["withdraw"]),
    (CLOSE, "moved: { type: Int!, initial: 0", "moved: { type: Int!, initial: 1", &["close_account"]),
    (
        CLOSE,
        "[\"account:{accountId}\"], on: { Acc",
        "[\"account:{accountId | trim()}\"], on: { Acc",
        &["close_account"],
    ),
    (ACCOUNTS, "'CASH'", "'CARD'", ALL),
    (ACCOUNTS, "version: 2", "version: 3", ALL),
    (TYPES, "  CARD\n", "  CARD\n  WIRE\n", ALL),
    // Within a type within the payload of an event that three of them read.
    (TYPES, "number: ID!", "number: ID!\n  copies: Int", &["close_account", "collect", "withdraw"]),
    (WITHDRAW, "Where the account is; nil without one.", "Where it is.", &[]),
    (WITHDRAW, "reject: amount > balance", "reject: amount >= balance", &[]),
    (
        ACCOUNTS,
        "  LimitSet:\n",
        "  Audited: { fields: { accountId: ID! }, tags: [\"account:{accountId}\"] }\n  LimitSet:\n",
        &[],
    ),
    (TYPES, "\"How money moves.\"", "\"How it moves.\"", &[]),
    ("scaffold.yaml", "Withdraw: 10", "Withdraw: 20", &[]),
];

/// The definition of a kept state is another one after whatever its fold uses, and the same after everything else.
#[test]
fn definitions_of_kept_states() {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshots");
    let before = definitions(&input);
    assert_eq!(before.keys().collect::<Vec<_>>(), ALL);
    for (file, from, to, changed) in EDITS {
        let dir = tempfile::tempdir().unwrap();
        copy(&input, dir.path());
        let text = std::fs::read_to_string(dir.path().join(file)).unwrap();
        assert!(text.contains(from), "{from} stands in {file}");
        std::fs::write(dir.path().join(file), text.replacen(from, to, 1)).unwrap();
        let after = definitions(dir.path());
        let others = before.iter().filter(|(command, definition)| after.get(*command) != Some(*definition));
        assert_eq!(others.map(|(command, _)| command).collect::<Vec<_>>(), *changed, "{from} became {to}");
    }
}

/// The definitions of a project's kept states, by command.
fn definitions(dir: &Path) -> BTreeMap<String, String> {
    let definition = |text: &str| {
        let after = text.split("Snapshots::every(").nth(1)?;
        after.split('"').nth(1).map(str::to_owned)
    };
    let files = emitted(dir);
    let slices = files.iter().filter_map(|file| {
        let slice = file.path.strip_prefix("generated/savings/commands/src/")?.strip_suffix("/mod.rs")?;
        Some((slice.to_owned(), definition(&file.contents)?))
    });
    slices.collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for path in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(drop).unwrap() }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(emitted(&example("courses")), emitted(&example("courses")));
}
