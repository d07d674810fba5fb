//! What belongs to whom: managed files are replaced, edits stop a run, a user's file survives everything, a killed run leaves the
//! old tree or the new one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::output::{
    Files, Guard, Inputs, Manifest, OutputError, Owner, Plan, State, differences, forget_state, keep_state, plan, write,
};
use std::fs;
use std::path::Path;
use std::process::Command;

fn files(entries: &[(&str, Owner, &str)]) -> Files {
    let mut files = Files::default();
    for (path, owner, text) in entries {
        files.push(*owner, *path, *text);
    }
    files
}

fn apply<'a>(dir: &Path, files: &'a Files) -> Plan<'a> {
    let guard = Guard::take(dir).unwrap();
    let plan = plan(dir, files).unwrap();
    assert!(plan.edited.is_empty(), "edited: {:?}", plan.edited);
    write(&guard, &plan).unwrap();
    plan
}

fn text(dir: &Path, path: &str) -> Option<String> {
    fs::read_to_string(dir.join(path)).ok()
}

#[test]
fn a_second_run_changes_nothing_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files =
        files(&[("a/b.rs", Owner::Ours, "one"), ("l.rs", Owner::OursList, "l"), ("main.rs", Owner::Yours, "m")]);
    apply(dir.path(), &files);
    let stamp = fs::metadata(dir.path().join("a/b.rs")).unwrap().modified().unwrap();
    let again = apply(dir.path(), &files);
    assert!(again.is_clean(), "{again:?}");
    assert_eq!(again.unchanged, 4, "three files and the manifest");
    assert_eq!(fs::metadata(dir.path().join("a/b.rs")).unwrap().modified().unwrap(), stamp);
    assert!(!dir.path().join(".scaffold-tmp").exists());
}

#[test]
fn a_hand_edited_managed_file_stops_the_run_and_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "one\n")]));
    fs::write(dir.path().join("a.rs"), "mine\n").unwrap();
    let wanted = files(&[("a.rs", Owner::Ours, "two\n")]);
    let mut plan = plan(dir.path(), &wanted).unwrap();
    let shown = differences(&plan);
    let edited = shown.iter().find(|difference| difference.state == State::Edited).unwrap();
    assert!(edited.diff.contains("-mine") && edited.diff.contains("+two"), "{}", edited.diff);
    plan.overwrite_edits();
    write(&Guard::take(dir.path()).unwrap(), &plan).unwrap();
    assert_eq!(text(dir.path(), "a.rs").as_deref(), Some("two\n"));
}

#[test]
fn a_list_that_git_merged_is_rewritten_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("lib.rs", Owner::OursList, "a\n")]));
    fs::write(dir.path().join("lib.rs"), "a\nb\n").unwrap();
    apply(dir.path(), &files(&[("lib.rs", Owner::OursList, "a\nc\n")]));
    assert_eq!(text(dir.path(), "lib.rs").as_deref(), Some("a\nc\n"));
}

#[test]
fn a_users_file_survives_everything() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("main.rs", Owner::Yours, "generated")]));
    fs::write(dir.path().join("main.rs"), "mine").unwrap();
    apply(dir.path(), &files(&[("main.rs", Owner::Yours, "another")]));
    assert_eq!(text(dir.path(), "main.rs").as_deref(), Some("mine"));
    let wanted = files(&[]);
    let orphaned = apply(dir.path(), &wanted);
    assert_eq!(orphaned.orphans, ["main.rs"]);
    assert_eq!(text(dir.path(), "main.rs").as_deref(), Some("mine"));
    fs::remove_file(dir.path().join("main.rs")).unwrap();
    apply(dir.path(), &files(&[("main.rs", Owner::Yours, "generated")]));
    assert_eq!(text(dir.path(), "main.rs"), None, "created once: what the user deleted stays deleted");
}

