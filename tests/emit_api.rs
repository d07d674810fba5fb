//! What is emitted at the edges of the example `courses`: its proto file, its GraphQL types, the project's own files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::Sink;
use scaffold_cli::emit::emit;
use scaffold_cli::output::{Files, Lock, Owner};
use scaffold_cli::{check, lower, source};
use std::path::Path;

fn courses(lock: Lock) -> Files {
    project("schema-examples/courses", lock)
}

fn project(folder: &str, lock: Lock) -> Files {
    let mut sink = Sink::default();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let raw = source::read(&dir, &mut sink);
    let model = lower::lower(&raw, &mut sink);
    emit(&check::check(model, &mut sink, false).expect("the example is sound"), lock).unwrap()
}

fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    files.get(path).map(|file| file.contents.as_str()).unwrap_or_else(|| panic!("{path} is not emitted"))
}

#[test]
fn the_proto_file() {
    let files = courses(Lock::default());
    insta::assert_snapshot!(text(&files, "generated/enrollment/grpc/proto/courses/enrollment/v1/service.proto"));
}

#[test]
fn a_type_of_the_gateway() {
    let files = courses(Lock::default());
    let root = "generated/gateway/graphql/src/enrollment/student";
    let parts = ["object", "filter", "query", "mutation", "subscription"];
    let all: Vec<&str> = parts.iter().map(|part| text(&files, &format!("{root}/{part}.rs"))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

/// What `permission: []` says: the API of everybody does not know the command, and the service turns all callers away.
#[test]
fn a_command_for_nobody_outside_is_in_no_public_api() {
    let files = project("tests/emit_fixtures/everything", Lock::default());
    let gateway: Vec<_> = files.iter().filter(|file| file.path.starts_with("generated/gateway/")).collect();
    assert!(gateway.iter().any(|file| file.path.ends_with("bazaar/just_emit.rs")));
    for file in gateway {
        let named = ["just_rule", "JustRule", "justRule"].iter().any(|name| file.contents.contains(name));
        assert!(!file.path.contains("just_rule") && !named, "{} names it", file.path);
    }
    let slice = text(&files, "generated/bazaar/commands/src/just_rule/mod.rs");
    assert!(slice.contains("const ACCESS: Access = Access::Nobody;"), "{slice}");
}

#[test]
fn the_server_and_the_conversions_of_a_type() {
    let files = courses(Lock::default());
    let parts =
        ["convert/student", "convert/subscribe_student", "server/student", "server/subscribe_student", "routes"];
    let paths = parts.iter().map(|part| format!("generated/enrollment/grpc/src/{part}.rs"));
    let paths = paths.chain(["generated/enrollment/service/src/lib.rs".to_owned()]);
    let all: Vec<&str> = paths.map(|path| text(&files, &path)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

/// Types that fields of other services have: a crate of their own, which both services stand on, and one object of the API.
#[test]
fn types_that_services_share() {
    let files = project("tests/fixtures/neighbours", Lock::default());
    let paths = [
        "billing/types/Cargo.toml",
        "billing/types/proto/neighbours/billing/v1/types.proto",
        "billing/types/src/lib.rs",
        "billing/types/src/types/address.rs",
        "billing/types/src/convert/address.rs",
        "school/events/Cargo.toml",
        "school/events/src/student_enrolled.rs",
        "school/commands/Cargo.toml",
        "gateway/graphql/src/billing/address.rs",
        "gateway/graphql/src/prices/mod.rs",
    ];
    let all = paths.map(|path| format!("== {path}\n{}", text(&files, &format!("generated/{path}"))));
    insta::assert_snapshot!(all.concat());
    let of_nobody_else = courses(Lock::default());
    assert!(of_nobody_else.iter().all(|file| !file.path.contains("/types/")), "they stay with the events");
    let editors = text(&files, "graphql.config.yml").split("  school:").next().unwrap_or_default().to_owned();
    for service in ["billing", "prices", "school"] {
        assert!(editors.contains(&format!("schema/{service}/")), "whose types billing names: {editors}");
    }
}

#[test]
fn the_projects_own_files() {
    let files = courses(Lock::default());
    let paths = [".env.example", ".gitattributes", ".github/workflows/ci.yml", "Cargo.toml", "README.md"];
    let manifests = ["app/Cargo.toml", "generated/app/services/Cargo.toml", "generated/enrollment/grpc/Cargo.toml"];
    let all = paths.iter().chain(&manifests).map(|path| format!("== {path}\n{}", text(&files, path)));
    insta::assert_snapshot!(all.collect::<String>());
}

#[test]
fn what_git_merges_by_union_is_every_list_and_nothing_else() {
    lists_are_merged_by_union(&courses(Lock::default()));
    lists_are_merged_by_union(&project("tests/fixtures/neighbours", Lock::default()));
}

fn lists_are_merged_by_union(files: &Files) {
    let attributes = text(files, ".gitattributes");
    let patterns: Vec<&str> = attributes.lines().filter_map(|line| line.strip_suffix(" merge=union")).collect();
    for file in files.iter() {
        // Numbers and payloads in the lock conflict on purpose.
        let is_kept_apart = [".fields", ".event"].iter().any(|end| file.path.ends_with(end));
        let is_list = file.owner == Owner::OursList && !is_kept_apart;
        let matched = patterns.iter().any(|pattern| matches(pattern, &file.path));
        assert_eq!(matched, is_list, "{}", file.path);
    }
}

/// Whether a path matches a pattern of `.gitattributes`: `*` within a folder, `**` over folders.
fn matches(pattern: &str, path: &str) -> bool {
    match (pattern.split_once('/'), path.split_once('/')) {
        (Some(("**", rest)), _) => {
            matches(rest, path) || path.split_once('/').is_some_and(|(_, below)| matches(pattern, below))
        }
        (Some((first, rest)), Some((folder, below))) => part(first, folder) && matches(rest, below),
        (None, None) => part(pattern, path),
        _ => false,
    }
}

fn part(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => name.starts_with(before) && name.ends_with(after),
        None => pattern == name,
    }
}

#[test]
fn numbers_of_the_lock_stay_and_new_ones_follow() {
    let path = "scaffold.lock/enrollment/Course.fields";
    let mut sink = Sink::default();
    let lock = Lock::parse([(path, "1 id\n2 createdAt\n3 changedAt\n4 -lecturer\n9 title\n")], &mut sink);
    let files = courses(lock);
    assert_eq!(
        text(&files, path),
        "1 id\n2 createdAt\n3 changedAt\n4 -lecturer\n9 title\n10 capacity\n11 seatsTaken\n"
    );
    let proto = text(&files, "generated/enrollment/grpc/proto/courses/enrollment/v1/service.proto");
    assert!(proto.contains("  reserved 4;\n  reserved \"lecturer\";\n"), "{proto}");
    assert!(proto.contains("  string title = 9;\n"), "{proto}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(courses(Lock::default()), courses(Lock::default()));
}
