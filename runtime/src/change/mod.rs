//! Live subscriptions: changed entries, read from the change log that projections write.
//!
//! The log is in the database, so any process can serve a subscriber; the projection's progress
//! wakes this process's streams at once.

use std::collections::{HashMap, HashSet, VecDeque};

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::watch;

use crate::entry::{Entry, Row, ValueError};
use crate::event::Tenant;
use crate::projection::{Live, Progress};
use crate::query::{Filter, Selected};
use crate::rows::known;
use crate::store::StoreError;
use crate::tables::{Changes, LoggedChange};

/// Changes read at once.
const PAGE: usize = 500;

/// What has become of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Change<E> {
    /// The entry as it is now.
    Data(E),
    /// The entry of this id is gone, or has left the filter.
    Removed(String),
}

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The subscriber read more slowly than the log is kept.
    #[error("the subscription fell too far behind; subscribe again")]
    Behind,
    /// The service is shutting down.
    #[error("the service is shutting down")]
    Closed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which entries a subscriber wants to hear of.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose entries.
    pub tenant: Tenant,
    /// Only this one.
    pub id: Option<String>,
    /// Only while the filter holds.
    pub filter: Filter,
    /// Only those that the subscriber may see, which is asked anew for each change.
    pub rows: Filter,
    /// Only changes behind this number of the change log.
    pub after: u64,
}

/// The changes of entries from now on (or from an earlier number of the log); one message a changed
/// entry. It ends after its first error.
pub fn changes<E: Entry>(live: Live, wanted: Wanted) -> impl Stream<Item = Result<Change<E>, WatchError>> + Send {
    typed(changed_rows(live, wanted).boxed(), |error| error)
}

/// The same as rows.
pub(crate) fn changed_rows(live: Live, wanted: Wanted) -> impl Stream<Item = Result<Change<Row>, WatchError>> + Send {
    let progress = live.progress();
    let watching = Watching { live, progress, wanted, ready: VecDeque::new() };
    stream::try_unfold(watching, |mut watching| async move {
        let change = watching.next().await?;
        Ok(Some((change, watching)))
    })
}

/// Makes entries of rows; one that cannot be made is the stream's last error.
pub(crate) fn typed<E: Entry, F: Send + 'static>(
    rows: BoxStream<'static, Result<Change<Row>, F>>,
    told: fn(WatchError) -> F,
) -> impl Stream<Item = Result<Change<E>, F>> + Send + 'static {
    stream::try_unfold(rows, move |mut rows| async move {
        let Some(change) = rows.next().await.transpose()? else { return Ok(None) };
        let change = match change {
            Change::Removed(id) => Change::Removed(id),
            Change::Data(row) => Change::Data(row.into_entry().map_err(|error| told(unreadable(&error)))?),
        };
        Ok(Some((change, rows)))
    })
}

fn unreadable(error: &ValueError) -> WatchError {
    WatchError::Store(StoreError::Invalid(error.to_string()))
}

struct Watching {
    live: Live,
    progress: watch::Receiver<Progress>,
    wanted: Wanted,
    ready: VecDeque<Change<Row>>,
}

impl Watching {
    async fn next(&mut self) -> Result<Change<Row>, WatchError> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(change);
            }
            let after = self.wanted.after;
            let woken = self.progress.wait_for(|now| now.last_change > after).await;
            let known = woken.map_err(|_| WatchError::Closed)?.last_change;
            self.read(known).await?;
        }
    }

    /// Reads on in the log, of which numbers up to `known` are sure to be there.
    async fn read(&mut self, known: u64) -> Result<(), WatchError> {
        let Wanted { tenant, after, .. } = &self.wanted;
        let (place, tables) = (&self.live.place, &self.live.tables);
        let found = match tables.changes(place, tenant, *after, PAGE).await? {
            Changes::Trimmed => return Err(WatchError::Behind),
            Changes::Found(found) => found,
        };
        // Other tenants move the log on too; what is not ours is done with.
        let last = found.last().map_or(0, |change| change.number);
        self.wanted.after = if found.len() < PAGE { known.max(last) } else { last };
        self.messages(found).await
    }

    async fn messages(&mut self, found: Vec<LoggedChange>) -> Result<(), WatchError> {
        let firsts = self.firsts(found);
        if firsts.is_empty() {
            return Ok(());
        }
        let ids = firsts.iter().map(|change| change.id.clone()).collect();
        let selected = Selected::all(&self.live.place.table);
        let rows = self.live.tables.get(&self.live.place, &self.wanted.tenant, ids, selected).await?;
        let seen = self.seen(rows.iter().chain(firsts.iter().filter_map(|change| change.before.as_ref()))).await?;
        let mut rows: HashMap<String, Row> = rows.into_iter().map(|row| (row.base.id.clone(), row)).collect();
        for LoggedChange { id, before, is_forgotten, .. } in firsts {
            let (table, filter) = (&self.live.place.table, &self.wanted.filter);
            let inside = |row: &Row| filter.matches(table, row) && seen.matches(table, row);
            match rows.remove(&id).filter(inside) {
                Some(row) => self.ready.push_back(Change::Data(row)),
                // Of what was erased nobody knows any more whether it was inside: better one word too many, unless it may be
                // about an entry that the subscriber never saw.
                None if is_forgotten && seen.is_everything() || before.as_ref().is_some_and(inside) => {
                    self.ready.push_back(Change::Removed(id))
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Which of these rows the subscriber may see.
    async fn seen<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Result<Filter, StoreError> {
        let Self { live, wanted, .. } = self;
        if wanted.rows.is_everything() {
            return Ok(Filter::everything());
        }
        known(live, &wanted.tenant, &wanted.rows, &rows.collect::<Vec<_>>()).await
    }

    /// The wanted entries in the order of their first change, with what they were before it. Several
    /// changes that are read at once are one message.
    fn firsts(&self, found: Vec<LoggedChange>) -> Vec<LoggedChange> {
        let mut seen = HashSet::new();
        let wanted = |change: &LoggedChange| self.wanted.id.as_ref().is_none_or(|id| *id == change.id);
        found.into_iter().filter(wanted).filter(|change| seen.insert(change.id.clone())).collect()
    }
}