#[test]
fn a_vanished_input_removes_its_files_and_the_folders_they_leave_empty() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("g/x/a.rs", Owner::Ours, "a"), ("g/b.rs", Owner::Ours, "b")]));
    let wanted = files(&[("g/b.rs", Owner::Ours, "b")]);
    let plan = apply(dir.path(), &wanted);
    assert_eq!(plan.remove.len(), 1);
    assert!(!dir.path().join("g/x").exists() && dir.path().join("g/b.rs").exists());
}

#[test]
fn a_stale_file_that_was_edited_is_not_removed() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "one")]));
    fs::write(dir.path().join("a.rs"), "mine").unwrap();
    let nothing = files(&[]);
    let plan = plan(dir.path(), &nothing).unwrap();
    assert!(plan.remove.is_empty());
    assert_eq!(plan.edited.len(), 1);
}

#[test]
fn a_file_that_was_there_before_us_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.rs"), "mine").unwrap();
    let ours = files(&[("a.rs", Owner::Ours, "ours")]);
    let plan = plan(dir.path(), &ours).unwrap();
    assert_eq!(plan.edited.len(), 1);
}

#[test]
fn two_hashes_of_one_path_are_both_accepted_after_a_union_merge() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "theirs")]));
    let theirs = text(dir.path(), "scaffold.lock/files").unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "ours")]));
    let both = format!("{theirs}{}", text(dir.path(), "scaffold.lock/files").unwrap());
    fs::write(dir.path().join("scaffold.lock/files"), &both).unwrap();
    assert!(Manifest::parse(&both).wrote("a.rs", b"theirs") && Manifest::parse(&both).wrote("a.rs", b"ours"));
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "merged")]));
}

#[test]
fn paths_that_lead_outside_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for path in ["../x", "/etc/x", "a/../../x", "new/..", ""] {
        let wanted = files(&[(path, Owner::Ours, "x")]);
        let refused = plan(dir.path(), &wanted);
        assert!(matches!(refused, Err(OutputError::Outside { .. })), "{path}");
    }
    #[cfg(unix)]
    {
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
        let wanted = files(&[("link/x", Owner::Ours, "x")]);
        let refused = plan(dir.path(), &wanted);
        assert!(matches!(refused, Err(OutputError::Outside { .. })));
    }
}

/// A project that was cloned may bring links of its own.
#[cfg(unix)]
#[test]
fn the_folder_of_a_run_leads_nowhere_else() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let precious = outside.path().join("precious");
    fs::write(&precious, "precious").unwrap();

    let dir = tempfile::tempdir().unwrap();
    symlink(outside.path(), dir.path().join(".scaffold-tmp")).unwrap();
    assert!(matches!(Guard::take(dir.path()), Err(OutputError::Outside { .. })));

    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join(".scaffold-tmp");
    fs::create_dir(&work).unwrap();
    symlink(&precious, work.join("lock")).unwrap();
    assert!(matches!(Guard::take(dir.path()), Err(OutputError::Outside { .. })));
    fs::remove_file(work.join("lock")).unwrap();
    for name in ["0", "1", "draft"] {
        symlink(&precious, work.join(name)).unwrap();
    }
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "new")]));
    assert_eq!(text(dir.path(), "a.rs").as_deref(), Some("new"));
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
}

#[test]
fn two_runs_at_once_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let first = Guard::take(dir.path()).unwrap();
    assert!(matches!(Guard::take(dir.path()), Err(OutputError::Busy)));
    drop(first);
    Guard::take(dir.path()).unwrap();
}

#[test]
fn a_run_that_died_before_its_journal_left_the_old_tree() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "old")]));
    fs::create_dir(dir.path().join(".scaffold-tmp")).unwrap();
    fs::write(dir.path().join(".scaffold-tmp/0"), "half").unwrap();
    drop(Guard::take(dir.path()).unwrap());
    assert_eq!(text(dir.path(), "a.rs").as_deref(), Some("old"));
    assert!(!dir.path().join(".scaffold-tmp").exists());
}

