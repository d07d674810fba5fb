//! What came of a command.

use super::NOW;
use super::history::Happened;
use super::same;
use crate::caller::{Caller, Context};
use crate::decision::{Decision, Folding, Refused, Rejection};
use crate::event::EventSet;
use crate::expr::EvalError;
use crate::value::Json;

/// What came of a command; dropping it unchecked tests nothing.
#[must_use = "an example checks nothing without then_events or then_rejected"]
#[derive(Debug)]
pub struct Outcome<E, R> {
    result: Result<Vec<E>, Refused<R>>,
    /// Given events that no query of the command met, by number and type.
    unmet: Vec<String>,
}

#[track_caller]
#[allow(clippy::panic)]
pub(super) fn run<D: Decision>(
    history: &[Happened<D::Event>],
    caller: &Caller,
    command: &D,
) -> Outcome<D::Event, D::Error> {
    let context = Context { now: NOW, caller };
    let mut folding = match Folding::begin(command, context) {
        Ok(folding) => folding,
        Err(error) => return Outcome { result: Err(Refused::Failed(error)), unmet: Vec::new() },
    };
    let mut unmet = Vec::new();
    for happened in history {
        if !folding.meets(&happened.meta.event_type, &happened.tags) {
            unmet.push(format!("{} {}", happened.meta.position, happened.meta.event_type));
        }
    }
    if let Err(error) = fold(history, &mut folding) {
        return Outcome { result: Err(Refused::Failed(error)), unmet };
    }
    Outcome { result: command.decide(folding.state(), &context), unmet }
}

/// Each event into the entries that read it; where just the newest counts, that one.
fn fold<D: Decision>(history: &[Happened<D::Event>], folding: &mut Folding<'_, D>) -> Result<(), EvalError> {
    for happened in history {
        folding.fold(&happened.event, &happened.tags, &happened.meta)?;
    }
    for (entry, item) in folding.newest() {
        let newest = history.iter().rfind(|happened| item.matches(happened.event.event_type(), &happened.tags));
        if let Some(newest) = newest {
            folding.fold_newest(entry, &newest.event, &newest.meta)?;
        }
    }
    Ok(())
}

impl<E: EventSet, R: Rejection> Outcome<E, R> {
    /// Checks that these events were recorded, in this order and no others: `[{"StudentSubscribed": {…}}]`. Only the
    /// fields named count.
    ///
    /// # Panics
    /// If not; the test fails then.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn then_events(self, expected: Json) {
        let recorded = match &self.result {
            Ok(events) => events,
            Err(Refused::Rejected(rejection)) => {
                panic!("rejected with {}: {rejection}{}", rejection.code(), self.hint())
            }
            Err(Refused::Failed(error)) => panic!("failed: {error}{}", self.hint()),
        };
        let recorded: Vec<Json> = recorded.iter().map(as_json).collect();
        let same = expected.as_array().is_some_and(|expected| {
            expected.len() == recorded.len() && expected.iter().zip(&recorded).all(|(e, r)| is_event(e, r))
        });
        if !same {
            panic!("expected {expected:#}\nrecorded {:#}{}", Json::Array(recorded), self.hint());
        }
    }

    /// Checks that the command was rejected with this error, and with this message if one is given.
    ///
    /// # Panics
    /// If not; the test fails then.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn then_rejected(self, code: &str, message: Option<&str>) {
        match &self.result {
            Ok(events) => {
                let recorded = Json::Array(events.iter().map(as_json).collect());
                panic!("expected rejection with {code}\nrecorded {recorded:#}{}", self.hint());
            }
            Err(Refused::Failed(error)) => panic!("expected rejection with {code}\nfailed: {error}{}", self.hint()),
            Err(Refused::Rejected(rejection)) => {
                assert_eq!(rejection.code(), code, "rejected with another error: {rejection}{}", self.hint());
                if let Some(message) = message {
                    assert_eq!(rejection.to_string(), message, "the message differs");
                }
            }
        }
    }

    /// What often explains a surprise.
    fn hint(&self) -> String {
        if self.unmet.is_empty() {
            return String::new();
        }
        format!("\n(the command's state does not read these given events: {})", self.unmet.join(", "))
    }
}

#[track_caller]
#[allow(clippy::panic)]
fn as_json<E: EventSet>(event: &E) -> Json {
    match event.encode() {
        Ok(payload) => serde_json::json!({ payload.event_type: payload.json }),
        Err(error) => panic!("a recorded event cannot be stored: {error}"),
    }
}

/// Whether `{"Name": {…}}` names this event and what it holds.
fn is_event(expected: &Json, recorded: &Json) -> bool {
    match (expected.as_object(), recorded.as_object()) {
        (Some(expected), Some(recorded)) => expected.len() == recorded.len() && same::names(expected, recorded),
        _ => false,
    }
}
