//! A service as generated code defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tonic::service::Routes;

use crate::automation::{Keeping, OnEvents, OnView, Reacting};
use crate::consumer::Consumer;
use crate::deletion::Topic;
#[cfg(feature = "erasure")]
use crate::erasure::PersonalEvent;
use crate::event::{EventSet, Renamed};
use crate::projection::{Projection, Registry};
use crate::service::Service;

/// Makes a consumer for the service that runs.
type MakeConsumer = Arc<dyn Fn(&Service) -> Arc<dyn Consumer> + Send + Sync>;

/// A service: its projections, its consumers, its gRPC routes, and their descriptors.
#[derive(Clone)]
pub struct ServiceDefinition {
    pub(super) name: &'static str,
    pub(super) projections: Registry,
    pub(super) consumers: Vec<MakeConsumer>,
    /// What starts its automations over views.
    pub(super) views: Vec<fn(&Service) -> Vec<Keeping>>,
    pub(super) routes: Vec<fn(Service) -> Routes>,
    pub(super) descriptors: Vec<&'static [u8]>,
    /// The services that its automations send commands to.
    pub(super) targets: BTreeSet<&'static str>,
    /// The services whose events it reads, and which of those had other names before.
    pub(super) sources: BTreeMap<&'static str, &'static [Renamed]>,
    /// Those of its own events that had other names before.
    pub(super) renamed: &'static [Renamed],
    /// What is personal in its own events.
    #[cfg(feature = "erasure")]
    pub(super) personal: &'static [PersonalEvent],
    /// Whether it keeps files.
    #[cfg(feature = "files")]
    pub(super) files: bool,
    /// Topics whose events go after they were consumed.
    pub(super) topics: Vec<Topic>,
}

impl ServiceDefinition {
    /// A service of this name that keeps and serves nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            projections: Registry::new(name),
            consumers: Vec::new(),
            views: Vec::new(),
            routes: Vec::new(),
            descriptors: Vec::new(),
            targets: BTreeSet::new(),
            sources: BTreeMap::new(),
            renamed: &[],
            #[cfg(feature = "erasure")]
            personal: &[],
            #[cfg(feature = "files")]
            files: false,
            topics: Vec::new(),
        }
    }

    /// Has events that had other names before, as `E` says: they stay stored under the oldest one.
    #[must_use]
    pub fn renamed<E: EventSet>(self) -> Self {
        Self { renamed: E::RENAMED, ..self }
    }

    /// Has personal fields in its own events, as `E` says: they are stored sealed, and can be erased. Needs a master key, see
    /// `docs/reference/erasure.md`.
    #[cfg(feature = "erasure")]
    #[must_use]
    pub fn personal<E: EventSet>(self) -> Self {
        Self { personal: E::PERSONAL, ..self }
    }

    /// Keeps files, which are uploaded to it and named in what its callers send.
    #[cfg(feature = "files")]
    #[must_use]
    pub fn files(self) -> Self {
        Self { files: true, ..self }
    }

    /// Keeps a projection or CRUD type.
    #[must_use]
    pub fn projection<P: Projection>(mut self) -> Self {
        self = self.reads_from::<P::Event>(P::FROM);
        Self { projections: self.projections.add::<P>(), ..self }
    }

    /// Runs a consumer group, made when the service starts. Of several processes one works for it at a time. If it is another
    /// service's events that concern it, [`ServiceDefinition::reads`] has to name that one.
    #[must_use]
    pub fn consumer(mut self, make: impl Fn(&Service) -> Arc<dyn Consumer> + Send + Sync + 'static) -> Self {
        self.consumers.push(Arc::new(make));
        self
    }

    /// Reads another service's events.
    #[must_use]
    pub fn reads(mut self, service: &'static str) -> Self {
        self.sources.entry(service).or_default();
        self
    }

    /// The same, if the other service's events are those of `E`: it may have renamed some of them, and be of before that or of
    /// after it.
    #[must_use]
    pub fn reads_events<E: EventSet>(self, service: &'static str) -> Self {
        self.reads_from::<E>(Some(service))
    }

    fn reads_from<E: EventSet>(mut self, source: Option<&'static str>) -> Self {
        if let Some(service) = source {
            let renamed = self.sources.entry(service).or_default();
            if renamed.is_empty() {
                *renamed = E::RENAMED;
            }
        }
        self
    }

    /// Deletes the events of a topic after its consumer groups have had them.
    #[must_use]
    pub fn deletes(mut self, topic: Topic) -> Self {
        self.topics.push(topic);
        self
    }

    /// Does by itself what an automation says, when its events happen.
    #[must_use]
    pub fn on_events<A: OnEvents>(mut self) -> Self {
        self.targets.extend(A::TARGET.map(|target| target.service));
        self.reads_from::<A::Event>(A::FROM).consumer(|service| Arc::new(Reacting::<A>::new(service.peers().cloned())))
    }

    /// Does by itself what an automation says, for the entries that a view holds. The view is one of the service's projections.
    #[must_use]
    pub fn on_view<A: OnView>(mut self) -> Self {
        self.targets.extend(A::TARGET.map(|target| target.service));
        self.views.push(Keeping::start_all::<A>);
        self
    }

    /// Serves gRPC routes, given what they call.
    #[must_use]
    pub fn routes(mut self, routes: fn(Service) -> Routes) -> Self {
        self.routes.push(routes);
        self
    }

    /// The encoded `FileDescriptorSet` of its proto, for reflection and health.
    #[must_use]
    pub fn descriptors(mut self, bytes: &'static [u8]) -> Self {
        self.descriptors.push(bytes);
        self
    }
}
