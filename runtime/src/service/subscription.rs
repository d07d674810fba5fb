//! Live subscriptions of a caller.

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tonic::Status;

use super::{Hidden, Service, failure};
use crate::auth::{Call, passed};
use crate::change::{Change, Wanted, changed_rows, typed};
use crate::entry::{Entry, EntryKind, Row};
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
        let rows = self.watch_rows(call, EntryKind::of::<E>(), id, filter)?;
        Ok(typed(rows, failure::watch))
    }

    fn watch_rows(
        &self,
        call: &Call,
        kind: EntryKind,
        id: Option<String>,
        filter: Filter,
    ) -> Result<BoxStream<'static, Result<Change<Row>, Status>>, Status> {
        let id = id.filter(|id| !id.is_empty());
        let access = if id.is_some() { kind.access.read_by_id } else { kind.access.read };
        access.check(&call.caller).map_err(status::denied)?;
        Hidden::of(&kind, call, id.is_some()).refuse(&kind.table, &[&filter], &[])?;
        check_filter(&kind.table, &filter)?;
        let seen = self.seen(call, &kind)?;
        let (live, rows) = (seen.live.clone(), seen.rows);
        let after = live.readiness().progress.last_change;
        let wanted = Wanted { tenant: call.caller.tenant.clone(), id, filter, rows, after };
        let found = changed_rows(live, wanted).map(|change| change.map_err(failure::watch));
        Ok(until(found, call.expires).boxed())
    }
}

/// The stream until the token's end, which is told as an error.
fn until(
    found: impl Stream<Item = Result<Change<Row>, Status>> + Send + 'static,
    expires: Option<DateTime>,
) -> impl Stream<Item = Result<Change<Row>, Status>> + Send + 'static {
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
