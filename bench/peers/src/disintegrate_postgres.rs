//! disintegrate on PostgreSQL.

use crate::load::Target;
use ::disintegrate_postgres::{Error, PgEventStore};
use disintegrate::serde::json::Json;
use disintegrate::{Event, EventStore as _, query};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::postgres::{PgPool, PgPoolOptions};

/// Its pool: more connections than that only make its transactions fail more often.
const CONNECTIONS: u32 = 64;

#[derive(Clone, Debug, PartialEq, Eq, Event, Serialize, Deserialize)]
pub enum Account {
    Deposited {
        #[id]
        account: String,
        amount: i64,
        note: String,
    },
}

/// Its event store.
pub struct Store {
    pool: PgPool,
    events: PgEventStore<Account, Json<Account>>,
}

impl Store {
    pub async fn open(url: &str) -> Result<Self, String> {
        let pool =
            PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(std::time::Duration::from_secs(60));
        let pool = pool.connect(url).await.map_err(|error| error.to_string())?;
        let events = PgEventStore::try_new(pool.clone(), Json::default()).await.map_err(|error| error.to_string())?;
        Ok(Self { pool, events })
    }
}

impl Target for Store {
    async fn append(&self, tag: &str, after: u64) -> Result<Option<u64>, String> {
        let account = tag.to_owned();
        let event = Account::Deposited { account, amount: 12, note: "paid in at the counter".to_owned() };
        let query = query!(Account; account == tag.to_owned());
        match self.events.append(vec![event], query, after.cast_signed()).await {
            Ok(stored) => Ok(stored.last().map(|event| event.id().cast_unsigned())),
            Err(Error::Concurrency) => Ok(None),
            Err(error) if error.to_string().contains("could not serialize") => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn head(&self) -> Result<u64, String> {
        let row = sqlx::query("SELECT event_store_current_epoch()").fetch_one(&self.pool).await;
        row.map(|row| row.get::<i64, _>(0).cast_unsigned()).map_err(|error| error.to_string())
    }
}
