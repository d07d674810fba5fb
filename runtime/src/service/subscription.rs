//! Live subscriptions of a caller.

use futures_util::stream::{self, Stream, StreamExt};
use tonic::Status;

use super::{Hidden, Service, failure};
use crate::auth::{Call, passed};
use crate::change::{Change, Wanted, changes};
use crate::entry::Entry;
use crate::error::status;
use crate::query::{Filter, check_filter};
use crate::value::DateTime;

impl Service {
    /// The changes of one entry, or of all that a filter means, from now on. The stream ends when
    /// the caller's token does.
    ///
    /// # Errors
    /// `VALIDATION` for a filter that cannot be asked; `UNAVAILABLE` while the projection is built.
    /// Inside the stream: `UNAVAILABLE` when the subscriber falls too far behind, `UNAUTHENTICATED`
    /// when the token has expired.
    pub async fn watch<E: Entry>(
        &self,
        call: &Call,
        id: Option<String>,
        filter: Filter,
    ) -> Result<impl Stream<Item = Result<Change<E>, Status>> + Send + 'static + use<E>, Status> {
        let id = id.filter(|id| !id.is_empty());
        let access = if id.is_some() { E::ACCESS.read_by_id } else { E::ACCESS.read };
        access.check(&call.caller).map_err(status::denied)?;
        Hidden::of::<E>(call, id.is_some()).refuse(&E::TABLE, &[&filter], &[])?;
        check_filter(&E::TABLE, &filter)?;
        let live = self.live::<E>(call)?.clone();
        let after = live.readiness().progress.last_change;
        let wanted = Wanted { tenant: call.caller.tenant.clone(), id, filter, after };
        let found = changes::<E>(live, wanted).map(|change| change.map_err(failure::watch));
        Ok(until(found, call.expires))
    }
}

/// The stream until the token's end, which is told as an error.
fn until<E: Entry>(
    found: impl Stream<Item = Result<Change<E>, Status>> + Send + 'static,
    expires: Option<DateTime>,
) -> impl Stream<Item = Result<Change<E>, Status>> + Send + 'static {
    let state = Some(Box::pin(found));
    stream::unfold(state, move |state| async move {
        let mut found = state?;
        let next = match expires {
            None => found.next().await,
            Some(at) => tokio::select! {
                biased;
                () = passed(at) => return Some((Err(status::unauthenticated("the token has expired")), None)),
                next = found.next() => next,
            },
        };
        next.map(|next| (next, Some(found)))
    })
}
