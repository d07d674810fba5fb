//! The files of a running service: taken in, given out, and looked up for those who name them.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tonic::Status;
use tonic::codegen::Bytes;

use super::media::Accepted;
use super::objects::{ByteStream, ObjectError, Objects};
use super::table::{Owned, Rows};
use super::{File, FilesFound, TakesFiles};
use crate::auth::LinkKeys;
use crate::caller::Caller;
use crate::database::Databases;
use crate::error::status;
use crate::event::Tenant;
use crate::query::Invalid;
use crate::service;
use crate::store::StoreError;
use crate::wire;

/// How many files one input may name.
const MOST_IN_AN_INPUT: usize = 1000;
/// How many uploads a service takes at once.
const UPLOADS: usize = 64;

/// What the environment says about files.
#[derive(Clone, Debug)]
pub(crate) struct FilesSettings {
    /// Where they are kept; without it in a folder beside the database, if that is a file.
    pub(crate) url: Option<String>,
    /// The largest one, in bytes.
    pub(crate) max_bytes: u64,
    /// What they may be.
    pub(crate) accepted: Accepted,
}

/// The files of a service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Files(Arc<Inner>);

struct Inner {
    service: &'static str,
    databases: Databases,
    objects: Objects,
    settings: FilesSettings,
    links: LinkKeys,
    uploads: Arc<Semaphore>,
}

