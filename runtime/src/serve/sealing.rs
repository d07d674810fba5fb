//! A service's database, its personal fields sealed.

use super::config::Config;
use super::definition::ServiceDefinition;
use crate::database::Database;
use crate::erasure::{Erasure, Keys, Vault};
use crate::error::Error;
use crate::store::StoreError;

/// Opens the keys of a service whose events have personal fields; the database then seals and opens them.
///
/// # Errors
/// [`Error::Config`] without a master key; [`Error::Start`] if the key store cannot be opened or is not that of these events.
pub(super) async fn open(
    definition: &ServiceDefinition,
    config: &Config,
    database: Database,
    are_lost: bool,
) -> Result<(Database, Option<Erasure>), Error> {
    let service = definition.name;
    if definition.personal.is_empty() {
        return Ok((database, None));
    }
    let url = config.databases.get(service).map(String::as_str).unwrap_or_default();
    let masters = config.keys.masters(service, url)?;
    let place = config.keys.place(service, url)?;
    let failed = |cause: StoreError| Error::Start { service, cause: cause.into() };
    let store = database.keys(place, service).await.map_err(failed)?;
    let vault = Vault::new(definition.personal, Keys::open(store, masters).await.map_err(failed)?);
    vault.check(&**database.events(), are_lost).await.map_err(failed)?;
    let erasure = Erasure::new(service, database.events().clone(), vault.clone());
    Ok((database.sealed(vault), Some(erasure)))
}
