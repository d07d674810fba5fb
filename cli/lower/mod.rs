//! Raw documents → model: names looked up, types resolved, expressions typed, examples read by the declared types.
//!
//! What is wrong is reported and left out, so that one cause gives one diagnostic; the model of a run with errors is not
//! whole and goes no further than `check`.

mod automation;
mod command;
mod context;
mod crud;
mod decimal;
mod declared;
mod directive;
mod entry;
mod event;
mod expression;
mod fields;
mod generate;
mod instant;
mod names;
mod permission;
mod projection;
mod rows;
mod schema;
mod service;
mod services;
mod snapshots;
mod spec;
mod topic;
mod types;
mod unique;
mod value;
mod writing;

pub(crate) use directive::sdl as directives_sdl;
pub(crate) use expression::type_name;

use crate::diagnostic::Sink;
use crate::model::{Model, Project, RuntimeSource, ServiceName};
use crate::source::{Raw, RawProject, RawRuntime};
use services::Neighbours;

/// The model of everything that was read. Problems go into the sink.
pub fn lower(raw: &Raw, sink: &mut Sink) -> Model {
    let mut model = Model { project: lower_project(&raw.project), ..Model::default() };
    let begin = |(index, service)| (service, Neighbours::of(&raw.services, index));
    let begun = raw.services.iter().enumerate().map(begin);
    let mut begun: Vec<_> = begun.map(|(service, others)| service::begin(service, others, sink)).collect();
    // Any field may have a type of another service, so the types of all come first; projections and automations may follow any
    // service, so the events of all come next.
    service::introduce_types(&mut begun);
    begun.iter_mut().for_each(|begun| begun.lower_events(sink));
    service::introduce_events(&mut begun);
    let mut contexts = Vec::new();
    for begun in begun {
        let (service, context, mut lowered) = service::finish(begun, sink);
        lowered.paths = raw.sources.iter().map(|(file, source)| (file, source.path.clone())).collect();
        model.services.insert(service.name.clone(), lowered);
        contexts.push((service, context));
    }
    // An automation may send a command of any service, so all of them come first.
    for (service, context) in contexts {
        automation::lower_automations(service, &context, &mut model, sink);
    }
    model.share_types();
    topic::lower_topics(&raw.project, &mut model, sink);
    snapshots::lower_snapshots(&raw.project, &mut model, sink);
    model
}

fn lower_project(raw: &RawProject) -> Project {
    let runtime = match &raw.runtime {
        RawRuntime::Vendored => RuntimeSource::Vendored,
        RawRuntime::Path(path) => RuntimeSource::Path(path.value.clone()),
        RawRuntime::Version(version) => RuntimeSource::Version(version.value.clone()),
    };
    Project {
        name: ServiceName::new(raw.name.as_ref().map_or("", |name| &name.value)),
        runtime,
        env: raw.env.iter().map(|(name, value)| (name.value.clone(), value.value.clone())).collect(),
    }
}
