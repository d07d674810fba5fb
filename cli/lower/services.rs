//! What the other services of a project are called and what they declare, so that a reference to one is recognised.

use crate::source::RawService;
use std::collections::{BTreeMap, BTreeSet};

/// Types, events and topics of the other services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neighbours {
    types: BTreeMap<String, String>,
    events: BTreeMap<String, String>,
    topics: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Neighbours {
    /// Of the service at `own`.
    pub fn of(services: &[RawService], own: usize) -> Self {
        let mut neighbours = Self::default();
        for (index, service) in services.iter().enumerate() {
            if index != own {
                neighbours.add(service);
            }
        }
        neighbours
    }

    /// The service that declares a type; `service.Type` names it outright.
    pub fn service_of_type(&self, name: &str) -> Option<&str> {
        self.named(name).or_else(|| self.types.get(name).map(String::as_str))
    }

    /// Another service that declares an event of this name.
    pub fn service_of_event(&self, name: &str) -> Option<&str> {
        self.events.get(name).map(String::as_str)
    }

    /// Is this one of the other services?
    pub fn is_service(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// What the other services are called.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The service whose events have this topic.
    pub fn service_of_topic(&self, topic: &str) -> Option<&str> {
        self.topics.get(topic).map(String::as_str)
    }

    /// The service before the dot, whether or not it exists.
    fn named(&self, name: &str) -> Option<&str> {
        let (service, _) = name.split_once('.')?;
        self.names.get(service).map(String::as_str)
    }

    fn add(&mut self, service: &RawService) {
        let name = service.name.clone();
        self.names.insert(name.clone());
        self.topics.entry(name.clone()).or_insert_with(|| name.clone());
        for schema in &service.schemas {
            let objects = schema.objects.iter().map(|object| &object.name.value);
            for ty in objects.chain(schema.enums.iter().map(|found| &found.name.value)) {
                self.types.entry(ty.clone()).or_insert_with(|| name.clone());
            }
        }
        for event in service.models.iter().flat_map(|model| &model.events) {
            self.events.entry(event.name.value.clone()).or_insert_with(|| name.clone());
            if let Some(topic) = &event.topic {
                self.topics.entry(topic.value.clone()).or_insert_with(|| name.clone());
            }
        }
    }
}
