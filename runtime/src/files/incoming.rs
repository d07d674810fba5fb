//! A file on its way in: counted, looked at, and either all there or not there at all.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tonic::Status;
use tonic::codegen::Bytes;

use super::File;
use super::media::{TELLING, media_type, settled};
use super::name::shown;
use super::objects::NewObject;
use super::stored::{Files, broken, invalid};
use crate::caller::Caller;
use crate::error::status;
use crate::event::Tenant;
use crate::service;
use crate::wire;

/// How long the next piece may keep everybody waiting.
const PAUSE: Duration = Duration::from_secs(30);
/// How long an upload may take.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A file of which not all is there yet.
pub(super) struct Incoming {
    files: Files,
    tenant: Tenant,
    file: File,
    object: NewObject,
    said: Said,
    /// The first bytes, which say what it is.
    begin: Vec<u8>,
    size: u64,
}

/// What was said of a file before it came.
pub(super) struct Said {
    /// Its media type.
    pub(super) media_type: Option<String>,
    /// How many bytes it has.
    pub(super) size: Option<u64>,
    /// Leave to come, given back when it has.
    pub(super) permit: OwnedSemaphorePermit,
}

impl Files {
    /// Begins to take a file in, for a user.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` and `FORBIDDEN` for whoever is no user, `VALIDATION` for what cannot be taken, `UNAVAILABLE` when there
    /// are too many at once.
    pub(super) async fn begin(&self, caller: &Caller, new: wire::NewFile) -> Result<Incoming, Status> {
        let owner = uploader(caller)?;
        let media_type = media_type(&new.content_type).map_err(|problem| invalid("contentType", problem))?;
        if let Some(size) = new.size.filter(|size| *size > self.settings().max_bytes) {
            return Err(self.too_large(Some(size)));
        }
        let permit = Arc::clone(self.uploads()).try_acquire_owned();
        let permit = permit.map_err(|_| status::unavailable("too many files are being uploaded at the moment"))?;
        let (tenant, id) = (caller.tenant.clone(), uuid::Uuid::now_v7().to_string());
        let file = File { id, name: shown(&new.name), ..File::default() };
        let rows = self.rows(&tenant).map_err(service::failed)?;
        rows.begin(&tenant, &file.id, &file.name, owner).await.map_err(service::failed)?;
        match self.objects().begin(&tenant, &file.id).await {
            Ok(object) => {
                let said = Said { media_type, size: new.size, permit };
                Ok(Incoming::new(self.clone(), (tenant, file), object, said))
            }
            Err(error) => {
                self.forget(&tenant, &file.id).await;
                Err(broken(&error))
            }
        }
    }
}

/// Who owns what the caller uploads.
fn uploader(caller: &Caller) -> Result<&str, Status> {
    match &caller.user_id {
        Some(user) => Ok(user),
        None if caller.is_signed_in() => Err(status::forbidden("files are uploaded by users: the token names none")),
        None => Err(status::unauthenticated("a token is needed to upload a file")),
    }
}

impl Incoming {
    pub(super) fn new(files: Files, (tenant, file): (Tenant, File), object: NewObject, said: Said) -> Self {
        Self { files, tenant, file, object, said, begin: Vec::new(), size: 0 }
    }

    /// Takes all pieces. When one fails to come, or is not what it should be, nothing remains of the file.
    ///
    /// # Errors
    /// What came instead of a piece, `VALIDATION` for a file that cannot be taken, `INTERNAL` if it cannot be stored.
    pub(super) async fn receive(mut self, pieces: impl Stream<Item = Result<Bytes, Status>>) -> Result<File, Status> {
        let came = timeout(LONGEST, self.take(pieces)).await;
        match came.unwrap_or_else(|_| Err(status::validation("the upload took too long"))) {
            Ok(()) => self.finish().await,
            Err(problem) => {
                self.object.abort().await;
                self.files.forget(&self.tenant, &self.file.id).await;
                Err(problem)
            }
        }
    }

    async fn take(&mut self, pieces: impl Stream<Item = Result<Bytes, Status>>) -> Result<(), Status> {
        tokio::pin!(pieces);
        let late = |_| status::validation("nothing more came of the file");
        while let Some(bytes) = timeout(PAUSE, pieces.next()).await.map_err(late)? {
            self.write(bytes?).await?;
        }
        if self.size == 0 {
            return Err(status::validation("the file has no bytes"));
        }
        if self.said.size.is_some_and(|size| size != self.size) {
            return Err(status::validation("the file has another size than was announced"));
        }
        self.look()
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Status> {
        self.size += bytes.len() as u64;
        if self.size > self.files.settings().max_bytes {
            return Err(self.files.too_large(None));
        }
        if self.begin.len() < TELLING {
            let missing = TELLING - self.begin.len();
            self.begin.extend_from_slice(&bytes[..bytes.len().min(missing)]);
            if self.begin.len() == TELLING {
                self.look()?;
            }
        }
        self.object.write(bytes).await.map_err(|error| broken(&error))
    }

    /// Settles what it is, by what it begins with.
    fn look(&mut self) -> Result<(), Status> {
        let settled =
            settled(self.said.media_type.clone(), &self.begin).map_err(|problem| invalid("contentType", problem))?;
        let accepted = &self.files.settings().accepted;
        if !accepted.takes(&settled) {
            return Err(invalid("contentType", format!("{settled} is not taken here; {accepted} is")));
        }
        self.file.content_type = settled;
        Ok(())
    }

    async fn finish(self) -> Result<File, Status> {
        let Self { files, tenant, mut file, object, size, said, .. } = self;
        if let Err(error) = object.finish().await {
            files.forget(&tenant, &file.id).await;
            return Err(broken(&error));
        }
        file.size = i64::try_from(size).unwrap_or(i64::MAX);
        // If this fails nobody knows of the bytes, and they are removed with the unused ones.
        let rows = files.rows(&tenant).map_err(service::failed)?;
        let is_wanted = rows.finish(&tenant, &file).await.map_err(service::failed)?;
        drop(said.permit);
        if is_wanted {
            return Ok(file);
        }
        files.objects().remove(&tenant, &file.id).await.map_err(|error| broken(&error))?;
        Err(status::unavailable("the upload took too long"))
    }
}
