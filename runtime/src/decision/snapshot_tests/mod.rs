//! Decisions whose state is kept come to the same as those that read everything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keeping;
mod same;

use super::tests::{Event, Full, SeatTaken, caller};
use super::{Decided, Decision, Refused, Request, Retry, Snapshots, decide_with};
use crate::caller::{Access, Context};
use crate::event::{Meta, Metadata, NewEvent, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::expr::{EvalError, add};
use crate::store::{
    Answer, Append, AppendError, Appended, EventStore, MemoryEvents, Range, Snapshot, SnapshotKey, StoreError,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// Writes down what it knows of a course: how many seats are taken, by whom the newest, how many seats those have whom it names,
/// and how many the newest one. It keeps its state every so many events, never if that is none; `NEWER` is of another definition.
#[derive(Clone, Debug, Default)]
struct Note<const EVERY: u32, const NEWER: bool = false> {
    course: String,
    /// Nobody's seats are not read.
    students: Vec<Option<String>>,
    /// Whether of the newest student only the seats in this course count.
    is_narrow: bool,
    /// How many seats there are; all if none.
    seats: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Taken,
    Newest,
    SeatsOf(usize),
    SeatsOfNewest,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    taken: i64,
    newest: Option<String>,
    seats_of: Vec<i64>,
    seats_of_newest: i64,
}

impl<const EVERY: u32, const NEWER: bool> Decision for Note<EVERY, NEWER> {
    const NAME: &'static str = "Note";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = State;
    type Entry = Entry;
    type Error = Full;
    const STEPS: usize = 2;
    const SNAPSHOTS: Option<Snapshots<State>> = match (EVERY, NEWER) {
        (0, _) => None,
        (events, false) => Some(Snapshots::every(events, "older")),
        (events, true) => Some(Snapshots::every(events, "newer")),
    };

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        let course = || seats([Tag::new(format!("course:{}", self.course))]);
        let students = self.students.iter().enumerate();
        let students = students.filter_map(|(index, student)| {
            let tag = Tag::new(format!("student:{}", student.as_ref()?));
            Some((Entry::SeatsOf(index), seats([tag])))
        });
        Ok([(Entry::Taken, course()), (Entry::Newest, course())].into_iter().chain(students).collect())
    }

    fn later_reads(&self, _: usize, state: &State, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        let course = self.is_narrow.then(|| Tag::new(format!("course:{}", self.course)));
        let tags = |student| [Tag::new(format!("student:{student}"))].into_iter().chain(course);
        Ok(state.newest.iter().map(|student| (Entry::SeatsOfNewest, seats(tags.clone()(student)))).collect())
    }

    fn last_only(entry: Entry) -> bool {
        matches!(entry, Entry::Newest)
    }

    fn initial(&self, _: &Context<'_>) -> Result<State, EvalError> {
        Ok(State { seats_of: vec![0; self.students.len()], ..State::default() })
    }

    fn fold(
        &self,
        state: &mut State,
        entry: Entry,
        Event::SeatTaken(taken): &Event,
        _: &Meta,
        _: &Context<'_>,
    ) -> Result<(), EvalError> {
        match entry {
            Entry::Taken => state.taken = add(state.taken, 1)?,
            Entry::Newest => state.newest = Some(taken.student_id.clone()),
            Entry::SeatsOf(index) => state.seats_of[index] = add(state.seats_of[index], 1)?,
            Entry::SeatsOfNewest => state.seats_of_newest = add(state.seats_of_newest, 1)?,
        }
        Ok(())
    }

    fn decide(&self, state: &State, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        if self.seats.is_some_and(|seats| state.taken >= seats) {
            return Err(Full(self.course.clone()).into());
        }
        let seen = serde_json::to_string(state).unwrap();
        Ok(vec![taken("noted", &seen), taken(&self.course, "noted")])
    }
}

fn seats(tags: impl IntoIterator<Item = Tag>) -> QueryItem {
    QueryItem::of(&["SeatTaken"], tags)
}

fn taken(course: &str, student: &str) -> Event {
    Event::SeatTaken(SeatTaken { course_id: course.to_owned(), student_id: student.to_owned() })
}

fn note<const EVERY: u32>() -> Note<EVERY> {
    Note { course: "c1".to_owned(), ..Note::default() }
}

/// A store that counts what it reads, in which others record the next of these events right before each append.
struct Watched {
    store: Arc<dyn EventStore>,
    others: Mutex<VecDeque<Vec<Event>>>,
    read: Mutex<usize>,
    /// What was kept, whatever became of it.
    kept: Mutex<Vec<(SnapshotKey, Snapshot)>>,
    /// Whether it fails to keep and to find.
    is_failing: Mutex<bool>,
}

impl Default for Watched {
    fn default() -> Self {
        Self::on(Arc::new(MemoryEvents::new()))
    }
}

impl Watched {
    fn on(store: Arc<dyn EventStore>) -> Self {
        let (others, read, kept, is_failing) = Default::default();
        Self { store, others, read, kept, is_failing }
    }

    async fn record(&self, events: impl IntoIterator<Item = Event>) {
        let new = |event: Event| NewEvent::from_event(&event, Metadata::default()).unwrap();
        let events = events.into_iter().map(new).collect();
        self.store.append(Append::new(caller().tenant, events)).await.unwrap();
    }

    /// What a command sees and records.
    async fn send<D: Decision<Error = Full>>(&self, command: &D) -> Option<Decided> {
        let retry = Retry { longest_pause: Duration::ZERO, ..Retry::default() };
        decide_with(self, command, &Request::new(&caller()), retry).await.ok()
    }

    /// How many events were read since the last time.
    fn count(&self) -> usize {
        std::mem::take(&mut self.read.lock().unwrap())
    }

    /// The position of each state that was kept since the last time.
    fn kept(&self) -> Vec<Position> {
        std::mem::take(&mut *self.kept.lock().unwrap()).into_iter().map(|(_, kept)| kept.position).collect()
    }

    async fn all(&self) -> Vec<StoredEvent> {
        self.store.read_all(&Query::All, Range::default()).await.unwrap()
    }

    /// The state that the last command saw.
    async fn seen(&self) -> State {
        let noted = Query::of([seats([Tag::new("course:noted")])]);
        let found = self.store.read(&caller().tenant, &noted, Range::default().backwards().limit(1)).await.unwrap();
        serde_json::from_str(found[0].payload["studentId"].as_str().unwrap()).unwrap()
    }

    fn trouble(&self) -> Result<(), StoreError> {
        if *self.is_failing.lock().unwrap() { Err(StoreError::Closed) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl EventStore for Watched {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        let events = self.store.read(tenant, query, range).await?;
        *self.read.lock().unwrap() += events.len();
        Ok(events)
    }
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let others = self.others.lock().unwrap().pop_front();
        self.record(others.into_iter().flatten()).await;
        self.store.append(append).await
    }
    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }
    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        self.trouble()?;
        self.store.snapshot(tenant, of).await
    }
    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        self.kept.lock().unwrap().push((of.clone(), snapshot.clone()));
        self.trouble()?;
        self.store.keep(tenant, of, snapshot).await
    }
}
