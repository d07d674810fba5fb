//! Reading: the events of one tag, again and again, and all events once.

use crate::account;
use crate::report::{Report, thousands};
use crate::run::Run;
use crate::store::raw_sqlite::RawSqlite;
use scaffold_runtime::event::Query;
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::sqlite::{Sqlite, SqliteEvents};
use scaffold_runtime::store::{EventStore, Range};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EVENTS: u64 = 200_000;
/// A hundred events each.
const ACCOUNTS: u64 = 2_000;
/// Readers at once.
const READERS: u64 = 16;
/// Events in a page, as a projection reads them.
const PAGE: usize = 1000;

/// The section `read`.
///
/// # Errors
/// The first failure.
pub async fn section(run: &mut Run, report: &mut Report) -> Result<(), String> {
    let mut found: Vec<(&str, f64, f64)> = Vec::new();
    let sqlite = sqlite(run)?;
    found.push(("SQLite", by_tag(&sqlite, run.milliseconds).await?, in_full(&sqlite).await?));
    if let Some(url) = run.postgres() {
        crate::store::fill_postgres(&url, "reading", EVENTS, ACCOUNTS).await?;
        let events = PostgresEvents::open(&url, "reading").await.map_err(|error| error.to_string())?;
        let events: Arc<dyn EventStore> = Arc::new(events);
        found.push(("PostgreSQL", by_tag(&events, run.milliseconds).await?, in_full(&events).await?));
    }
    if let Some(peers) = run.peers()? {
        let folder = run.folder("umadb-reading")?;
        peers.ask(&json!({ "what": "open-core", "folder": folder })).await?;
        peers.ask(&json!({ "what": "fill", "events": EVENTS, "accounts": ACCOUNTS })).await?;
        let load =
            json!({ "what": "read-tags", "readers": READERS, "accounts": ACCOUNTS, "milliseconds": run.milliseconds });
        let rate = |answer: &Value| answer.get("per_second").and_then(Value::as_f64).unwrap_or(0.0);
        let tags = rate(&peers.ask(&load).await?);
        found.push(("UmaDB core", tags, rate(&peers.ask(&json!({ "what": "read-all" })).await?)));
    }
    let head = ["", "reads/s of a tag with 100 events, 16 readers", "events/s, all in pages of 1,000"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(found.iter().map(|(name, tags, all)| vec![(*name).to_owned(), thousands(*tags), thousands(*all)]));
    let raw: Vec<Value> =
        found.iter().map(|(name, tags, all)| json!({ "store": name, "tags": tags, "all": all })).collect();
    report.table("read", "Reading, 200,000 events over 2,000 tags", &lines, raw);
    Ok(())
}

fn sqlite(run: &Run) -> Result<Arc<dyn EventStore>, String> {
    let file = Path::new(&run.folder("reading")?).join("events.db");
    drop(Sqlite::open(&file).map_err(|error| error.to_string())?);
    let mut raw = RawSqlite::open(&file).map_err(|error| error.to_string())?;
    raw.fill(EVENTS, ACCOUNTS).map_err(|error| error.to_string())?;
    drop(raw);
    Ok(Arc::new(SqliteEvents::new(Sqlite::open(&file).map_err(|error| error.to_string())?)))
}

/// Reads a second.
async fn by_tag(events: &Arc<dyn EventStore>, milliseconds: u64) -> Result<f64, String> {
    let begun = Instant::now();
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let events = Arc::clone(events);
            tokio::spawn(async move {
                let (tenant, mut count) = (account::tenant(), 0_u64);
                while begun.elapsed() < Duration::from_millis(milliseconds) {
                    let tag = format!("account:{}", (reader * 131 + count * 17) % ACCOUNTS);
                    let read = events.read(&tenant, &account::query(&tag), Range::default()).await;
                    let read = read.map_err(|error| error.to_string())?;
                    if read.len() as u64 != EVENTS / ACCOUNTS {
                        return Err(format!("{} events of {tag}", read.len()));
                    }
                    count += 1;
                }
                Ok::<u64, String>(count)
            })
        })
        .collect();
    let mut count = 0;
    for reader in readers {
        count += reader.await.map_err(|error| error.to_string())??;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// Events a second.
async fn in_full(events: &Arc<dyn EventStore>) -> Result<f64, String> {
    let (begun, mut after, mut count) = (Instant::now(), 0, 0);
    loop {
        let page = events.read_all(&Query::All, Range::after(after).limit(PAGE)).await;
        let page = page.map_err(|error| error.to_string())?;
        count += page.len();
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.position,
            _ => return Ok(count as f64 / begun.elapsed().as_secs_f64()),
        }
    }
}
