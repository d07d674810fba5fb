//! What a generated server calls: one method for each kind of operation.
//!
//! Permissions are checked here, whatever the gateway has checked before. Every answer that fails is
//! a gRPC status with a code; what went wrong inside is logged and never told.

mod answer;
mod command;
mod failure;
#[cfg(feature = "files")]
mod files;
mod guard;
mod hidden;
mod mutation;
mod reading;
mod rows;
mod subscription;
mod waiting;

use std::sync::{Arc, OnceLock};

use tonic::{Request, Status};

use crate::auth::{Call, Verifier};
use crate::automation::Peers;
use crate::broadcast::Broadcasts;
use crate::crud::Queue;
use crate::database::{Database, Databases};
use crate::entry::EntryKind;
#[cfg(feature = "erasure")]
use crate::erasure::Erasure;
use crate::error::status;
use crate::event::Tenant;
use crate::projection::{Engines, Lag, Live};
use crate::store::StoreError;

#[cfg(feature = "files")]
pub(crate) use failure::store as failed;

pub use answer::{Entries, Found, Get, Page, Wait};
pub use hidden::Hidden;

/// A running service, as its generated server sees it. Cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    name: &'static str,
    databases: Databases,
    verifier: Arc<Verifier>,
    engines: Engines,
    peers: OnceLock<Peers>,
    queue: Queue,
    #[cfg(feature = "files")]
    files: OnceLock<crate::files::Files>,
}

impl Service {
    /// A service on its databases, with its projections running.
    #[must_use]
    pub fn new(databases: Databases, verifier: Arc<Verifier>, engines: Engines, name: &'static str) -> Self {
        Self(Arc::new(Inner {
            name,
            databases,
            verifier,
            engines,
            peers: OnceLock::new(),
            queue: Queue::default(),
            #[cfg(feature = "files")]
            files: OnceLock::new(),
        }))
    }

    /// Says how its automations reach other services; later ones change nothing.
    pub(crate) fn meet(&self, peers: Peers) {
        let _ = self.0.peers.set(peers);
    }

    /// How its automations reach other services; none where it runs by itself, as in tests.
    pub(crate) fn peers(&self) -> Option<&Peers> {
        self.0.peers.get()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Its running projections.
    #[must_use]
    pub fn engines(&self) -> &Engines {
        &self.0.engines
    }

    /// What erases subjects; none if nothing in the service's own events is personal.
    #[cfg(feature = "erasure")]
    #[must_use]
    pub fn erasure(&self) -> Option<&Erasure> {
        self.peers()?.erasure()
    }

    /// Messages of a tenant that are not stored.
    ///
    /// # Errors
    /// If the tenant has no database.
    pub fn broadcasts(&self, tenant: &Tenant) -> Result<&Arc<dyn Broadcasts>, StoreError> {
        self.0.databases.for_tenant(tenant).map(Database::broadcasts)
    }

    /// Finds out who calls, and takes the message out of the request.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for an invalid token, or with neither token nor tenant.
    pub async fn open<T>(&self, request: Request<T>) -> Result<(Call, T), Status> {
        let call = Call::from_request(&self.0.verifier, &request).await?;
        if !call.caller.is_signed_in() && call.caller.tenant.as_str().is_empty() {
            return Err(status::unauthenticated("a token is needed, or a tenant for what is public"));
        }
        Ok((call, request.into_inner()))
    }

    fn database(&self, call: &Call) -> Result<&Database, Status> {
        self.0.databases.for_tenant(&call.caller.tenant).map_err(failure::store)
    }

    /// The projection of these entries for the caller's tenant, once it serves.
    fn live(&self, call: &Call, kind: &EntryKind) -> Result<&Live, Status> {
        let live = self.running(call, kind)?;
        live.check().map_err(failure::lag)?;
        Ok(live)
    }

    /// The same for whoever writes: entries that break a unique constraint can be changed, or they would for ever.
    fn live_to_write(&self, call: &Call, kind: &EntryKind) -> Result<&Live, Status> {
        let live = self.running(call, kind)?;
        match live.check() {
            Ok(()) | Err(Lag::Violated { .. }) => Ok(live),
            Err(lag) => Err(failure::lag(lag)),
        }
    }

    fn running(&self, call: &Call, kind: &EntryKind) -> Result<&Live, Status> {
        let live = self.0.engines.live_of(kind.id, &call.caller.tenant).map_err(failure::store)?;
        live.ok_or_else(|| status::internal(format!("{} has no projection running", kind.table.entry)))
    }
}
