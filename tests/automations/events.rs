//! Automations that events start.

use super::process::Program;
use super::project::cargo;
use super::{mails_to, one_mail_to, register, until};
use serde_json::json;

#[test]
fn generated_automations_have_no_warning_and_pass_their_examples() {
    cargo(&["clippy", "--workspace", "--all-targets", "--offline", "--", "-D", "warnings"]);
    cargo(&["test", "--workspace", "--offline", "--quiet"]);
}

#[test]
fn a_command_follows_the_event_once_within_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    register(&api, "s1", "ada@example.org");
    let mail = one_mail_to(&api, "ada@example.org");
    assert!(mail["key"].as_str().is_some_and(|key| key.len() == 36), "the event's id: {mail}");
    // Whoever is passed over leaves nothing behind.
    register(&api, "s2", "no address");
    register(&api, "s3", "eve@example.org");
    one_mail_to(&api, "eve@example.org");
    assert_eq!(mails_to(&api, "no address"), Vec::<serde_json::Value>::new());
    assert_eq!(app.parked("WelcomeStudent"), Vec::<serde_json::Value>::new());
    assert_eq!(mails_to(&api, "ada@example.org").len(), 1);
}

#[test]
fn what_fails_is_parked_mended_and_sent_again_and_then_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    api.data("mutation { blockAddress(input: {to: \"ada@example.org\"}) { position } }", json!({}));
    register(&api, "s1", "ada@example.org");
    let parked = until("what is parked", || app.parked("WelcomeStudent").into_iter().next());
    let error = parked["error"].as_str().unwrap();
    assert!(error.contains("AddressIsBlocked") && error.contains("takes no mail"), "{parked}");
    // Nobody waits for it.
    register(&api, "s2", "eve@example.org");
    one_mail_to(&api, "eve@example.org");
    assert_eq!(mails_to(&api, "ada@example.org").len(), 0);
    // Sent again too early it is parked again.
    app.resend("WelcomeStudent", &parked);
    until("that it is parked again", || {
        app.parked("WelcomeStudent").into_iter().find(|again| again["attempts"] != parked["attempts"])
    });
    api.data("mutation { freeAddress(input: {to: \"ada@example.org\"}) { position } }", json!({}));
    let parked = app.parked("WelcomeStudent").remove(0);
    app.resend("WelcomeStudent", &parked);
    one_mail_to(&api, "ada@example.org");
    until("that nothing is parked", || app.parked("WelcomeStudent").is_empty().then_some(()));
    assert_eq!(mails_to(&api, "ada@example.org").len(), 1);
}

#[test]
fn a_service_of_another_process_gets_the_command_when_it_is_there_again() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = Program::start("mailer", dir.path(), &[]);
    let address = mailer.grpc.trim_start_matches("http://").to_owned();
    let campus = Program::start("campus", dir.path(), &[("MAILER_URL", &mailer.grpc)]);
    let gateway = |campus: &Program| {
        Program::start("automata-gateway", dir.path(), &[("CAMPUS_URL", &campus.grpc), ("MAILER_URL", &mailer.grpc)])
    };
    let edge = gateway(&campus);
    register(&edge.api(), "s1", "ada@example.org");
    one_mail_to(&edge.api(), "ada@example.org");
    drop(edge);
    // The event is recorded, its command finds nobody, and then the sender is killed too.
    let settings = [("CAMPUS_URL", campus.grpc.clone()), ("MAILER_URL", mailer.grpc.clone())];
    mailer.kill();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let edge = Program::start("automata-gateway", dir.path(), &settings);
    register(&edge.api(), "s2", "eve@example.org");
    std::thread::sleep(std::time::Duration::from_millis(300));
    campus.kill();
    drop(edge);
    let mailer = Program::start("mailer", dir.path(), &[("GRPC_ADDR", &address)]);
    let campus = Program::start("campus", dir.path(), &[("MAILER_URL", &mailer.grpc)]);
    let settings = [("CAMPUS_URL", campus.grpc.as_str()), ("MAILER_URL", mailer.grpc.as_str())];
    let edge = Program::start("automata-gateway", dir.path(), &settings);
    one_mail_to(&edge.api(), "eve@example.org");
    assert_eq!(mails_to(&edge.api(), "eve@example.org").len(), 1);
    assert_eq!(mails_to(&edge.api(), "ada@example.org").len(), 1);
}

#[test]
fn a_kill_between_event_and_command_leaves_each_effect_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut registered = 0;
    for round in 0..3 {
        let app = Program::start("automata-app", dir.path(), &[]);
        let api = app.api();
        for _ in 0..15 {
            register(&api, &format!("s{registered}"), &format!("s{registered}@example.org"));
            registered += 1;
        }
        if round < 2 {
            app.kill();
            continue;
        }
        for number in 0..registered {
            let address = format!("s{number}@example.org");
            one_mail_to(&api, &address);
        }
        for number in 0..registered {
            let mails = mails_to(&api, &format!("s{number}@example.org"));
            assert_eq!(mails.len(), 1, "{mails:?}");
        }
    }
}
