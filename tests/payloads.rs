//! What an event is made of may not change within its version without being told, nested types and enums among it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn scaffold(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scaffold")).args(args).current_dir(dir).output().expect("the tool runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the tool ends by itself")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_payload_that_changed_within_its_version_is_told_until_the_version_is_raised() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("scaffold.yaml", "name: places\nruntime: { path: ../runtime }\n");
    let view =
        "type Move @upsertOn(on: { topic: \"halls\" }, identifyBy: { payload: [\"moveId\"] }) { note: String }\n";
    write("schema/halls/move.graphql", view);
    let told = |version: u32, fields: &str, verb: &str| {
        let event =
            format!("fields: {{ moveId: ID!, {fields} }}\n    tags: [\"move:{{moveId}}\"]\n    version: {version}");
        write("model/halls/move.yaml", &format!("events:\n  Moved:\n    {event}\n"));
        let output = scaffold(dir.path(), &[verb]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let noted = || fs::read_to_string(dir.path().join("scaffold.lock/halls/Moved.event")).unwrap();

    assert_eq!(told(1, "room: String!", "gen").matches("W0020").count(), 0);
    assert_eq!(told(1, "room: ID, floor: Int", "gen").matches("W0020").count(), 0, "it grew and widened");
    assert_eq!(noted(), "version 1\nfloor Int\nmoveId ID!\nroom ID\n");
    for verb in ["gen", "check"] {
        let changed = told(1, "place: String!, floor: Boolean", verb);
        assert!(changed.contains("W0020") && changed.contains("`room: ID` is gone"), "{changed}");
        assert!(changed.contains("new, and never null") && changed.contains("was `Int`"), "{changed}");
        assert!(changed.contains("raise `version` to 2") && changed.contains("halls/Moved.event"), "{changed}");
    }
    assert_eq!(told(2, "place: String!, floor: Boolean", "gen").matches("W0020").count(), 0);
    assert_eq!(noted(), "version 2\nfloor Boolean\nmoveId ID!\nplace String!\n");
    let lowered = told(1, "place: String!", "gen");
    assert!(lowered.contains("W0020") && lowered.contains("at version 2 before"), "{lowered}");
    assert!(noted().starts_with("version 2\n"));
}

#[test]
fn a_field_that_becomes_personal_is_told_until_the_version_is_raised() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("model")).unwrap();
    fs::write(dir.path().join("scaffold.yaml"), "name: places\nruntime: { path: ../runtime }\n").unwrap();
    let told = |version: u32, name: &str| {
        let event =
            format!("fields: {{ id: ID!, name: {name} }}\n    tags: [\"person:{{id}}\"]\n    version: {version}");
        fs::write(dir.path().join("model/halls.yaml"), format!("events:\n  Named:\n    {event}\n")).unwrap();
        let output = scaffold(dir.path(), &["gen"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let personal = "{ type: String!, gdpr: { subject: id, default: nobody } }";
    assert!(!told(1, "String!").contains("W0020"));
    for _ in 0..2 {
        let changed = told(1, personal);
        assert!(changed.contains("W0020") && changed.contains("personal from now on"), "{changed}");
        assert!(changed.contains("no erasure reaches it") && changed.contains("raise `version` to 2"), "{changed}");
    }
    assert!(!told(2, personal).contains("W0020"));
    let noted = fs::read_to_string(dir.path().join("scaffold.lock/halls/Named.event")).unwrap();
    assert_eq!(noted, "version 2\nid ID!\nname String! personal\n");
    assert!(told(2, "String!").contains("personal no more"));
}

#[test]
fn a_nested_type_that_changed_within_an_events_version_is_told_like_a_field() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("scaffold.yaml", "name: places\nruntime: { path: ../runtime }\n");
    let told = |version: u32, spot: &str, levels: &str, verb: &str| {
        let event = "fields: { moveId: ID!, to: \"[Spot!]!\" }\n    tags: [\"move:{moveId}\"]";
        write("model/halls/move.yaml", &format!("events:\n  Moved:\n    {event}\n    version: {version}\n"));
        let view =
            "type Move @upsertOn(on: { topic: \"halls\" }, identifyBy: { payload: [\"moveId\"] }) { to: [Spot!]! }";
        write("schema/halls/move.graphql", &format!("{view}\ntype Spot {{ {spot} }}\nenum Level {{ {levels} }}\n"));
        let output = scaffold(dir.path(), &[verb]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let noted = || fs::read_to_string(dir.path().join("scaffold.lock/halls/Moved.event")).unwrap();

    assert_eq!(told(1, "room: String!, level: Level", "LOW HIGH", "gen").matches("W0020").count(), 0);
    let first =
        "version 1\nLevel.HIGH value\nLevel.LOW value\nSpot.level Level\nSpot.room String!\nmoveId ID!\nto [Spot!]!\n";
    assert_eq!(noted(), first);
    assert_eq!(
        told(1, "room: String!, level: Level, note: String", "LOW MIDDLE HIGH", "gen").matches("W0020").count(),
        0
    );
    for verb in ["gen", "check"] {
        let changed = told(1, "room: Int!, level: Level, floor: Int!", "LOW MIDDLE", verb);
        assert_eq!(changed.matches("W0020").count(), 1, "{changed}");
        for part in [
            "was `String!`",
            "new, and never null",
            "`Spot.note: String`",
            "`Level.HIGH: value`",
            "raise `version` to 2",
        ] {
            assert!(changed.contains(part), "{part}: {changed}");
        }
        assert!(changed.contains("schema/halls/move.graphql"), "{changed}");
    }
    assert_eq!(told(2, "room: Int!, level: Level, floor: Int!", "LOW MIDDLE", "gen").matches("W0020").count(), 0);
}

/// From one service's own types to types that another has too: they move, and what is stored stays as it was; and the events of both
/// are made of them.
#[test]
fn a_type_that_another_service_begins_to_have_moves_and_stays_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap_or_default();
    let told = |verb: &str| {
        let output = scaffold(dir.path(), &[verb]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let spot = |fields: &str| {
        let hall =
            "type Hall @crudType @permission(all: []) { spot: Spot!, level: Level @index @default(value: HIGH) }";
        write("schema/halls/hall.graphql", &format!("{hall}\ntype Spot {{ {fields} }}\nenum Level {{ LOW HIGH }}\n"));
    };
    write("scaffold.yaml", "name: places\nruntime: { path: ../runtime }\n");
    spot("room: String!, level: Level");
    told("gen");
    let (entry, numbers) = ("generated/halls/crud/src/hall/entry.rs", "scaffold.lock/halls/Spot.fields");
    let (old, new) = ("generated/halls/events/src/spot.rs", "generated/halls/types/src/types/spot.rs");
    let before = (read(entry), read(numbers), read("generated/halls/commands/Cargo.toml"));
    assert!(before.0.contains("definition: ") && !read(old).is_empty() && read(new).is_empty());

    let event = "fields: { tourId: ID!, spots: \"[halls.Spot!]!\" }\n    tags: [\"tour:{tourId}\"]";
    write("model/tours/tour.yaml", &format!("events:\n  TourPlanned:\n    {event}\n"));
    told("gen");
    assert!(read(old).is_empty() && !read(new).is_empty(), "moved");
    assert_eq!(
        (read(entry), read(numbers), read("generated/halls/commands/Cargo.toml")),
        before,
        "no table is built anew"
    );
    assert!(read("generated/halls/events/src/lib.rs").contains("pub use ::halls_types::{Level, Spot};"));

    spot("room: Int!, level: Level");
    let changed = told("check");
    assert!(changed.contains("W0020") && changed.contains("the payload of `TourPlanned` has changed"), "{changed}");
    assert!(changed.contains("was `String!`") && changed.contains("schema/halls/hall.graphql"), "{changed}");
}
