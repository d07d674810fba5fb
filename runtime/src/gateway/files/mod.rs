//! Files as the API shows them, with links by which they are loaded.

mod load;
mod place;
mod routes;
mod upload;

use std::time::Duration;

use async_graphql::{Context, Error, ID, Object};

use super::Int;
use super::context::tenant;
use super::errors::error;
use crate::auth::LinkKeys;
use crate::error::status;
use crate::event::Tenant;
use crate::value::DateTime;
use crate::wire;

pub(crate) use routes::file_routes;

/// A file of a service.
#[derive(Clone, Debug)]
pub struct File {
    service: &'static str,
    file: wire::File,
}

impl File {
    /// A file that this service keeps.
    #[must_use]
    pub fn new(service: &'static str, file: wire::File) -> Self {
        Self { service, file }
    }
}

/// A stored file.
#[Object]
impl File {
    /// What it is named by in mutations.
    async fn id(&self) -> ID {
        ID(self.file.id.clone())
    }

    /// As the uploader named it.
    async fn name(&self) -> &str {
        &self.file.name
    }

    /// Its media type, as `image/png`.
    async fn content_type(&self) -> &str {
        &self.file.content_type
    }

    /// The same as `contentType`.
    async fn mime_type(&self) -> &str {
        &self.file.content_type
    }

    /// In bytes.
    async fn size(&self) -> Int {
        Int(self.file.size)
    }

    /// Where it can be loaded, without a token and for a short time; relative to the address of the API.
    async fn url(&self, ctx: &Context<'_>) -> Result<String, Error> {
        ctx.data::<FileLinks>()?.to(self.service, &tenant(ctx)?, &self.file.id)
    }
}

/// Makes links to files. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct FileLinks {
    keys: LinkKeys,
    valid: Duration,
}

impl FileLinks {
    /// Links that lead to a file for this long at most, and half as long at least.
    pub(crate) fn new(keys: LinkKeys, valid: Duration) -> Self {
        Self { keys, valid }
    }

    fn to(&self, service: &str, tenant: &Tenant, id: &str) -> Result<String, Error> {
        // It stays the same for a while, so that who sees it again need not load the file again.
        let half = i64::try_from(self.valid.as_secs() / 2).unwrap_or(i64::MAX).max(1);
        let now = DateTime::now().millis() / 1000;
        let expires = (now / half).saturating_add(2).saturating_mul(half);
        let signed = self.keys.sign(service, tenant, id, expires).map_err(|cause| error(status::internal(cause)))?;
        Ok(format!("/v1/{service}/files/{id}?link={signed}"))
    }
}
