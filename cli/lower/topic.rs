//! Topics whose events go after they were consumed: who is waited for.

use crate::diagnostic::codes::reading::WRONG_SHAPE;
use crate::diagnostic::codes::topics::{UNKNOWN_CONSUMER, UNKNOWN_TOPIC};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Automation, Model, Service, Topic, Trigger, TypeName, Waited};
use crate::source::{Name, RawDeleteAfter, RawProject, RawTopic};

/// Adds what the settings say to the services of the model, whose automations are known by now.
pub(super) fn lower_topics(raw: &RawProject, model: &mut Model, sink: &mut Sink) {
    for settings in &raw.services {
        let Some(service) = model.services.get_mut(&settings.name.value) else { continue };
        let topics = settings.topics.iter().filter_map(|topic| lower_topic(service, topic, sink)).collect();
        service.topics = topics;
    }
}

fn lower_topic(service: &Service, raw: &RawTopic, sink: &mut Sink) -> Option<Topic> {
    let (name, place) = (&raw.name.value, raw.name.place);
    if !service.events.values().any(|event| event.topic == *name) {
        let message = format!("no event of `{}` has the topic `{name}`", service.name);
        let topics = service.events.values().map(|event| event.topic.as_str());
        sink.push(Diagnostic::error(UNKNOWN_TOPIC, place, message).suggest(name, topics));
        return None;
    }
    let keep = raw.keep.as_ref().map_or(0, |keep| keep.value);
    if let Some(keep) = raw.keep.as_ref().filter(|keep| keep.value < 0) {
        sink.push(Diagnostic::error(WRONG_SHAPE, keep.place, "`keep` is not negative").help("for example `7d`"));
    }
    let automations = match &raw.delete_after {
        RawDeleteAfter::Consumed => {
            let followers = service.automations.values().filter(|one| follows(service, one, name));
            followers.map(|one| Waited { name: one.name.clone(), place }).collect()
        }
        RawDeleteAfter::Automations(names) => {
            // Each of them is told of, and nothing that only follows from it.
            let waited: Vec<_> = names.iter().map(|one| waited(service, raw, one, sink)).collect();
            waited.into_iter().collect::<Option<_>>()?
        }
    };
    let consumers = raw.consumers.iter().map(|one| one.value.clone()).collect();
    Some(Topic { name: name.clone(), automations, consumers, keep, place })
}

fn waited(service: &Service, topic: &RawTopic, name: &Name, sink: &mut Sink) -> Option<Waited> {
    let waited = Waited { name: TypeName::new(&name.value), place: name.place };
    let (topic, written) = (&topic.name.value, &name.value);
    match service.automations.get(&waited.name) {
        Some(automation) if follows(service, automation, topic) => return Some(waited),
        Some(automation) => {
            let message = format!("`{written}` follows no event of the topic `{topic}`");
            let problem = Diagnostic::error(UNKNOWN_CONSUMER, name.place, message).label("never has one of its events");
            sink.push(problem.related(automation.place, "it is this one"));
        }
        None => {
            let message = format!("there is no automation `{written}` in `{}`", service.name);
            let known = service.automations.values().filter(|one| follows(service, one, topic));
            let problem = Diagnostic::error(UNKNOWN_CONSUMER, name.place, message);
            let problem = problem.suggest(written, known.map(|one| one.name.as_written()));
            sink.push(problem.help("a consumer that is written in Rust is named under `consumers`"));
        }
    }
    None
}

/// Whether an automation is started by events of this topic.
fn follows(service: &Service, automation: &Automation, topic: &str) -> bool {
    let has_topic = |event: &TypeName| service.events.get(event).is_some_and(|event| event.topic == topic);
    automation.follows == service.name.as_written()
        && matches!(automation.trigger, Trigger::Events)
        && automation.events().any(has_topic)
}
