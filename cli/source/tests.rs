//! How a project's folder is read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use std::fs;
use tempfile::TempDir;

fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn run(dir: &TempDir) -> (Raw, Vec<&'static str>) {
    let mut sink = Sink::default();
    let raw = read(dir.path(), &mut sink);
    let codes = sink.sorted().iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    (raw, codes)
}

fn inputs(raw: &Raw) -> Vec<(&str, Vec<&str>)> {
    let services = raw.services.iter();
    services.map(|service| (service.name.as_str(), service.inputs.iter().map(String::as_str).collect())).collect()
}

#[test]
fn files_belong_to_services_by_their_folders() {
    let dir = project(&[
        ("scaffold.yaml", "name: campus\nenv: { URL: http://x }\nruntime: { path: ../runtime }\n"),
        ("schema/a.graphql", "type A { id: ID! }"),
        ("schema/billing/deep/b.gql", "type B { id: ID! }"),
        ("schema/billing/readme.md", "no input"),
        ("schema/.hidden.graphql", "{{"),
        ("model/billing.yaml", "events: {}"),
        ("model/enrollment/c.yml", "events: {}"),
    ]);
    let (raw, codes) = run(&dir);
    assert_eq!(codes, Vec::<&str>::new());
    assert_eq!(
        inputs(&raw),
        [
            ("billing", vec!["model/billing.yaml", "schema/billing/deep/b.gql"]),
            ("campus", vec!["schema/a.graphql"]),
            ("enrollment", vec!["model/enrollment/c.yml"]),
        ]
    );
    assert!(matches!(&raw.project.runtime, RawRuntime::Path(path) if path.value == "../runtime"));
    assert_eq!(raw.project.env[0].1.value, "http://x");
}

#[test]
fn documents_and_problems_keep_the_order_of_their_files() {
    let paths: Vec<String> = (10..60).map(|number| format!("model/shop/{number}.yaml")).collect();
    let broken = |number: usize| if number.is_multiple_of(3) { "evens: {}" } else { "events: {}" };
    let mut files = vec![("scaffold.yaml", "name: shop\n")];
    files.extend(paths.iter().enumerate().map(|(number, path)| (path.as_str(), broken(number))));
    let dir = project(&files);
    let mut sink = Sink::default();
    let raw = read(dir.path(), &mut sink);
    let models: Vec<_> = raw.services[0].models.iter().map(|model| raw.sources.path(model.file)).collect();
    assert_eq!(models, paths.iter().map(std::path::PathBuf::from).collect::<Vec<_>>());
    let places: Vec<_> = sink.sorted().iter().filter_map(|problem| problem.place).collect();
    let wrong = raw.services[0].models.iter().step_by(3).map(|model| model.file);
    assert_eq!(places.iter().map(|place| place.file).collect::<Vec<_>>(), wrong.collect::<Vec<_>>());
}

#[test]
fn globs_say_where_files_stand() {
    let settings =
        "name: campus\nservices: { billing: { schema: [schema/bill/*.graphql, x/**], model: other.yaml } }\n";
    let dir = project(&[
        ("scaffold.yaml", settings),
        ("schema/bill/b.graphql", ""),
        ("x/y/z.graphql", ""),
        ("other.yaml", ""),
        ("schema/billing/not-this.graphql", ""),
        ("schema/enrollment/c.graphql", ""),
    ]);
    let (raw, codes) = run(&dir);
    assert_eq!(codes, Vec::<&str>::new());
    assert_eq!(
        inputs(&raw),
        [
            ("billing", vec!["other.yaml", "schema/bill/b.graphql", "x/y/z.graphql"]),
            ("enrollment", vec!["schema/enrollment/c.graphql"]),
        ]
    );
}

#[test]
fn mistakes_in_the_settings_are_reported() {
    assert_eq!(run(&project(&[])).1, ["E0111"]);
    assert_eq!(run(&project(&[("scaffold.yaml", "")])).1, ["E0106", "E0116"]);
    assert_eq!(run(&project(&[("scaffold.yaml", "name: a"), ("schema/x.graphql", "")])).1, Vec::<&str>::new());
    assert_eq!(run(&project(&[("scaffold.yaml", "nam: a"), ("schema/a/x.graphql", "")])).1, ["E0106", "E0101"]);
    let globs = "name: a\nservices: { b: { schema: [../x, /y, z/*] }, c: {} }\n";
    assert_eq!(run(&project(&[("scaffold.yaml", globs)])).1, ["E0116", "E0110", "E0110", "E0116", "E0116"]);
    let both = "name: a\nruntime: { path: x, version: y }\n";
    assert_eq!(run(&project(&[("scaffold.yaml", both), ("model/a.yaml", "")])).1, ["E0104"]);
}

#[test]
fn what_is_no_text_is_refused() {
    let dir = project(&[("scaffold.yaml", "name: a\n")]);
    fs::create_dir_all(dir.path().join("schema/a")).unwrap();
    fs::write(dir.path().join("schema/a/latin.graphql"), [b't', 0xe4]).unwrap();
    fs::write(dir.path().join("schema/a/large.graphql"), vec![b' '; 4 * 1024 * 1024 + 1]).unwrap();
    assert_eq!(run(&dir).1, ["E0109", "E0109"]);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_refused() {
    let outside = project(&[("x.graphql", "type X { id: ID! }"), ("folder/y.graphql", "")]);
    let dir = project(&[("scaffold.yaml", "name: a\n"), ("schema/a/z.graphql", ""), ("model/a.yaml", "")]);
    let link = |from: &Path, to: &str| std::os::unix::fs::symlink(from, dir.path().join(to)).unwrap();
    link(&outside.path().join("x.graphql"), "schema/a/x.graphql");
    link(&outside.path().join("folder"), "schema/folder");
    link(&dir.path().join("schema"), "schema/a/circle");
    link(&dir.path().join("schema/a/z.graphql"), "schema/a/same.graphql");
    let (raw, codes) = run(&dir);
    assert_eq!(codes, ["E0110", "E0110"]);
    assert_eq!(inputs(&raw), [("a", vec!["model/a.yaml", "schema/a/same.graphql", "schema/a/z.graphql"])]);
}

#[test]
fn the_courses_example_is_read_without_a_word() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses");
    let mut sink = Sink::default();
    let raw = read(&dir, &mut sink);
    assert!(
        sink.is_empty(),
        "{}",
        crate::diagnostic::render(&sink, &raw.sources, crate::diagnostic::Format::Human { color: false })
    );
    assert_eq!(raw.services.len(), 1);
    assert_eq!(raw.services[0].models.iter().map(|model| model.commands.len()).sum::<usize>(), 4);
}

#[test]
fn a_model_of_fifty_thousand_events_is_read() {
    let keys: String = (0..50_000).map(|n| format!("  E{n}: {{}}\n")).collect();
    let dir = project(&[("scaffold.yaml", "name: a\n"), ("model/a.yaml", &format!("events:\n{keys}"))]);
    let (raw, codes) = run(&dir);
    assert_eq!((raw.services[0].models[0].events.len(), codes.len()), (50_000, 0));
}
