//! Examples of automations: these events, those commands.

use super::room::Room;
use crate::diagnostic::codes::rules::IMPOSSIBLE_SPEC;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::spec::{given_event, slots};
use crate::lower::value::Record;
use crate::model::{AutomationSpec, Command, Sends, TypeName};
use crate::source::{RawAutomation, RawAutomationSpec, RawSpecEvent};

impl Room<'_> {
    /// The examples that could be read.
    pub(super) fn specs(
        &self,
        raw: &RawAutomation,
        follows: &str,
        sends: Option<(&Sends, &Command)>,
        sink: &mut Sink,
    ) -> Vec<AutomationSpec> {
        let Some(sends) = sends.filter(|_| raw.effect.is_none()) else { return Vec::new() };
        let reader = (raw.name.value.as_str(), follows);
        raw.specs.iter().filter_map(|spec| self.spec(spec, reader, sends, sink)).collect()
    }

    fn spec(
        &self,
        raw: &RawAutomationSpec,
        reader: (&str, &str),
        sends: (&Sends, &Command),
        sink: &mut Sink,
    ) -> Option<AutomationSpec> {
        let given: Vec<_> = raw.given.iter().map(|event| given_event(event, reader, self.context, sink)).collect();
        let then: Vec<_> = raw.then.iter().map(|command| self.sent(command, sends, sink)).collect();
        Some(AutomationSpec {
            name: raw.name.value.clone(),
            given: given.into_iter().collect::<Option<_>>()?,
            then: then.into_iter().collect::<Option<_>>()?,
            place: raw.place,
        })
    }

    /// The named fields of a command that is expected.
    fn sent(
        &self,
        raw: &RawSpecEvent,
        (sends, command): (&Sends, &Command),
        sink: &mut Sink,
    ) -> Option<serde_json::Value> {
        let written = &raw.name.value;
        let (service, name) = written.split_once('.').unwrap_or((self.own, written));
        if service != sends.service || TypeName::new(name) != command.name {
            let whole = if sends.service == self.own {
                command.name.to_string()
            } else {
                format!("{}.{}", sends.service, command.name)
            };
            let message = format!("this example cannot pass: what is sent is `{whole}`, never `{written}`");
            let problem = Diagnostic::error(IMPOSSIBLE_SPEC, raw.name.place, message).label("never sent");
            sink.push(problem.related(sends.place, "what it sends"));
            return None;
        }
        let slots = slots(&command.sent());
        let record = Record { owner: command.name.as_written(), slots: &slots, whole: false, place: raw.name.place };
        record.read(&raw.payload, &self.context.types, sink)
    }
}
