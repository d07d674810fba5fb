//! `Cargo.toml` of the crate: what its automations read, and the services that they send to.

use super::{Slice, Target, custom};
use crate::emit::text::crates::{Crate, events_line};
use crate::model::{Model, Service, Trigger};
use crate::output::generated_from;
use std::collections::BTreeSet;

pub(super) fn manifest(model: &Model, service: &Service, types: Vec<String>) -> Crate {
    let name = service.name.kebab();
    let automations = || service.automations.values();
    let mut dependencies: BTreeSet<String> = types.into_iter().collect();
    dependencies.insert("scaffold-runtime = { workspace = true }".to_owned());
    let results = automations().filter_map(|automation| automation.result.as_ref()).map(|_| &service.name);
    let followed = automations().map(|automation| &model.followed(&automation.follows, service).name);
    dependencies.extend(followed.chain(results).map(|of| events_line(service, of)));
    if automations().any(|automation| automation.trigger != Trigger::Events) {
        dependencies.insert(format!("{name}-projections = {{ path = \"../projections\" }}"));
    }
    if custom(service).next().is_some() {
        dependencies.insert(format!("{name}-effects = {{ path = \"../../../services/{name}/effects\" }}"));
    }
    let sent = automations().filter_map(|automation| Slice::new(model, service, automation).target);
    for Target { command, service: target, .. } in sent {
        let declared = command.fields.iter().flat_map(|field| service.types.services_in(&field.ty));
        let declared = declared.filter(|of| !service.types.is_shared(of) || **of == service.name);
        dependencies.extend(declared.map(|of| events_line(service, of)));
        let target = target.name.kebab();
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
