//! `Cargo.toml` of the crate: what its automations read, and the services that they send to.

use super::custom;
use crate::emit::text::crates::Crate;
use crate::model::{Model, Service, Trigger};
use crate::output::generated_from;
use std::collections::BTreeSet;

pub(super) fn manifest(model: &Model, service: &Service) -> Crate {
    let name = service.name.kebab();
    let automations = || service.automations.values();
    let mut dependencies = BTreeSet::new();
    dependencies.insert("scaffold-runtime = { workspace = true }".to_owned());
    if automations().any(|automation| automation.trigger == Trigger::Events || automation.result.is_some()) {
        dependencies.insert(format!("{name}-events = {{ path = \"../events\" }}"));
    }
    if automations().any(|automation| automation.trigger != Trigger::Events) {
        dependencies.insert(format!("{name}-events = {{ path = \"../events\" }}"));
        dependencies.insert(format!("{name}-projections = {{ path = \"../projections\" }}"));
    }
    if custom(service).next().is_some() {
        dependencies.insert(format!("{name}-effects = {{ path = \"../../../services/{name}/effects\" }}"));
    }
    let targets = automations().filter_map(|automation| model.services.get(&automation.sends.as_ref()?.service));
    for target in targets.map(|target| target.name.kebab()) {
        let folder = if target == name { "..".to_owned() } else { format!("../../{target}") };
        dependencies.insert(format!("{target}-commands = {{ path = \"{folder}/commands\" }}"));
        dependencies.insert(format!("{target}-grpc = {{ path = \"{folder}/grpc\" }}"));
        dependencies
            .insert("tonic = { version = \"0.14\", default-features = false, features = [\"channel\"] }".to_owned());
    }
    Crate {
        header: generated_from(&service.input_folders()),
        name: format!("{name}-automations"),
        description: format!("The automations of the service {name}"),
        dependencies: dependencies.into_iter().collect(),
    }
}
