//! Automations: what starts them, what they fill a command with, and their examples.

use super::project::{MODEL, add, project, put, read, said, tree};
use scaffold_cli::commands::Outcome;
use scaffold_cli::diagnostic::Severity;

/// The school with somebody who subscribes, a list of what is open, and a service that sends mail.
fn school() -> tempfile::TempDir {
    let dir = project();
    for args in [
        &["command", "SubscribeStudent", "studentId:ID!", "courseId:ID!", "email:String", "level:Level!"][..],
        &["event", "EmailChanged", "studentId:ID!", "email:String"],
        &["projection", "Waiting", "--on", "StudentSubscribed", "--by", "studentId"],
        &["command", "GiveSeat", "studentId:ID!", "courseId:ID!", "note:String"],
        &["service", "mailer"],
        &["command", "SendWelcome", "mailId:ID!", "email:String!", "level:Int!", "at:DateTime!", "--service", "mailer"],
    ] {
        assert_eq!(add(dir.path(), args), Outcome::Fine, "{args:?}");
    }
    dir
}

#[test]
fn one_of_each_kind_is_sound_at_once() {
    let dir = school();
    let dir = dir.path();
    let school = ["--service", "school"];
    for args in [
        &[
            "automation",
            "WelcomeStudent",
            "--on",
            "StudentSubscribed",
            "--on",
            "EmailChanged",
            "--command",
            "mailer.SendWelcome",
        ][..],
        &[
            "automation",
            "give-seats",
            "--view",
            "Waiting",
            "--command",
            "GiveSeat",
            "--doc",
            "Gives seats: all of them.",
        ],
        &["automation", "TellParents", "--on", "StudentSubscribed"],
        &["automation", "RingBell", "--view", "Waiting"],
    ] {
        assert_eq!(add(dir, &[args, &school].concat()), Outcome::Fine, "{args:?}");
    }
    assert_eq!(said(dir, Some(Severity::Error)), "");
    insta::assert_snapshot!("events", read(dir, "model/school/welcome-student.yaml"));
    insta::assert_snapshot!("view", read(dir, "model/school/give-seats.yaml"));
    insta::assert_snapshot!("effect", read(dir, "model/school/tell-parents.yaml"));
    let judged = scaffold_cli::judge(dir, true);
    let files = scaffold_cli::emit::emit(&judged.model.unwrap(), Default::default()).unwrap();
    for effect in ["tell_parents", "ring_bell"] {
        assert!(files.get(&format!("services/school/effects/{effect}.rs")).is_some(), "{effect}");
    }
    assert!(files.get("generated/school/automations/src/welcome_student/specs.rs").is_some());
}

#[test]
fn comments_and_layout_of_a_file_that_is_extended_stay() {
    let dir = school();
    let dir = dir.path();
    let own = "# What happens by itself.\nautomations:\n    # First of all.\n    TellParents:\n        on: [ CourseDefined ]   # each\n        effect: custom\n\n# The end.\n";
    put(dir, "model/school/by-itself.yaml", own);
    let args = [
        "automation",
        "Welcome",
        "--on",
        "EmailChanged",
        "--service",
        "school",
        "--file",
        "model/school/by-itself.yaml",
    ];
    assert_eq!(add(dir, &args), Outcome::Fine);
    let text = read(dir, "model/school/by-itself.yaml");
    let lines: Vec<&str> = own.lines().collect();
    assert!(lines.iter().all(|line| text.lines().any(|other| other == *line)), "{text}");
    assert!(text.starts_with(&own[..own.len() - "\n# The end.\n".len()]), "{text}");
    assert!(text.contains("    Welcome:\n") && text.matches("automations:").count() == 1, "{text}");
    assert_eq!(said(dir, Some(Severity::Error)), "");
}

#[test]
fn what_would_start_or_send_nothing_is_refused() {
    let dir = school();
    let dir = dir.path();
    let before = tree(dir);
    for args in [
        &["Welcome", "--on", "EmailChangd"][..],
        &["Welcome", "--view", "Waitin"],
        &["Welcome", "--view", "Student"],
        &["Welcome", "--on", "EmailChanged", "--command", "GiveSeats"],
        &["Welcome", "--on", "EmailChanged", "--command", "SendWelcome"],
        &["Welcome", "--on", "EmailChanged", "--command", "post.SendWelcome"],
        &["GiveSeat", "--on", "EmailChanged"],
        &["CourseDefined", "--on", "EmailChanged"],
        &["../x", "--on", "EmailChanged"],
        &["Self", "--on", "EmailChanged"],
    ] {
        let all = [&["automation"], args, &["--service", "school"]].concat();
        assert_eq!(add(dir, &all), Outcome::Usage, "{args:?}");
        assert_eq!(tree(dir), before, "{args:?}");
    }
    assert!(MODEL.contains("CourseDefined"));
}

#[test]
fn what_follows_another_service_is_sound_at_once() {
    let dir = school();
    let dir = dir.path();
    for args in [
        &["command", "NoteSeat", "studentId:ID!", "kind:String!"][..],
        &["automation", "NoteSeats", "--on", "school.SeatGiven", "--command", "NoteSeat"],
        &[
            "projection",
            "Reader",
            "--on",
            "school.StudentSubscribed",
            "--on",
            "school.EmailChanged",
            "--by",
            "studentId",
        ],
        &["automation", "TellReaders", "--view", "Reader", "--command", "NoteSeat"],
    ] {
        assert_eq!(add(dir, &[args, &["--service", "mailer"]].concat()), Outcome::Fine, "{args:?}");
    }
    assert_eq!(said(dir, Some(Severity::Error)), "");
    insta::assert_snapshot!("on_another_service", read(dir, "model/mailer/note-seats.yaml"));
    insta::assert_snapshot!("view_over_another_service", read(dir, "schema/mailer/reader.graphql"));
    insta::assert_snapshot!("example_over_another_service", read(dir, "model/mailer/reader.yaml"));
    let before = tree(dir);
    let mixed = ["automation", "Mix", "--on", "school.SeatGiven", "--on", "SeatNoted", "--service", "mailer"];
    assert_eq!(add(dir, &mixed), Outcome::Usage);
    assert_eq!(tree(dir), before, "nothing is written");
}
