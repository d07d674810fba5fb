//! What becomes of a project when an event is renamed: no table is built anew, the lock goes along, and what was forgotten is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BEFORE: &str = "StudentSubscribed";
/// Before all others in the alphabet, where the other one is behind most.
const AFTER: &str = "BookedASeat";

/// A second service, which follows the event of the first.
const WATCHER: &str = "type Seat\n  @upsertOn(on: { topic: \"enrollment\", eventTypes: [\"StudentSubscribed\", \"CourseDefined\"] }, identifyBy: { payload: [\"courseId\"] }) {\n  \
     title: String @from(events: [\"CourseDefined\"], value: \"payload.title\")\n  taken: Int! @from(events: [\"StudentSubscribed\"], value: \"projection.taken + 1\")\n}\n";

struct Project(tempfile::TempDir);

impl Project {
    /// The courses, and who watches them.
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses"), project.0.path());
        let schema = project.0.path().join("schema/watcher");
        fs::create_dir_all(&schema).unwrap();
        fs::write(schema.join("seat.graphql"), WATCHER).unwrap();
        fs::write(project.0.path().join("scaffold.yaml"), "name: courses\nruntime: { path: ../runtime }\n").unwrap();
        project
    }

    /// Runs the tool, and gives what it says.
    fn told(&self, verb: &str) -> String {
        let output =
            Command::new(env!("CARGO_BIN_EXE_scaffold")).arg(verb).current_dir(self.0.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        told
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in ["model", "schema"] {
            files(&self.0.path().join(folder), &mut found);
        }
        found
    }

    /// Writes another text wherever the inputs have this one.
    fn replace(&self, this: &str, by: &str) {
        for path in self.inputs() {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace(this, by)).unwrap();
        }
    }

    /// Says what the event was called.
    fn says(&self, renamed: &str) {
        let declared = format!("  {AFTER}:\n");
        self.replace(&declared, &format!("{declared}    {renamed}\n"));
    }

    /// The definitions of all tables, by their files.
    fn definitions(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        files(&self.0.path().join("generated"), &mut found);
        found.sort();
        let definition = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap();
            let (_, rest) = text.split_once("definition: \"")?;
            Some((path, rest.split('"').next().unwrap().to_owned()))
        };
        found.into_iter().filter_map(definition).collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.path().join(path)).ok()
    }

    fn lock(&self, event: &str) -> Option<String> {
        self.read(&format!("scaffold.lock/enrollment/{event}.event"))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(drop).unwrap() }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn no_table_is_built_anew_and_the_lock_goes_along() {
    let project = Project::new();
    project.told("gen");
    let (before, known) = (project.definitions(), project.lock(BEFORE).unwrap());
    assert_eq!(before.len(), 4, "two projections, a CRUD type, and the watcher's");

    project.replace(BEFORE, AFTER);
    project.says(&format!("renamed: [{BEFORE}]"));
    let told = project.told("gen");
    assert!(!told.contains("W00"), "{told}");
    assert_eq!(project.definitions(), before);
    assert_eq!(project.lock(BEFORE), None);
    assert_eq!(project.lock(AFTER).unwrap(), known.replacen('\n', &format!("\nwas: {BEFORE}\n"), 1));
    let events = project.read("generated/enrollment/events/src/lib.rs").unwrap();
    assert!(events.contains(&format!("name: \"{AFTER}\"")) && events.contains(&format!("before: &[\"{BEFORE}\"]")));
    let service = |name: &str| project.read(&format!("generated/{name}/service/src/lib.rs")).unwrap();
    assert!(service("enrollment").contains(".renamed::<"));
    assert!(!service("watcher").contains("renamed"));

    // The payload is still watched: as if it had held one more field.
    let file = project.0.path().join(format!("scaffold.lock/enrollment/{AFTER}.event"));
    fs::write(&file, format!("{}row Int!\n", fs::read_to_string(&file).unwrap())).unwrap();
    let told = project.told("check");
    assert!(told.contains("W0020") && told.contains(&format!("the payload of `{AFTER}` has changed")), "{told}");
}

#[test]
fn a_rename_of_a_rename_builds_nothing_anew_either() {
    let project = Project::new();
    project.told("gen");
    let before = project.definitions();
    project.replace(BEFORE, "Between");
    project.replace("  Between:\n", "  Between:\n    renamed: StudentSubscribed\n");
    project.told("gen");
    project.replace("    renamed: StudentSubscribed\n", "");
    project.replace("Between", AFTER);
    project.says(&format!("renamed: [{BEFORE}, Between]"));
    let told = project.told("gen");
    assert!(!told.contains("W00"), "{told}");
    assert_eq!(project.definitions(), before);
    assert!(project.lock(AFTER).unwrap().contains(&format!("\nwas: {BEFORE}\nwas: Between\n")));
    assert_eq!((project.lock(BEFORE), project.lock("Between")), (None, None));
}

#[test]
fn a_rename_that_is_not_said_is_told() {
    let project = Project::new();
    project.told("gen");
    let before = project.definitions();
    project.replace(BEFORE, AFTER);
    for verb in ["check", "gen", "gen", "check"] {
        let told = project.told(verb);
        assert!(told.contains(&format!("W0026]: was `{BEFORE}` renamed to `{AFTER}`?")), "{verb}: {told}");
        assert!(told.contains(&format!("then write `renamed: [{BEFORE}]`")), "{told}");
        assert!(told.contains(&format!("delete `scaffold.lock/enrollment/{BEFORE}.event`")), "{told}");
    }
    project.says(&format!("renamed: [{BEFORE}]"));
    assert!(!project.told("gen").contains("W0026"));
    assert_eq!(project.definitions(), before, "as if it had been said at once");

    // A name that is forgotten later.
    project.replace(&format!("    renamed: [{BEFORE}]\n"), "");
    for verb in ["gen", "check"] {
        let told = project.told(verb);
        assert!(
            told.contains(&format!("W0026]: `renamed` of `{AFTER}` says no longer that it was called `{BEFORE}`")),
            "{told}"
        );
        assert!(told.contains(&format!("write `renamed: [{BEFORE}]`")), "{told}");
    }
    assert!(project.lock(AFTER).unwrap().contains(&format!("was: {BEFORE}\n")), "it is not forgotten");
}

#[test]
fn another_event_is_said_to_be_one() {
    let project = Project::new();
    project.told("gen");
    project.replace(BEFORE, AFTER);
    assert!(project.told("gen").contains("W0026"));
    fs::remove_file(project.0.path().join(format!("scaffold.lock/enrollment/{BEFORE}.event"))).unwrap();
    assert!(!project.told("gen").contains("W0026"));
    assert!(project.lock(AFTER).is_some());
    assert!(!project.told("check").contains("W0026"));
}
