//! Names at random, many of them words that mean something elsewhere: what is written is sound, or nothing is.

use super::project::{MODEL, add, said, tree, with_model};
use proptest::prelude::*;
use scaffold_cli::commands::Outcome;
use scaffold_cli::diagnostic::Severity;

/// Words that mean something to Rust, YAML, GraphQL, protobuf, SQL or the expressions.
const WORDS: &[&str] = &[
    "type",
    "self",
    "Self",
    "state",
    "event",
    "now",
    "caller",
    "command",
    "item",
    "null",
    "true",
    "yes",
    "no",
    "on",
    "not",
    "and",
    "in",
    "len",
    "select",
    "message",
    "query",
    "id",
    "Id",
    "createdAt",
    "tenant",
    "async",
    "match",
    "Option",
    "lib",
    "con",
    "payload",
    "meta",
    "first",
    "y",
    "N",
    "done",
    "alreadyDone",
    "A",
    "a1",
    "X_y",
    "error",
    "Result",
    "value",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(str::to_owned),
        4 => "[A-Za-z][A-Za-z0-9_]{0,20}",
        4 => "[A-Z][a-z]{1,8}[A-Z][a-z]{1,8}([A-Z][a-z]{1,8})?",
        4 => "[a-z]{1,8}Id",
        1 => "[ -~]{1,12}",
        1 => "[A-Z][a-z]{60,90}",
    ]
}

fn ty() -> impl Strategy<Value = &'static str> {
    let types = [
        "ID!",
        "ID",
        "String!",
        "String",
        "Int!",
        "Float",
        "Boolean!",
        "DateTime!",
        "Date!",
        "JSON!",
        "[ID!]!",
        "[ID]",
        "[[Int!]!]!",
        "Level!",
        "Address!",
        "[Address!]!",
        "Student!",
        "Decimal!",
    ];
    prop::sample::select(types.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_name_it_is_sound_or_refused(
        kind in prop::sample::select(vec!["event", "command", "crud"]),
        called in name(),
        fields in prop::collection::vec((name(), ty()), 0..5),
        single: bool,
    ) {
        prop_assume!(!called.starts_with('-') && fields.iter().all(|(name, _)| !name.starts_with('-')));
        let dir = with_model(if single { "model/school.yaml" } else { "model/school/courses.yaml" }, MODEL);
        let dir = dir.path();
        let before = tree(dir);
        let fields: Vec<String> = fields.iter().map(|(name, ty)| format!("{name}:{ty}")).collect();
        let args: Vec<&str> = [kind, &called].into_iter().chain(fields.iter().map(String::as_str)).collect();
        match add(dir, &args) {
            Outcome::Fine => {
                prop_assert_eq!(said(dir, Some(Severity::Error)), "");
                let after = tree(dir);
                for (path, text) in &before {
                    prop_assert!(after[path].starts_with(text.as_str()), "{} was changed", path);
                }
                prop_assert!(after.len() + usize::from(single) > before.len());
                let files = scaffold_cli::judge(dir, true).model.map(|model| scaffold_cli::emit::emit(&model, Default::default()));
                prop_assert!(matches!(files, Some(Ok(_))), "it can be generated");
            }
            _ => prop_assert_eq!(tree(dir), before),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_fields_an_automation_fills_them(
        called in name(),
        there in prop::collection::vec((name(), ty()), 0..5),
        wanted in prop::collection::vec((name(), ty()), 0..5),
        view: bool,
    ) {
        let fields = |fields: &[(String, &str)]| fields.iter().map(|(name, ty)| format!("{name}:{ty}")).collect::<Vec<_>>();
        // What has a name in common is what is filled.
        let (there, wanted) = (fields(&there), fields(&[there.clone(), wanted].concat()));
        prop_assume!([&there[..], &wanted[..], std::slice::from_ref(&called)].concat().iter().all(|name| !name.starts_with('-')));
        let dir = with_model("model/school/courses.yaml", MODEL);
        let dir = dir.path();
        let event: Vec<&str> = ["event", "BellRung", "bellId:ID!"].into_iter().chain(there.iter().map(String::as_str)).collect();
        let command: Vec<&str> =
            ["command", "OpenDoor", "doorId:ID!"].into_iter().chain(wanted.iter().map(String::as_str)).collect();
        prop_assume!(add(dir, &event) == Outcome::Fine && add(dir, &command) == Outcome::Fine);
        if view {
            prop_assume!(add(dir, &["projection", "Bell", "--on", "BellRung"]) == Outcome::Fine);
        }
        let before = tree(dir);
        let start = if view { ["--view", "Bell"] } else { ["--on", "BellRung"] };
        let added = add(dir, &[&["automation", &called], &start[..], &["--command", "OpenDoor"]].concat());
        match added {
            Outcome::Fine => {
                prop_assert_eq!(said(dir, Some(Severity::Error)), "");
                let files = scaffold_cli::judge(dir, true).model.map(|model| scaffold_cli::emit::emit(&model, Default::default()));
                prop_assert!(matches!(files, Some(Ok(_))), "it can be generated");
            }
            _ => {
                prop_assert_eq!(tree(dir), before);
                let plain = [&["automation", "Plain"], &start[..], &["--command", "OpenDoor"]].concat();
                prop_assert_eq!(add(dir, &plain), Outcome::Fine, "nothing but the name may be refused");
            }
        }
    }
}
