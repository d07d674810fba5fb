//! Two services whose clocks differ by hours: commands wait until they agree again, and none is lost.

use super::moved::{Clock, HOUR};
use super::process::Program;
use super::{mails_to, one_mail_to, register, until};

#[test]
fn commands_wait_until_the_clocks_agree() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::new());
    let moved = clock.environment();
    let moved: Vec<(&str, &str)> = moved.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mailer = Program::start("mailer", dir.path(), &moved);
    let campus = Program::start("campus", dir.path(), &[("MAILER_URL", &mailer.grpc)]);
    let settings = [("CAMPUS_URL", campus.grpc.as_str()), ("MAILER_URL", mailer.grpc.as_str())];
    let gateway = Program::start("automata-gateway", dir.path(), &settings);
    let api = gateway.api();
    // Ahead, to which every token is too old; and behind, to which it is valid for longer than a token may be.
    for (number, step) in [3 * HOUR, -5 * HOUR].into_iter().enumerate() {
        clock.set(step);
        let address = format!("s{number}@example.org");
        register(&api, &format!("s{number}"), &address);
        until("that the command is put off", || (campus.group("WelcomeStudent")["waiting"] != 0).then_some(()));
        clock.set(0);
        one_mail_to(&api, &address);
        until("that nothing waits", || (campus.group("WelcomeStudent")["waiting"] == 0).then_some(()));
        assert_eq!(mails_to(&api, &address).len(), 1);
        assert!(campus.parked("WelcomeStudent").is_empty());
    }
}