#[test]
fn a_run_that_died_after_its_journal_is_finished_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    apply(dir.path(), &files(&[("a.rs", Owner::Ours, "old"), ("gone.rs", Owner::Ours, "x")]));
    let work = dir.path().join(".scaffold-tmp");
    fs::create_dir(&work).unwrap();
    // The first step had been carried out before the end came, the others had not.
    fs::write(dir.path().join("a.rs"), "new").unwrap();
    fs::write(work.join("1"), "second").unwrap();
    fs::write(work.join("journal"), "write a.rs\nwrite sub/b.rs\nremove gone.rs\n").unwrap();
    assert!(Guard::interrupted(dir.path()));
    drop(Guard::take(dir.path()).unwrap());
    assert_eq!(text(dir.path(), "a.rs").as_deref(), Some("new"));
    assert_eq!(text(dir.path(), "sub/b.rs").as_deref(), Some("second"));
    assert_eq!(text(dir.path(), "gone.rs"), None);
}

/// More files than are flushed one by one, in folders that are new, there, and there with something in them.
#[test]
fn many_files_come_and_go_as_few_do() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    apply(at, &files(&[("old/x/a.rs", Owner::Ours, "a"), ("old/y/b.rs", Owner::Ours, "b")]));
    let mut many = files(&[("old/x/a.rs", Owner::Ours, "a2")]);
    for number in 0..300 {
        let folder = ["old", "old/x", "new", "new/deep/er"][number % 4];
        many.push(Owner::Ours, format!("{folder}/{number}.rs"), number.to_string());
    }
    let plan = apply(at, &many);
    assert_eq!((plan.write.len(), plan.remove.len()), (302, 1));
    for file in many.iter() {
        assert_eq!(text(at, &file.path).as_ref(), Some(&file.contents), "{}", file.path);
    }
    assert!(!at.join("old/y").exists() && !at.join(".scaffold-tmp").exists());
    assert!(apply(at, &many).is_clean());
    apply(at, &files(&[("old/x/a.rs", Owner::Ours, "a2")]));
    assert!(!at.join("new").exists() && !at.join("old/x/1.rs").exists());
    assert_eq!(text(at, "old/x/a.rs").as_deref(), Some("a2"));
}

/// A run died between the journal and its steps, or among them; meanwhile somebody has made the folder that was to come.
#[test]
fn a_folder_that_waits_in_the_journal_joins_one_that_was_made_meanwhile() {
    for made_meanwhile in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let work = dir.path().join(".scaffold-tmp");
        fs::create_dir_all(work.join("0/sub")).unwrap();
        fs::write(work.join("0/a.rs"), "a").unwrap();
        fs::write(work.join("0/sub/b.rs"), "b").unwrap();
        fs::write(work.join("journal"), "write g\n").unwrap();
        if made_meanwhile {
            fs::create_dir_all(dir.path().join("g/sub")).unwrap();
            fs::write(dir.path().join("g/sub/theirs.rs"), "theirs").unwrap();
            fs::write(dir.path().join("g/sub/b.rs"), "half").unwrap();
        }
        drop(Guard::take(dir.path()).unwrap());
        assert_eq!(text(dir.path(), "g/a.rs").as_deref(), Some("a"));
        assert_eq!(text(dir.path(), "g/sub/b.rs").as_deref(), Some("b"));
        assert_eq!(text(dir.path(), "g/sub/theirs.rs").as_deref(), made_meanwhile.then_some("theirs"));
        assert!(!work.exists());
    }
}

fn unchanged(dir: &Path) -> Option<usize> {
    scaffold_cli::output::unchanged(dir, &Inputs::read(dir))
}

#[test]
fn an_input_that_changes_while_a_run_is_at_work_is_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    fs::create_dir(at.join("model")).unwrap();
    fs::create_dir(at.join("target")).unwrap();
    fs::write(at.join("model/a.yaml"), "a: 1\n").unwrap();
    let emitted = files(&[("a.rs", Owner::Ours, "one\n")]);
    let before = Inputs::read(at);
    fs::write(at.join("model/a.yaml"), "a: 2\n").unwrap();
    apply(at, &emitted);
    keep_state(at, &before, &emitted);
    assert_eq!(unchanged(at), None);
    let before = Inputs::read(at);
    fs::write(at.join("a.rs"), "an edit by hand\n").unwrap();
    keep_state(at, &before, &emitted);
    assert_eq!(unchanged(at), None, "what was written counts, not what lies there now");
    fs::write(at.join("a.rs"), "one\n").unwrap();
    assert_eq!(unchanged(at), Some(2));
}

