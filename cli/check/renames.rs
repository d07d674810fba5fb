//! Earlier names of events: each stands for one event, and for good.

mod compared;

use super::names::is_legal;
use super::walk::shown;
use crate::diagnostic::codes::names::{DOUBLED_EARLIER, EARLIER_IS_EVENT, EARLIER_IS_TODAYS, ILLEGAL_EARLIER};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EarlierName, Event, Model, Service, TypeName};
use crate::place::Place;
use std::collections::BTreeMap;

/// The earlier names of the service's events, and those that its expressions still know.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    compared::check(model, service, sink);
    let mut given: BTreeMap<&TypeName, (&Event, Place)> = BTreeMap::new();
    for event in service.events.values() {
        for earlier in &event.earlier {
            let problem = judge(service, event, earlier);
            let first = given.entry(&earlier.name).or_insert((event, earlier.place));
            let problem = problem.or_else(|| (first.1 != earlier.place).then(|| doubled(*first, event, earlier)));
            problem.into_iter().for_each(|problem| sink.push(problem));
        }
    }
}

fn judge(service: &Service, event: &Event, EarlierName { name, place }: &EarlierName) -> Option<Diagnostic> {
    if !is_legal(name.as_written()) {
        let message = format!("`{}` was never the name of an event", shown(name.as_written()));
        let problem = Diagnostic::error(ILLEGAL_EARLIER, *place, message).label("cannot be a name");
        return Some(problem.help("a name begins with a letter from a to z and goes on with letters, digits and `_`"));
    }
    if *name == event.name {
        let message = format!("`{name}` is what the event is called now");
        let problem = Diagnostic::error(EARLIER_IS_TODAYS, *place, message).label("not an earlier name");
        return Some(problem.help("`renamed` lists the names that it had before, oldest first"));
    }
    let other = service.events.get(name)?;
    let message = format!("`{name}` cannot be an earlier name of `{}`: it is an event of its own", event.name);
    let problem = Diagnostic::error(EARLIER_IS_EVENT, *place, message).label("what is stored under it is of which?");
    Some(
        problem
            .related(other.place, "declared here")
            .help(format!("call the other one otherwise; `{name}` is taken for good")),
    )
}

fn doubled((first, at): (&Event, Place), event: &Event, EarlierName { name, place }: &EarlierName) -> Diagnostic {
    let message = if first.name == event.name {
        format!("`{name}` is given twice as an earlier name of `{}`", event.name)
    } else {
        format!("`{name}` cannot be an earlier name of both `{}` and `{}`", first.name, event.name)
    };
    Diagnostic::error(DOUBLED_EARLIER, *place, message).label("given again").related(at, "given first")
}
