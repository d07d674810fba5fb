//! Who may import whom, and which room a foreign library lives in.

use crate::nothing_found;
use crate::tree::{Text, root, texts};
use std::collections::BTreeSet;

/// A room of the tool, and the rooms it may use. `place` is the ground floor.
const ROOMS: &[(&str, &[&str])] = &[
    ("parallel", &[]),
    ("place", &[]),
    ("embedded", &[]),
    ("model", &["place"]),
    ("diagnostic", &["place"]),
    // The operators and functions of expressions have one definition.
    ("source", &["diagnostic", "model", "parallel", "place"]),
    ("lower", &["diagnostic", "model", "place", "source"]),
    ("check", &["diagnostic", "model", "place"]),
    ("emit", &["check", "diagnostic", "embedded", "model", "output", "parallel", "place"]),
    ("output", &["diagnostic", "parallel", "place"]),
];

/// A foreign library, and the only paths it may be named in.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["cli/diagnostic/"]),
    ("base64", &["cli/commands/token.rs"]),
    ("clap", &["cli/args.rs", "cli/main.rs", "cli/commands/completions.rs"]),
    ("clap_complete", &["cli/args.rs", "cli/commands/completions.rs"]),
    ("granit_parser", &["cli/source/"]),
    ("hmac", &["cli/commands/token.rs"]),
    ("mimalloc", &["cli/main.rs"]),
    ("minijinja", &["cli/emit/text/"]),
    ("prettyplease", &["cli/emit/rust/", "cli/emit/proto/"]),
    ("prost_build", &["cli/emit/"]),
    ("prost_types", &["cli/emit/"]),
    ("protox", &["cli/emit/"]),
    ("quote", &["cli/emit/rust/"]),
    ("sha2", &["cli/commands/token.rs"]),
    ("similar", &["cli/output/", "cli/diagnostic/"]),
    ("syn", &["cli/emit/rust/", "cli/emit/proto/"]),
];

/// The rooms that touch the disk.
const DISK: &[&str] = &["cli/commands/", "cli/output/", "cli/source/"];

#[test]
fn rooms_import_only_what_they_may() {
    let mut findings = Vec::new();
    for file in texts(&["cli"], &[".rs"]) {
        let room = room_of(&file.path);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else { continue };
        for used in crate_paths(&file.code()) {
            if used != room && !allowed.contains(&used.as_str()) && ROOMS.iter().any(|(name, _)| *name == used) {
                findings.push(format!("{}: `{room}` uses `{used}`, which it must not know", file.path));
            }
        }
    }
    nothing_found(&findings);
}

#[test]
fn every_room_is_known() {
    let known: BTreeSet<&str> =
        ROOMS.iter().map(|(name, _)| *name).chain(["args", "build", "commands", "lib", "main"]).collect();
    let rooms: BTreeSet<String> = texts(&["cli"], &[".rs"]).iter().map(|file| room_of(&file.path)).collect();
    let unknown: Vec<String> = rooms
        .iter()
        .filter(|room| !known.contains(room.as_str()))
        .map(|room| format!("cli/{room}: a room without rules; add it to ROOMS"))
        .collect();
    nothing_found(&unknown);
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut findings = Vec::new();
    for file in texts(&["cli"], &[".rs"]) {
        let code = file.code();
        for (library, rooms) in LIBRARIES {
            let at_home = rooms.iter().any(|room| file.path.starts_with(room));
            if !at_home && names_crate(&code, library) {
                findings.push(format!("{}: `{library}` belongs into {}", file.path, rooms.join(", ")));
            }
        }
    }
    nothing_found(&findings);
}

#[test]
fn yaml_is_read_in_one_file() {
    let readers: Vec<String> = texts(&["cli"], &[".rs"])
        .iter()
        .filter(|file| names_crate(&file.code(), "granit_parser"))
        .map(|file| file.path.clone())
        .collect();
    assert!(readers.len() <= 1, "more than one file knows the YAML library: {}", readers.join(", "));
}

#[test]
fn the_disk_is_touched_in_three_rooms() {
    let touches = |file: &Text| {
        names_path(&file.code(), "std::fs")
            || names_path(&file.code(), "fs::read")
            || names_path(&file.code(), "File::open")
    };
    let findings: Vec<String> = texts(&["cli"], &[".rs"])
        .iter()
        .filter(|file| {
            file.path != "cli/build.rs" && !DISK.iter().any(|room| file.path.starts_with(room)) && touches(file)
        })
        .map(|file| format!("{}: only {} touch the disk", file.path, DISK.join(", ")))
        .collect();
    nothing_found(&findings);
}

#[test]
fn tool_and_runtime_do_not_know_each_other() {
    let mut findings = Vec::new();
    for file in texts(&["runtime"], &[".rs", "Cargo.toml"]) {
        if file.code().contains("scaffold_cli") || file.code().contains("path = \"..\"") {
            findings.push(format!("{}: the runtime depends on the tool", file.path));
        }
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    let dependencies =
        manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    if dependencies.contains("scaffold-runtime") {
        findings.push("Cargo.toml: the tool depends on the runtime".to_owned());
    }
    nothing_found(&findings);
}

#[test]
fn generated_code_uses_one_door_of_the_runtime() {
    let mut findings = Vec::new();
    for file in texts(&["generated-sample/generated"], &[".rs"]) {
        for (number, line) in file.text.lines().enumerate() {
            let other = line.split("scaffold_runtime::").skip(1).find(|rest| !rest.starts_with("codegen"));
            if other.is_some() {
                findings.push(format!(
                    "{}:{}: generated code uses scaffold_runtime::codegen and nothing else",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    nothing_found(&findings);
}

#[test]
fn tokens_are_signed_and_verified_behind_one_door() {
    let mut findings = Vec::new();
    for file in texts(&["runtime/src"], &[".rs"]) {
        let direct =
            ["jsonwebtoken::encode(", "jsonwebtoken::decode(", "jsonwebtoken::decode::", "jsonwebtoken::crypto::sign("];
        if !file.path.starts_with("runtime/src/auth/crypto/") && direct.iter().any(|call| file.text.contains(call)) {
            findings.push(format!("{}: without auth::crypto there may be no cryptography yet", file.path));
        }
    }
    nothing_found(&findings);
}

/// `cli/emit/rust/event.rs` is in `emit`, `cli/place.rs` is `place`.
fn room_of(path: &str) -> String {
    let below = path.trim_start_matches("cli/");
    below.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// The first segments after `crate::`, those of `use crate::{a::B, c::D}` among them.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => {
                found.insert(identifier(rest));
            }
        }
    }
    found
}

/// `a::B, c::{D, E}};…` → `a`, `c`
fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut heads = vec![identifier(group.trim_start())];
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(identifier(group[at + 1..].trim_start())),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads.into_iter().filter(|head| !head.is_empty()).collect()
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Whether `name::…`, `name!` or `use name` stands in the code, and not as the end of a longer path or word.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].trim_end_matches("::");
        let inside_path =
            before.len() != at && before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let inside_word = code[..at].ends_with(|letter: char| letter.is_alphanumeric() || "_\"`.".contains(letter));
        let after = &code[at + name.len()..];
        let is_path = after.starts_with("::")
            || after.starts_with('!')
            || (code[..at].ends_with("use ") && after.starts_with([';', ' ']));
        is_path && !inside_path && !inside_word
    })
}

fn names_path(code: &str, path: &str) -> bool {
    code.match_indices(path)
        .any(|(at, _)| !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}
