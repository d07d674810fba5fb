//! The process that serves the thin gRPC calls over a SQLite file or a PostgreSQL schema.

use super::wire::{Appended, Appending, Call, Events, Handler};
use crate::account;
use crate::bank::Deposit;
use scaffold_runtime::caller::Caller;
use scaffold_runtime::decision::{DecideError, Request, decide};
use scaffold_runtime::event::{Metadata, NewEvent, Query, QueryItem, Tag};
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::sqlite::{Sqlite, SqliteEvents};
use scaffold_runtime::store::{self, Append, AppendError, EventStore};
use std::borrow::Cow;
use std::sync::Arc;
use tonic::Status;
use tonic::transport::Server;
use uuid::Uuid;

/// Serves until it is killed.
///
/// # Errors
/// If the store or the address fails.
pub async fn serve(address: &str, database: &str) -> Result<(), String> {
    let events: Arc<dyn EventStore> = if database.starts_with("postgres") {
        Arc::new(PostgresEvents::open(database, "served").await.map_err(|error| error.to_string())?)
    } else {
        let database = Sqlite::open(std::path::Path::new(database)).map_err(|error| error.to_string())?;
        Arc::new(SqliteEvents::new(database))
    };
    let address = address.parse().map_err(|_| format!("{address} is no address"))?;
    let service = Events(Arc::new(Store(events)));
    Server::builder().add_service(service).serve(address).await.map_err(|error| error.to_string())
}

struct Store(Arc<dyn EventStore>);

#[async_trait::async_trait]
impl Handler for Store {
    async fn handle(&self, call: Call, request: Appending) -> Result<Appended, Status> {
        match call {
            Call::Append => self.append(request).await,
            Call::Deposit => self.deposit(request).await,
            Call::Head => {
                let head = self.0.head().await.map_err(|error| Status::internal(error.to_string()))?;
                Ok(Appended { position: None, head })
            }
            Call::Nothing => Ok(Appended { position: Some(request.after), head: request.after }),
        }
    }
}

impl Store {
    async fn append(&self, request: Appending) -> Result<Appended, Status> {
        let tags: Vec<Tag> = request.tags.into_iter().map(Tag::new).collect();
        let query = Query::of([QueryItem::of(&[account::TYPE], tags.clone())]);
        let event = NewEvent {
            id: Uuid::from_slice(&request.id).map_err(|error| Status::invalid_argument(error.to_string()))?,
            topic: Cow::Borrowed("bank"),
            stream: None,
            event_type: Cow::Owned(request.event_type),
            version: 1,
            tags,
            payload: serde_json::from_slice(&request.payload)
                .map_err(|error| Status::invalid_argument(error.to_string()))?,
            metadata: Metadata::default(),
            raised_at: account::now(),
        };
        let append = Append::new(account::tenant(), vec![event]).unless(query, request.after);
        match self.0.append(append).await {
            Ok(store::Appended::Done(positions)) => {
                Ok(Appended { position: Some(positions.last), head: positions.last })
            }
            Ok(store::Appended::Repeated(answer)) => {
                Ok(Appended { position: Some(answer.position), head: answer.position })
            }
            Err(AppendError::Conflict) => {
                let head = self.0.head().await.map_err(|error| Status::internal(error.to_string()))?;
                Ok(Appended { position: None, head })
            }
            Err(AppendError::Store(error)) => Err(Status::internal(error.to_string())),
        }
    }

    async fn deposit(&self, request: Appending) -> Result<Appended, Status> {
        let account = request.tags.into_iter().next().unwrap_or_default();
        let caller = Caller::anonymous(account::tenant());
        match decide(&*self.0, &Deposit { account, amount: 12 }, &Request::new(&caller)).await {
            Ok(decided) => Ok(Appended { position: Some(decided.position), head: decided.position }),
            Err(DecideError::Conflict { .. }) => Ok(Appended { position: None, head: request.after }),
            Err(error) => Err(Status::internal(error.to_string())),
        }
    }
}
