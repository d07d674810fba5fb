//! What a service's program does when it is called with arguments: it erases a subject, or looks after the keys, and ends.
//!
//! A SQLite file serves one process: while the service runs, it is asked over HTTP instead (`operators/erasures.rs`).

use std::io::Write;
use std::process::ExitCode;

use super::config::Config;
use super::definition::ServiceDefinition;
use super::kind::Kind;
use super::{process, sealing};
use crate::database::Database;
use crate::erasure::{By, Erased, Erasure};
use crate::error::Error;
use crate::event::Tenant;
use crate::store::StoreError;

const USAGE: &str = "\
usage, without arguments: serve
       erase <tenant> <subject> [--reason <text>] [--user <id>] [--service <name>]
       erase --replay [--service <name>]     once a key store has come back from a backup
       keys rotate [--service <name>]        once there is a new master key
       keys begin [--service <name>]         if the keys are lost for good";

/// What is wanted of one service.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    service: Option<String>,
    work: Work,
}

#[derive(Debug, PartialEq, Eq)]
enum Work {
    Erase { tenant: Tenant, subject: String, by: By },
    Replay,
    Rotate,
    Begin,
}

/// Does what the arguments say. None if there are none, or no service has anything personal: then it is to be served.
pub(super) fn run(kind: Kind, definitions: &[ServiceDefinition]) -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let personal: Vec<&ServiceDefinition> = definitions.iter().filter(|one| !one.personal.is_empty()).collect();
    if arguments.is_empty() || personal.is_empty() {
        return None;
    }
    let found = read(&arguments).and_then(|wanted| Ok((chosen(&personal, wanted.service.as_deref())?, wanted.work)));
    Some(match found {
        Ok((definition, work)) => {
            let definition = definition.clone();
            process::run(kind, &[definition.name], |config, _| carry_out(definition, work, config))
        }
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "error: {problem}\n{USAGE}");
            ExitCode::from(2)
        }
    })
}

fn chosen<'d>(personal: &[&'d ServiceDefinition], name: Option<&str>) -> Result<&'d ServiceDefinition, String> {
    let names: Vec<&str> = personal.iter().map(|one| one.name).collect();
    match (personal, name) {
        ([only], None) => Ok(only),
        (_, None) => {
            Err(format!("several services have personal fields, say which one: --service {}", names.join("|")))
        }
        (_, Some(name)) => personal.iter().copied().find(|one| one.name == name).ok_or_else(|| {
            format!("the service `{name}` has no personal fields or is not here; these have: {}", names.join(", "))
        }),
    }
}

fn read(arguments: &[String]) -> Result<Wanted, String> {
    let (mut words, mut by, mut service, mut replays) = (Vec::new(), By::default(), None, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().ok_or_else(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--replay" => replays = true,
            "--reason" => by.reason = Some(value()?),
            "--user" => by.user = Some(value()?),
            "--service" => service = Some(value()?),
            other if other.starts_with('-') => return Err(format!("`{other}` is not known here")),
            word => words.push(word),
        }
    }
    let says_why = by != By::default();
    let work = match words[..] {
        ["erase", tenant, subject] if !replays => {
            Work::Erase { tenant: Tenant::new(tenant), subject: subject.to_owned(), by }
        }
        ["erase"] if replays && !says_why => Work::Replay,
        ["keys", "rotate"] if !replays && !says_why => Work::Rotate,
        ["keys", "begin"] if !replays && !says_why => Work::Begin,
        _ => return Err("that cannot be done".to_owned()),
    };
    Ok(Wanted { service, work })
}

async fn carry_out(definition: ServiceDefinition, work: Work, config: Config) -> Result<(), Error> {
    let service = definition.name;
    let failed = |cause: StoreError| Error::Start { service, cause: cause.into() };
    let url = config.databases.get(service).map(String::as_str).unwrap_or_default();
    let database = Database::open(url, service).await.map_err(|cause| match cause {
        cause @ StoreError::InUse(_) => {
            let asks =
                "while the service runs, POST /erasures, /erasures/replay and /keys/rotate do this (OPERATOR_TOKEN)";
            Error::Start { service, cause: format!("{cause}; {asks}").into() }
        }
        cause => failed(cause),
    })?;
    let database = database.renamed(definition.renamed);
    let opened = sealing::open(&definition, &config, database.clone(), work == Work::Begin).await;
    let said = match opened {
        Ok((_, Some(erasure))) => {
            let said = said(&erasure, work).await.map_err(failed);
            erasure.close().await;
            said
        }
        Ok((_, None)) => Ok("nothing is personal here".to_owned()),
        Err(error) => Err(error),
    };
    database.close().await;
    writeln!(std::io::stdout(), "{}", said?)?;
    Ok(())
}

async fn said(erasure: &Erasure, work: Work) -> Result<String, StoreError> {
    Ok(match work {
        Work::Erase { tenant, subject, by } => match erasure.erase(&tenant, &subject, by).await? {
            Erased::Erased { position } => format!("`{subject}` of `{tenant}` is erased, at position {position}"),
            Erased::Already { position } => {
                format!(
                    "`{subject}` of `{tenant}` was erased before, at position {position}; nothing new was stored since"
                )
            }
            Erased::Unknown => format!("nothing personal was ever stored of `{subject}` of `{tenant}`"),
        },
        Work::Replay => format!("{} subjects had come back and are erased again", erasure.replay().await?),
        Work::Rotate => format!("{} keys are wrapped with the newest master key now", erasure.rotate().await?),
        Work::Begin => "the key store is begun".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(text: &str) -> Result<Wanted, String> {
        read(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_read_or_refused() {
        let by = By { user: Some("dpo".to_owned()), reason: Some("asked".to_owned()) };
        let work = Work::Erase { tenant: Tenant::new("acme"), subject: "ada".to_owned(), by };
        let read = words("erase acme --user dpo ada --reason asked --service people").unwrap();
        assert_eq!(read, Wanted { service: Some("people".to_owned()), work });
        assert_eq!(words("erase --replay").unwrap().work, Work::Replay);
        assert_eq!(words("keys rotate").unwrap().work, Work::Rotate);
        assert_eq!(words("keys begin").unwrap().work, Work::Begin);
        for wrong in
            ["erase", "erase acme", "erase acme ada bob", "erase --replay acme ada", "keys", "keys rotate --user x"]
        {
            assert!(words(wrong).is_err(), "{wrong}");
        }
        assert_eq!(words("erase acme ada --reason").unwrap_err(), "`--reason` needs a value");
        assert_eq!(words("erase acme ada --force").unwrap_err(), "`--force` is not known here");
    }

    #[test]
    fn the_service_is_said_where_several_have_personal_fields() {
        let (one, two) = (ServiceDefinition::new("one"), ServiceDefinition::new("two"));
        assert_eq!(chosen(&[&one], None).unwrap().name, "one");
        assert_eq!(chosen(&[&one, &two], Some("two")).unwrap().name, "two");
        assert!(chosen(&[&one, &two], None).is_err_and(|problem| problem.contains("one|two")));
        assert!(chosen(&[&one], Some("three")).is_err_and(|problem| problem.contains("these have: one")));
    }
}