impl Files {
    /// Opens them. The database's address says where they are, if nothing else does.
    ///
    /// # Errors
    /// A sentence for the one who configures.
    pub(crate) fn open(
        (service, database): (&'static str, &str),
        databases: Databases,
        settings: FilesSettings,
        links: LinkKeys,
    ) -> Result<Self, String> {
        let url = settings.url.clone().or_else(|| beside(database)).ok_or_else(|| {
            format!("FILES_URL: is not set; it says where the files of `{service}` are kept: `file:<folder>`")
        })?;
        let objects = Objects::open(&url, service).map_err(|problem| format!("FILES_URL: {problem}"))?;
        let uploads = Arc::new(Semaphore::new(UPLOADS));
        Ok(Self(Arc::new(Inner { service, databases, objects, settings, links, uploads })))
    }

    pub(super) fn databases(&self) -> &Databases {
        &self.0.databases
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub(super) fn settings(&self) -> &FilesSettings {
        &self.0.settings
    }

    /// Where a tenant's files are known.
    pub(super) fn rows(&self, tenant: &Tenant) -> Result<Rows, StoreError> {
        Ok(Rows::new(self.0.databases.for_tenant(tenant)?.groups()))
    }

    /// Leave to upload, for so many at once.
    pub(super) fn uploads(&self) -> &Arc<Semaphore> {
        &self.0.uploads
    }

    /// Forgets a file that never came to be. What remains is removed with the unused ones.
    pub(super) async fn forget(&self, tenant: &Tenant, id: &str) {
        let forgotten = match self.rows(tenant) {
            Ok(rows) => rows.forget(tenant, id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = forgotten {
            tracing::warn!(%error, "a file that never came to be is forgotten later");
        }
    }

    pub(super) fn too_large(&self, size: Option<u64>) -> Status {
        let most = self.0.settings.max_bytes;
        let size = size.map_or_else(String::new, |size| format!("{size} bytes are too many: "));
        status::too_large(format!("{size}a file may have at most {most} bytes"))
    }

    /// A file that is asked for, and whose it is: by its owner, or by whoever has a link.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` with neither token nor link, `FORBIDDEN` for a link that is not valid, `NOT_FOUND` for all that is not the
    /// caller's.
    pub(super) async fn find(&self, caller: &Caller, asked: &wire::DownloadFile) -> Result<(Tenant, File), Status> {
        let (tenant, by_link) = match &asked.link {
            Some(link) => {
                let tenant = self.0.links.tenant_of(link, self.0.service, &asked.id);
                (tenant.ok_or_else(|| status::forbidden("the link is not valid, or no longer"))?, true)
            }
            None if !caller.is_signed_in() => return Err(status::unauthenticated("a token is needed, or a link")),
            None => (caller.tenant.clone(), false),
        };
        let rows = self.rows(&tenant).map_err(service::failed)?;
        let found = rows.find(&tenant, &asked.id).await.map_err(service::failed)?;
        let may = |found: &Owned| by_link || caller.system || caller.user_id.as_ref() == Some(&found.owner);
        let found = found.filter(may).ok_or_else(|| status::not_found("there is no such file"))?;
        Ok((tenant, found.file))
    }

    /// The bytes of a file between two places.
    ///
    /// # Errors
    /// `INTERNAL` if the object store fails.
    pub(super) async fn read(&self, tenant: &Tenant, file: &File, from: u64, to: u64) -> Result<ByteStream, Status> {
        self.0.objects.read(tenant, &file.id, from, to).await.map_err(|error| broken(&error))
    }

    /// The input, with the stored files in the place of those that it names by their ids. From now on nobody takes them for
    /// unused.
    ///
    /// # Errors
    /// `VALIDATION`, which names the fields, where there is no such file that the caller may use.
    pub(crate) async fn resolve<T: TakesFiles>(
        &self,
        caller: &Caller,
        within: &str,
        mut input: T,
    ) -> Result<T, Status> {
        let mut found = FilesFound::within(within);
        input.files(&mut found);
        let named = found.into_found();
        if named.is_empty() {
            return Ok(input);
        }
        if named.len() > MOST_IN_AN_INPUT {
            return Err(status::validation(format!("more than {MOST_IN_AN_INPUT} files are named")));
        }
        // In one order, so that two who name the same ones do not wait for each other.
        let ids: std::collections::BTreeSet<&str> = named.iter().map(|(_, file)| file.id.as_str()).collect();
        let stored = self.touch(caller, ids.into_iter()).await?;
        let mut invalid = Invalid::default();
        for (place, file) in named {
            match stored.iter().find(|stored| stored.id == file.id) {
                Some(stored) => stored.clone_into(file),
                None => invalid.push(place, "there is no such file that the caller has uploaded"),
            }
        }
        invalid.into_result()?;
        Ok(input)
    }

    async fn touch(&self, caller: &Caller, ids: impl Iterator<Item = &str>) -> Result<Vec<File>, Status> {
        let tenant = &caller.tenant;
        // The process itself and other services pass on what somebody has given them.
        let anyones = caller.system || caller.only.is_some();
        let owner = match &caller.user_id {
            _ if anyones => None,
            Some(user) => Some(user.as_str()),
            None => return Ok(Vec::new()),
        };
        let rows = self.rows(tenant).map_err(service::failed)?;
        rows.touch(tenant, ids, owner).await.map_err(service::failed)
    }
}

/// The folder beside a database that is a file: `data/papers.files` beside `data/papers.db`.
fn beside(database: &str) -> Option<String> {
    let path = database.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (path != ":memory:").then(|| format!("file:{}", std::path::Path::new(path).with_extension("files").display()))
}

pub(super) fn invalid(field: &str, problem: impl Into<String>) -> Status {
    Invalid::field(field, problem).into()
}

pub(super) fn broken(error: &ObjectError) -> Status {
    status::internal(error.to_string())
}

/// A piece of a file on its way.
pub(super) fn part(bytes: Bytes) -> wire::FilePart {
    wire::FilePart { message: Some(wire::file_part::Message::Bytes(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_setting_files_are_beside_the_database() {
        for (database, wanted) in [
            ("sqlite:data/papers.db", Some("file:data/papers.files")),
            ("sqlite:///srv/papers.db", Some("file:/srv/papers.files")),
            ("sqlite:papers", Some("file:papers.files")),
            ("sqlite::memory:", None),
            ("postgres://app@host/papers", None),
        ] {
            assert_eq!(beside(database).as_deref(), wanted, "{database}");
        }
    }
}
