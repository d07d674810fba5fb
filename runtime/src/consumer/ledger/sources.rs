//! By what the events of other services are known again.

use super::Ledger;
use super::progress::text;
use crate::consumer::statement::Statement;
use crate::store::StoreError;

impl Ledger {
    /// The id of the first event that another service had when its events were read for the first time.
    pub(crate) async fn first_of(&self, service: &str) -> Result<Option<String>, StoreError> {
        let rows = self.run(Statement::new("SELECT first FROM event_sources WHERE name = $1").bind(service)).await?;
        Ok(rows.first().and_then(|row| text(row, 0)).map(str::to_owned))
    }

    /// Notes it, unless there is one already.
    pub(crate) async fn note_first_of(&self, service: &str, first: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO event_sources (name, first) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        self.run(Statement::new(sql).bind(service).bind(first)).await.map(drop)
    }
}
