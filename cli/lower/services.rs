//! What the other services of a project are called and what they declare, so that a reference to one is recognised.

use super::declared::{Declares, PERMISSIONS, declares};
use crate::model::{Type, TypeName};
use crate::source::RawService;
use std::collections::{BTreeMap, BTreeSet};

/// Types, events and topics of the other services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neighbours {
    /// The service whose neighbours these are.
    own: String,
    /// By name, with the service that declares it.
    types: BTreeMap<String, (String, Declares)>,
    events: BTreeMap<String, String>,
    topics: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Neighbours {
    /// Of the service at `own`.
    pub fn of(services: &[RawService], own: usize) -> Self {
        let mut neighbours =
            Self { own: services.get(own).map(|own| own.name.clone()).unwrap_or_default(), ..Self::default() };
        for (index, service) in services.iter().enumerate() {
            if index != own {
                neighbours.add(service);
            }
        }
        neighbours
    }

    /// The other service that declares a type of this name.
    pub fn service_of_type(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(|(service, _)| service.as_str())
    }

    /// What the type of this name is in that service: a type that fields can have, or one that is refused where it stands (the
    /// inner `None`). None at all if the service declares none of this name.
    pub fn type_of(&self, service: &str, name: &str) -> Option<Option<Type>> {
        let (_, declares) = self.types.get(name).filter(|(declarer, _)| declarer == service)?;
        let name = TypeName::new(name);
        Some(match declares {
            Declares::Enum => Some(Type::Enum(name)),
            Declares::Object => Some(Type::Object(name)),
            Declares::Entry => Some(Type::Reference(name)),
            Declares::Refused => None,
        })
    }

    /// The types of that service.
    pub fn types_of(&self, service: &str) -> impl Iterator<Item = &str> {
        self.types.iter().filter(move |(_, (declarer, _))| declarer == service).map(|(name, _)| name.as_str())
    }

    /// The service whose neighbours these are.
    pub fn own(&self) -> &str {
        &self.own
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

    fn add(&mut self, service: &RawService) {
        let name = service.name.clone();
        self.names.insert(name.clone());
        self.topics.entry(name.clone()).or_insert_with(|| name.clone());
        for schema in &service.schemas {
            let objects = schema.objects.iter().filter(|object| !object.is_root);
            let objects = objects.map(|object| (&object.name.value, declares(object)));
            let enums = schema.enums.iter().map(|found| &found.name.value).filter(|name| *name != PERMISSIONS);
            for (ty, declares) in objects.chain(enums.map(|name| (name, Declares::Enum))) {
                self.types.entry(ty.clone()).or_insert_with(|| (name.clone(), declares));
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
