//! Files that a call names.

use tonic::Status;

use super::Service;
use crate::auth::Call;
use crate::error::status;
use crate::files::{Files, TakesFiles};

impl Service {
    /// Says where its files are; later ones change nothing.
    pub(crate) fn keep_files(&self, files: Files) {
        let _ = self.0.files.set(files);
    }

    /// The input, with the stored files in the place of those that it names by their ids. `within` is what stands before its
    /// fields in messages: `data`, or nothing.
    ///
    /// # Errors
    /// `VALIDATION`, which names the fields, where there is no such file that the caller has uploaded.
    pub async fn resolve_files<T: TakesFiles>(&self, call: &Call, within: &str, input: T) -> Result<T, Status> {
        let files = self.0.files.get().ok_or_else(|| {
            status::internal(format!("`{}` takes files, but its definition does not say so", self.name()))
        })?;
        files.resolve(&call.caller, within, input).await
    }
}