#[test]
fn what_is_unchanged_is_seen_without_emitting_anything() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    fs::create_dir(at.join("model")).unwrap();
    fs::write(at.join("model/a.yaml"), "a: 1\n").unwrap();
    let emitted =
        files(&[("a.rs", Owner::Ours, "one\n"), ("l.rs", Owner::OursList, "l\n"), ("m.rs", Owner::Yours, "m")]);
    apply(at, &emitted);
    let keep_state = |at: &Path| keep_state(at, &Inputs::read(at), &emitted);
    keep_state(at);
    assert_eq!(unchanged(at), None, "a project that was never built keeps nothing");
    fs::create_dir(at.join("target")).unwrap();
    keep_state(at);
    assert_eq!(unchanged(at), Some(4), "three files and the manifest");
    fs::write(at.join("m.rs"), "the user's own\n").unwrap();
    assert_eq!(unchanged(at), Some(4), "a file of the user is nobody else's business");
    for path in ["a.rs", "l.rs", "model/a.yaml", "scaffold.lock/files"] {
        let before = fs::read(at.join(path)).unwrap();
        fs::write(at.join(path), "something else\n").unwrap();
        assert_eq!(unchanged(at), None, "{path} was changed");
        fs::remove_file(at.join(path)).unwrap();
        assert_eq!(unchanged(at), None, "{path} is gone");
        fs::write(at.join(path), before).unwrap();
        assert_eq!(unchanged(at), Some(4), "{path} is as it was");
    }
    fs::write(at.join("model/b.yaml"), "b: 1\n").unwrap();
    assert_eq!(unchanged(at), None, "an input came");
    keep_state(at);
    forget_state(at);
    assert_eq!(unchanged(at), None, "forgotten");
}

/// What the tool says; it has to end well.
fn scaffold(dir: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_scaffold")).args(args).current_dir(dir).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

#[test]
fn a_decision_in_rust_is_made_once_and_is_the_users_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("campus");
    scaffold(dir.path(), &["new", "campus", "--example", "courses", "--runtime", "path:../runtime"]);
    let model = project.join("model/enrollment/cancel-course.yaml");
    let write = |more: &str| {
        let command =
            "commands:\n  CancelCourse:\n    fields: { courseId: ID! }\n    permission: [ADMIN]\n    decide: custom\n";
        fs::write(&model, format!("{command}    errors: [CourseRuns]\n    emits: [CourseDefined]\n{more}")).unwrap();
    };
    let generate = || scaffold(&project, &["gen"]);
    let decision = project.join("services/enrollment/decide/cancel_course.rs");
    write("");
    generate();
    let made = fs::read_to_string(&decision).unwrap();
    assert!(
        made.contains("pub fn decide(") && made.contains("CourseDefined {") && made.contains("CourseRuns("),
        "{made}"
    );
    assert!(!made.contains("@generated"), "{made}");

    fs::write(&decision, "mine").unwrap();
    write("    specs: [{ name: nothing, when: { courseId: c1 }, then: [] }]\n");
    generate();
    assert_eq!(fs::read_to_string(&decision).unwrap(), "mine");
    scaffold(&project, &["gen", "--check"]);

    fs::remove_file(&decision).unwrap();
    generate();
    assert!(!decision.exists(), "what was made once is not made again");

    fs::write(&decision, "mine again").unwrap();
    fs::remove_file(&model).unwrap();
    let told = generate();
    assert!(told.contains("services/enrollment/decide/cancel_course.rs is yours and nothing needs it"), "{told}");
    assert_eq!(fs::read_to_string(&decision).unwrap(), "mine again");
}
