//! Where the bytes are: an object for each file, in a folder. The one place that knows the library of object stores.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMultipartOptions, WriteMultipart};
use tonic::codegen::Bytes;

use crate::event::Tenant;

/// How many bytes are written at once.
const PART: usize = 256 * 1024;
/// How many parts of an upload are on their way at the same time.
const AT_ONCE: usize = 2;

/// The object store fails.
#[derive(Debug, thiserror::Error)]
#[error("the object store failed: {0}")]
pub(super) struct ObjectError(#[from] object_store::Error);

/// Bytes as they come out of the store.
pub(super) type ByteStream = futures_util::stream::BoxStream<'static, Result<Bytes, ObjectError>>;

/// The objects of a service. Cheap to clone.
#[derive(Clone)]
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// What the name of every object of the service begins with.
    service: &'static str,
    folder: Arc<std::path::Path>,
}

impl Objects {
    /// Opens what `FILES_URL` says: `file:<folder>`, which is made if it is not there.
    ///
    /// # Errors
    /// A sentence for the one who configures.
    pub(super) fn open(url: &str, service: &'static str) -> Result<Self, String> {
        let Some(folder) = url.strip_prefix("file:") else {
            let scheme = url.split_once(':').map_or("…", |(scheme, _)| scheme);
            return Err(format!("`{scheme}:` is not known; `file:<folder>` keeps files in a folder"));
        };
        // `file:///srv/files` is widely written for an absolute path.
        let folder = PathBuf::from(folder.strip_prefix("//").unwrap_or(folder));
        if folder.as_os_str().is_empty() {
            return Err("the folder is missing".to_owned());
        }
        let failed = |problem: String| format!("{}: {problem}", folder.display());
        std::fs::create_dir_all(&folder).map_err(|error| failed(error.to_string()))?;
        let folder = folder.canonicalize().map_err(|error| failed(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| failed(error.to_string()))?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), service, folder: folder.into() })
    }

    /// Begins a new object, which nobody sees before it is finished.
    pub(super) async fn begin(&self, tenant: &Tenant, id: &str) -> Result<NewObject, ObjectError> {
        let upload = self.store.put_multipart_opts(&self.name(tenant, id), PutMultipartOptions::default()).await?;
        Ok(NewObject(WriteMultipart::new_with_chunk_size(upload, PART)))
    }

    /// The bytes of an object between two places.
    pub(super) async fn read(&self, tenant: &Tenant, id: &str, from: u64, to: u64) -> Result<ByteStream, ObjectError> {
        let options = GetOptions::new().with_range(Some(GetRange::Bounded(from..to)));
        let found = self.store.get_opts(&self.name(tenant, id), options).await?;
        Ok(found.into_stream().map_err(ObjectError::from).boxed())
    }

    /// Removes an object, or what a process that died has left of one. Nothing happens if there is none.
    pub(super) async fn remove(&self, tenant: &Tenant, id: &str) -> Result<(), ObjectError> {
        let name = self.name(tenant, id);
        // The library writes a file under this name before it has its own; as ids are never used twice there is but one.
        let unfinished = self.folder.join(format!("{name}#1"));
        let _ = tokio::fs::remove_file(unfinished).await;
        match self.store.delete(&name).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What an object is called: made of what we made ourselves, and of what a tenant is called only by its digest.
    fn name(&self, tenant: &Tenant, id: &str) -> Path {
        let tenant = crate::auth::digest(tenant.as_str());
        // The last digits of an id are random: no folder has too many files.
        let shelf = id.get(id.len().saturating_sub(2)..).unwrap_or_default();
        Path::from_iter([self.service, &tenant, shelf, id])
    }
}

/// An object that is being written. What is not finished is gone when it is dropped.
pub(super) struct NewObject(WriteMultipart);

impl NewObject {
    /// Writes bytes behind the others, when there is room for them.
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), ObjectError> {
        self.0.wait_for_capacity(AT_ONCE).await?;
        self.0.put(bytes);
        Ok(())
    }

    /// Lets everybody see it, when it is all on the disk.
    pub(super) async fn finish(self) -> Result<(), ObjectError> {
        self.0.finish().await?;
        Ok(())
    }

    /// Leaves nothing of it.
    pub(super) async fn abort(self) {
        if let Err(error) = self.0.abort().await {
            tracing::warn!(%error, "what came of a cut upload could not be removed");
        }
    }
}
