//! Whether everything that a process needs is there, and what is still missing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join, join_all};
use serde::Serialize;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::event::Position;
use crate::projection::{self, Shared};
use crate::rpc::Channel;

const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Something that is not ready, as `/ready` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Lag {
    /// The service it belongs to.
    pub(crate) service: String,
    /// The projection that has not caught up, or nothing when the whole service is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) projection: Option<String>,
    /// How far it is, or what is wrong.
    pub(crate) state: String,
    /// The service whose events the projection follows, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Why that one cannot be reached, if it cannot.
    #[serde(rename = "sourceError", skip_serializing_if = "Option::is_none")]
    pub(crate) source_error: Option<String>,
    /// Entries that break a unique constraint, if that is what it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) violations: Vec<Shared>,
    /// The same in numbers, where it is only a matter of time.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Numbers>,
}

/// How far a projection is that is being built.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Numbers {
    percent: u64,
    position: Position,
    target: Position,
    events_per_second: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<u64>,
}

impl Lag {
    /// What keeps a whole service from serving.
    pub(super) fn of_service(service: &str, state: String) -> Self {
        let service = service.to_owned();
        Self {
            service,
            projection: None,
            state,
            source: None,
            source_error: None,
            violations: Vec::new(),
            progress: None,
        }
    }

    /// What keeps a projection from serving.
    pub(super) fn of(service: &str, readiness: &projection::Readiness) -> Self {
        let projection::Readiness { entry, progress, source, trouble } = readiness;
        let numbers = || Numbers {
            percent: progress.percent(),
            position: progress.applied,
            target: progress.target,
            events_per_second: progress.speed(),
            seconds_left: progress.left().map(|left| left.as_secs()),
        };
        Self {
            service: service.to_owned(),
            projection: Some((*entry).to_owned()),
            state: readiness.lag().map(|lag| lag.to_string()).unwrap_or_default(),
            violations: if progress.is_built() { progress.uniqueness.broken() } else { Vec::new() },
            source: source.map(str::to_owned),
            source_error: trouble.clone(),
            progress: (progress.started && progress.stopped.is_none()).then(numbers),
        }
    }
}

/// Says what a service of this process still lacks.
pub(crate) type Probe = Arc<dyn Fn() -> BoxFuture<'static, Vec<Lag>> + Send + Sync>;

/// What a process waits for before it is ready. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Readiness {
    probes: Arc<[Probe]>,
    services: Arc<[(String, Channel)]>,
}

impl Readiness {
    /// Ready when the services of this process are.
    pub(crate) fn of_services(probes: Vec<Probe>) -> Self {
        Self { probes: probes.into(), ..Self::default() }
    }

    /// Ready when the services elsewhere say they are.
    pub(crate) fn of_channels(services: Vec<(String, Channel)>) -> Self {
        Self { services: services.into(), ..Self::default() }
    }

    /// What is missing; nothing when all is ready.
    pub(crate) async fn lagging(&self) -> Vec<Lag> {
        let here = join_all(self.probes.iter().map(|probe| probe()));
        let elsewhere = join_all(self.services.iter().map(|(name, channel)| ask(name, channel.clone())));
        let (here, elsewhere) = join(here, elsewhere).await;
        here.into_iter().flatten().chain(elsewhere.into_iter().flatten()).collect()
    }
}

async fn ask(service: &str, channel: Channel) -> Option<Lag> {
    let mut client = HealthClient::new(channel);
    let check = client.check(HealthCheckRequest::default());
    let state = match tokio::time::timeout(ANSWER_WITHIN, check).await {
        Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => return None,
        Ok(Ok(_)) => "it is not ready".to_owned(),
        Ok(Err(status)) => format!("it cannot be reached ({:?})", status.code()),
        Err(_) => "it does not answer".to_owned(),
    };
    Some(Lag::of_service(service, state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Tenant;
    use crate::projection::{Progress, Uniqueness};

    #[test]
    fn who_breaks_a_constraint_is_named() {
        let entries = vec!["s1".to_owned(), "s2".to_owned()];
        let shared = Shared { constraint: "student_email", tenant: Tenant::new("t1"), entries };
        let uniqueness = Uniqueness::Broken(Arc::from([shared]));
        let progress = Progress { started: true, uniqueness, ..Progress::default() };
        let readiness = projection::Readiness { entry: "Student", progress, source: None, trouble: None };
        let shown = serde_json::to_value(Lag::of("school", &readiness)).unwrap_or_default();
        assert_eq!(shown["state"], "Student is not ready: its entries break the unique constraint 'student_email'");
        let violation = serde_json::json!({ "constraint": "student_email", "tenant": "t1", "entries": ["s1", "s2"] });
        assert_eq!(shown["violations"], serde_json::json!([violation]));
    }
}
