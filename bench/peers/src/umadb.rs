//! UmaDB: its core with its own writer thread, and its server behind its own client.

use crate::load::Target;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use umadb_client::AsyncUmaDbClient;
use umadb_core::db::UmaDb;
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_core::writer_thread_blocking::writer_thread_blocking;
use umadb_core::writer_thread_request::WriterThreadRequest;
use umadb_dcb::{
    DcbAppendCondition, DcbError, DcbEvent, DcbEventStoreAsync as _, DcbEventStoreSync as _, DcbQuery, DcbQueryItem,
};

/// As its server sets them.
const QUEUE: usize = 1024;
const BATCH: usize = 2048;

/// The server as it is published, until it is killed: `umadb-server ADDRESS FILE`.
pub fn serve(arguments: Vec<String>) {
    let [address, file] = arguments.try_into().expect("an address and a file");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (_stop, stopped) = oneshot::channel();
    let storage = StorageOptions::default().db_path(file);
    let options = umadb_server::ServerOptions { listen_addr: address, tls: None, api_key: None, storage };
    runtime.block_on(umadb_server::start_server_with_options(options, stopped)).expect("a server");
}

/// The core, in this process.
pub struct Core {
    database: UmaDb,
    writer: mpsc::Sender<WriterThreadRequest>,
    head: watch::Receiver<Option<u64>>,
}

impl Core {
    pub fn open(folder: &str) -> Result<Self, String> {
        let mvcc = Mvcc::new(false, StorageOptions::default().db_path(folder)).map_err(|error| error.to_string())?;
        let mvcc = Arc::new(mvcc);
        let (writer, requests) = mpsc::channel(QUEUE);
        let (head_sender, head) = watch::channel(None);
        let of_thread = Arc::clone(&mvcc);
        std::thread::spawn(move || writer_thread_blocking(of_thread, requests, head_sender, BATCH));
        Ok(Self { database: UmaDb::from_arc(mvcc), writer, head })
    }

    /// A thousand events an append.
    pub async fn fill(&self, events: u64, accounts: u64) -> Result<(), String> {
        for first in (0..events).step_by(1000) {
            let some = (first..events.min(first + 1000)).map(|number| event(&format!("account:{}", number % accounts)));
            self.send(some.collect(), None).await?;
        }
        Ok(())
    }

    /// Each reader on a thread of its own, as its server does.
    pub fn read_tags(self: &Arc<Self>, readers: u64, accounts: u64, milliseconds: u64) -> Result<f64, String> {
        let begun = Instant::now();
        let readers: Vec<_> = (0..readers)
            .map(|reader| {
                let core = Arc::clone(self);
                std::thread::spawn(move || {
                    let mut count = 0_u64;
                    while begun.elapsed() < Duration::from_millis(milliseconds) {
                        let tag = format!("account:{}", (reader * 131 + count * 17) % accounts);
                        let found = core.database.read(Some(query(tag)), None, false, None);
                        found.map_err(|error| error.to_string())?.filter(Result::is_ok).count();
                        count += 1;
                    }
                    Ok::<u64, String>(count)
                })
            })
            .collect();
        let mut count = 0;
        for reader in readers {
            count += reader.join().map_err(|_| "a reader panicked")??;
        }
        Ok(count as f64 / begun.elapsed().as_secs_f64())
    }

    /// Events a second.
    pub fn read_all(&self) -> Result<f64, String> {
        let begun = Instant::now();
        let found = self.database.read(None, None, false, None).map_err(|error| error.to_string())?;
        Ok(found.filter(Result::is_ok).count() as f64 / begun.elapsed().as_secs_f64())
    }

    async fn send(&self, events: Vec<DcbEvent>, condition: Option<DcbAppendCondition>) -> Result<Option<u64>, String> {
        let (response_tx, response) = oneshot::channel();
        let request = WriterThreadRequest::Append { events, condition, tracking_info: None, response_tx, cancel: None };
        self.writer.send(request).await.map_err(|_| "the writer is gone")?;
        outcome(response.await.map_err(|_| "the writer is gone")?)
    }
}

impl Target for Core {
    async fn append(&self, tag: &str, after: u64) -> Result<Option<u64>, String> {
        self.send(vec![event(tag)], Some(condition(tag, after))).await
    }

    async fn head(&self) -> Result<u64, String> {
        Ok(self.head.borrow().unwrap_or(0))
    }
}

/// A server, through its own client.
pub struct Server(AsyncUmaDbClient);

impl Server {
    pub async fn connect(url: String) -> Result<Self, String> {
        AsyncUmaDbClient::connect(url, None, None, None).await.map(Self).map_err(|error| error.to_string())
    }
}

impl Target for Server {
    async fn append(&self, tag: &str, after: u64) -> Result<Option<u64>, String> {
        outcome(self.0.append(vec![event(tag)], Some(condition(tag, after)), None).await)
    }

    async fn head(&self) -> Result<u64, String> {
        self.0.head().await.map(|head| head.unwrap_or(0)).map_err(|error| error.to_string())
    }
}

fn event(tag: &str) -> DcbEvent {
    let data = serde_json::json!({ "account": tag, "amount": 12, "note": "paid in at the counter" });
    DcbEvent {
        event_type: "Deposited".to_owned(),
        tags: vec![tag.to_owned()],
        data: data.to_string().into_bytes(),
        ..DcbEvent::default()
    }
}

fn query(tag: String) -> DcbQuery {
    DcbQuery { items: vec![DcbQueryItem { types: vec!["Deposited".to_owned()], tags: vec![tag] }] }
}

fn condition(tag: &str, after: u64) -> DcbAppendCondition {
    DcbAppendCondition { fail_if_events_match: query(tag.to_owned()), after: Some(after) }
}

fn outcome(result: Result<u64, DcbError>) -> Result<Option<u64>, String> {
    match result {
        Ok(position) => Ok(Some(position)),
        Err(DcbError::IntegrityError(_)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
