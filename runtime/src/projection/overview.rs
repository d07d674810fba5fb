//! What operators see of projections and do with them: how far they are, what lies aside, tables that nobody needs.

use std::collections::HashMap;

use serde::Serialize;

use super::engine::{Engines, Live};
use super::progress::Progress;
use super::uniqueness::Shared;
use crate::event::Position;
use crate::store::StoreError;
use crate::tables::{Place, PutAside, Unused};

/// How a projection is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The type whose entries it keeps.
    pub projection: &'static str,
    /// The table of its definition.
    pub table: String,
    /// The service whose events it follows, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// Why that one cannot be reached at the moment, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_error: Option<String>,
    /// Whether it serves.
    pub state: State,
    /// Every event up to here is applied.
    pub position: Position,
    /// How many positions that is behind the newest event, whether they concern it or not.
    pub behind: u64,
    /// How much of what there was when the process started is applied.
    pub percent: u64,
    /// Events passed a second while it last moved; 0 when it stands.
    pub events_per_second: u64,
    /// How long it is until it serves, in seconds, as far as that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// Events that lie aside.
    pub parked: u64,
    /// Whether it is this process that applies events.
    pub here: bool,
    /// Why it is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Entries that break a unique constraint and keep it from serving.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Shared>,
}

/// Whether a projection serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It still applies what there was when the process started.
    Building,
    /// It serves.
    Live,
    /// It has stopped for good.
    Stopped,
}

impl State {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Building, "building"), (Self::Live, "live"), (Self::Stopped, "stopped")];

    fn of(progress: &Progress) -> Self {
        match progress {
            Progress { stopped: Some(_), .. } => Self::Stopped,
            ready if ready.is_ready() => Self::Live,
            _ => Self::Building,
        }
    }
}

impl Engines {
    fn running(&self) -> Vec<&Live> {
        let mut found: Vec<&Live> = self.0.lives.iter().flat_map(HashMap::values).collect();
        found.sort_by_key(|live| live.place.table.entry);
        found
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Live> {
        self.running().into_iter().filter(move |live| live.place.table.entry == name)
    }

    /// How the projections are doing, in the order of their names.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn overview(&self) -> Result<Vec<Overview>, StoreError> {
        let mut found = Vec::new();
        for live in self.running() {
            found.push(live.overview().await?);
        }
        Ok(found)
    }

    /// What lies aside of a projection, oldest first, behind the one with the id `after`; at most `limit` a database. None
    /// if there is no such projection.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn parked(
        &self,
        projection: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<PutAside>>, StoreError> {
        let mut found = None;
        for live in self.named(projection) {
            found.get_or_insert_with(Vec::new).extend(live.parked(after, limit).await?);
        }
        Ok(found)
    }

    /// Asks for an event that lies aside to be tried again. False if there is none of this id.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn resend(&self, projection: &str, id: &str) -> Result<bool, StoreError> {
        for live in self.named(projection) {
            if live.aside.resend(&live.place, id).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Leaves an event that lies aside out for good. False if there is none of this id.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn discard(&self, projection: &str, id: &str) -> Result<bool, StoreError> {
        for live in self.named(projection) {
            if live.aside.discard(&live.place, id).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The tables of definitions that no running process serves; dropped, with all that belongs to them, if that is wanted.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn unused(&self, drop: bool) -> Result<Vec<Unused>, StoreError> {
        let mut found = Vec::new();
        for (database, running) in self.0.databases.all().iter().zip(&self.0.lives) {
            let kept: Vec<Place> = running.values().map(|live| live.place.clone()).collect();
            found.extend(database.tables().unused(self.0.service, &kept, drop).await?);
        }
        for Unused { table, projection, definition, .. } in found.iter().filter(|_| drop) {
            tracing::info!(
                service = self.0.service,
                table,
                projection,
                definition,
                "a table that nobody serves is dropped"
            );
        }
        Ok(found)
    }

    /// Sets the metrics of all of them to what is now.
    pub fn measure(&self) {
        for live in self.running() {
            live.measure(self.0.service);
        }
    }
}

impl Live {
    /// What lies aside, oldest first, behind the one with the id `after`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn parked(&self, after: Option<&str>, limit: u32) -> Result<Vec<PutAside>, StoreError> {
        let mut found = self.aside.page(&self.place, after, limit).await?;
        // Noted before an event was renamed, they have its earlier name.
        for PutAside { parked, .. } in &mut found {
            if let Some(today) = self.feed.today(&parked.event_type) {
                parked.event_type = today.to_owned();
            }
        }
        Ok(found)
    }

    fn now(&self) -> (Progress, u64) {
        let progress = self.progress().borrow().clone();
        let behind = self.head.borrow().saturating_sub(progress.applied);
        (progress, behind)
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        let parked = self.aside.count(&self.place).await?;
        let (progress, behind) = self.now();
        Ok(Overview {
            projection: self.place.table.entry,
            table: self.place.name.to_string(),
            source: self.feed.source(),
            source_error: self.feed.trouble(),
            state: State::of(&progress),
            position: progress.applied,
            behind,
            percent: if progress.started { progress.percent() } else { 0 },
            events_per_second: progress.speed(),
            seconds_left: progress.left().map(|left| left.as_secs()),
            parked,
            here: self.owned.as_ref().is_none_or(|owned| owned.borrow().is_some()),
            violations: progress.uniqueness.broken(),
            error: progress.stopped.map(|reason| reason.to_string()),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "metrics are floats")]
    fn measure(&self, service: &'static str) {
        let (progress, behind) = self.now();
        let projection = self.place.table.entry;
        let numbers = [
            ("projection_position", progress.applied),
            ("projection_head", progress.applied.saturating_add(behind)),
            ("projection_behind", behind),
            ("projection_events_per_second", progress.speed()),
            ("projection_percent", progress.percent()),
        ];
        for (name, value) in numbers {
            metrics::gauge!(name, "service" => service, "projection" => projection).set(value as f64);
        }
        let now = State::of(&progress);
        for (state, name) in State::ALL {
            let value = if state == now { 1.0 } else { 0.0 };
            metrics::gauge!("projection_state", "service" => service, "projection" => projection, "state" => name)
                .set(value);
        }
    }
}
