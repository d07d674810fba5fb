//! Decisions over a long history: each reads on from a state that is kept, or all of it again.

use crate::account;
use crate::bank::{Deposited, Event, LookedInto};
use crate::generation::process::cpu_seconds;
use crate::load::{Measured, Spread, measured};
use crate::report::{Report, Series, thousands};
use crate::run::Run;
use crate::store::raw_sqlite::RawSqlite;
use scaffold_runtime::codegen::{
    Access, Caller, Context, Decision, EvalError, Meta, QueryItem, Refused, Snapshots, Tag, expr,
};
use scaffold_runtime::decision::{Request, decide};
use scaffold_runtime::store::EventStore;
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::sqlite::{Sqlite, SqliteEvents};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Events of the one account before the first decision.
const HISTORIES: [u64; 3] = [10, 10_000, 100_000];

/// After how many events a state is kept.
const EVERY: u32 = 500;

/// Pays in, and reads for it all that was ever paid in. Nothing is kept if it is every 0 events.
struct PayIn<const EVERY: u32>;

#[derive(Clone, Copy, Debug, PartialEq)]
struct All;

#[derive(Clone, Serialize, Deserialize)]
struct Balance {
    amount: i64,
    payments: i64,
}

impl<const EVERY: u32> Decision for PayIn<EVERY> {
    const NAME: &'static str = "PayIn";
    const ACCESS: Access = Access::Public;
    type Event = Event;
    type State = Balance;
    type Entry = All;
    type Error = LookedInto;
    const SNAPSHOTS: Option<Snapshots<Balance>> =
        if EVERY == 0 { None } else { Some(Snapshots::every(EVERY, "0000000000000001")) };

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(All, QueryItem)>, EvalError> {
        Ok(vec![(All, QueryItem::of(&[account::TYPE], [Tag::new(ACCOUNT)]))])
    }

    fn initial(&self, _: &Context<'_>) -> Result<Balance, EvalError> {
        Ok(Balance { amount: 0, payments: 0 })
    }

    fn fold(&self, state: &mut Balance, _: All, event: &Event, _: &Meta, _: &Context<'_>) -> Result<(), EvalError> {
        let Event::Deposited(deposited) = event;
        state.amount = expr::add(state.amount, deposited.amount)?;
        state.payments = expr::add(state.payments, 1)?;
        Ok(())
    }

    fn decide(&self, state: &Balance, _: &Context<'_>) -> Result<Vec<Event>, Refused<LookedInto, Event>> {
        let note = format!("payment {}", state.payments);
        Ok(vec![Event::Deposited(Deposited { account: ACCOUNT.to_owned(), amount: 12, note })])
    }
}

/// What a store is filled with has this tag if it is of one account.
const ACCOUNT: &str = "account:0";

/// A store with a history of its own.
struct Subject {
    name: String,
    is_kept: bool,
    events: u64,
    store: Arc<dyn EventStore>,
}

impl Subject {
    /// One decision after the other, for so long, and one at least.
    async fn measure(&self, milliseconds: u64) -> Result<Measured, String> {
        let spent = || cpu_seconds(std::process::id()).unwrap_or(0.0);
        let (begun, before, mut times) = (Instant::now(), spent(), Vec::new());
        while times.is_empty() || begun.elapsed() < Duration::from_millis(milliseconds) {
            let from = Instant::now();
            self.decide().await?;
            times.push(from.elapsed());
        }
        let each = (spent() - before) * 1e6 / times.len() as f64;
        Ok(Measured { processor: Some([each, 0.0]), ..measured(times, 0, begun.elapsed()) })
    }

    async fn decide(&self) -> Result<(), String> {
        let caller = Caller::anonymous(account::tenant());
        let request = Request::new(&caller);
        let decided = match self.is_kept {
            true => decide(&*self.store, &PayIn::<EVERY>, &request).await,
            false => decide(&*self.store, &PayIn::<0>, &request).await,
        };
        decided.map(drop).map_err(|error| error.to_string())
    }
}

/// The section `history`.
///
/// # Errors
/// The first failure.
pub async fn section(run: &Run, report: &mut Report) -> Result<(), String> {
    let mut subjects = Vec::new();
    for events in HISTORIES {
        for is_kept in [false, true] {
            subjects.push(Subject { name: "SQLite".to_owned(), is_kept, events, store: sqlite(run, events, is_kept)? });
        }
    }
    if let Some(url) = run.postgres() {
        for events in HISTORIES {
            for is_kept in [false, true] {
                let store = postgres(&url, events, is_kept).await?;
                subjects.push(Subject { name: "PostgreSQL".to_owned(), is_kept, events, store });
            }
        }
    }
    for subject in &subjects {
        // The very first one reads everything, whatever is kept later.
        subject.decide().await?;
    }
    let mut series: Vec<Series> = subjects.iter().map(empty).collect();
    for round in 0..run.rounds {
        for (subject, series) in subjects.iter().zip(&mut series) {
            series.rounds.push(subject.measure(run.milliseconds).await?);
            eprintln!("round {round}: {}", series.subject);
        }
    }
    let raw: Vec<_> = subjects
        .iter()
        .zip(&series)
        .map(|(subject, series)| {
            json!({ "store": subject.name,
        "events": subject.events, "kept": subject.is_kept, "rounds": series.rounds })
        })
        .collect();
    report.table("history", "Decisions over a long history, one after the other", &lines(&subjects, &series), raw);
    Ok(())
}

fn empty(subject: &Subject) -> Series {
    let kept = if subject.is_kept { "state kept" } else { "nothing kept" };
    let name = format!("{}, {} events, {kept}", subject.name, thousands(subject.events as f64));
    Series { subject: name, clients: 1, spread: Spread::One, rounds: Vec::new() }
}

fn lines(subjects: &[Subject], series: &[Series]) -> Vec<Vec<String>> {
    let head = ["a decision over", "all read: p50 / p99, processor", "state kept every 500: p50 / p99, processor"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    // Each history comes twice: without and with.
    for (pair, both) in subjects.chunks(2).zip(series.chunks(2)) {
        let name = pair
            .first()
            .map_or_else(String::new, |one| format!("{}, {} events", one.name, thousands(one.events as f64)));
        lines.push(std::iter::once(name).chain(both.iter().map(cell)).collect());
    }
    lines
}

fn cell(series: &Series) -> String {
    let (p50, p99) = (series.median(|round| round.p50) / 1000.0, series.median(|round| round.p99) / 1000.0);
    let processor = series.median(|round| round.processor.map_or(0.0, |each| each[0]));
    format!("{p50:.2} / {p99:.2} ms, {} µs", thousands(processor))
}

fn sqlite(run: &Run, events: u64, is_kept: bool) -> Result<Arc<dyn EventStore>, String> {
    let file = Path::new(&run.folder(&format!("history-{events}-{is_kept}"))?).join("events.db");
    drop(Sqlite::open(&file).map_err(|error| error.to_string())?);
    let mut raw = RawSqlite::open(&file).map_err(|error| error.to_string())?;
    raw.fill(events, 1).map_err(|error| error.to_string())?;
    drop(raw);
    Ok(Arc::new(SqliteEvents::new(Sqlite::open(&file).map_err(|error| error.to_string())?)))
}

async fn postgres(url: &str, events: u64, is_kept: bool) -> Result<Arc<dyn EventStore>, String> {
    let schema = format!("history_{events}_{is_kept}");
    crate::store::fill_postgres(url, &schema, events, 1).await?;
    let store = PostgresEvents::open(url, &schema).await.map_err(|error| error.to_string())?;
    Ok(Arc::new(store))
}
