//! What is known of a file beside its bytes: a row in the service's own database. The SQL is that of both databases.

use super::File;
use crate::consumer::{Fence, Ledger, Row, RunError, SqlValue, Statement};
use crate::event::Tenant;
use crate::store::StoreError;

/// `{s}` stands before the table's name: nothing on SQLite, the schema on PostgreSQL. Instants are milliseconds since 1970 on the
/// database's clock. `state` is one of [`State`]; `used` whether an event is known to hold the file.
pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS {s}files (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    used BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX IF NOT EXISTS files_unused ON {s}files (touched_at) WHERE used = 0;
";

/// Bytes are still coming.
const COMING: &str = "coming";
/// All there.
const STORED: &str = "stored";
/// Nobody gets it any more; its bytes are being removed.
const LEAVING: &str = "leaving";

/// A stored file and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) file: File,
    pub(super) owner: String,
}

/// A file that may not be needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unused {
    pub(super) tenant: Tenant,
    pub(super) id: String,
    /// Whether an event may hold it.
    pub(super) is_stored: bool,
}

/// The rows of a database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Rows(Ledger);

impl Rows {
    pub(super) fn new(ledger: &Ledger) -> Self {
        Self(ledger.clone())
    }

    /// Notes that bytes are going to come.
    pub(super) async fn begin(&self, tenant: &Tenant, id: &str, name: &str, owner: &str) -> Result<(), StoreError> {
        let now = self.now();
        let sql = format!(
            "INSERT INTO files (tenant, id, name, content_type, size, owner, state, used, created_at, touched_at) \
             VALUES ($1, $2, $3, '', 0, $4, '{COMING}', 0, {now}, {now})"
        );
        self.run(Statement::new(sql).bind(tenant.as_str()).bind(id).bind(name).bind(owner)).await.map(drop)
    }

    /// Notes that they are all there. False if nobody waits for them any more.
    pub(super) async fn finish(&self, tenant: &Tenant, file: &File) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE files SET state = '{STORED}', content_type = $3, size = $4, touched_at = {now} \
             WHERE tenant = $1 AND id = $2 AND state = '{COMING}' RETURNING id",
            now = self.now()
        );
        let statement = Statement::new(sql).bind(tenant.as_str()).bind(file.id.as_str());
        Ok(!self.run(statement.bind(file.content_type.as_str()).bind(file.size)).await?.is_empty())
    }

    /// Forgets a file whose bytes are gone.
    pub(super) async fn forget(&self, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM files WHERE tenant = $1 AND id = $2 AND state <> '{STORED}'");
        self.run(Statement::new(sql).bind(tenant.as_str()).bind(id)).await.map(drop)
    }

    /// A stored file.
    pub(super) async fn find(&self, tenant: &Tenant, id: &str) -> Result<Option<Owned>, StoreError> {
        let sql = format!(
            "SELECT id, name, content_type, size, owner FROM files \
             WHERE tenant = $1 AND id = $2 AND state = '{STORED}'"
        );
        let rows = self.run(Statement::new(sql).bind(tenant.as_str()).bind(id)).await?;
        Ok(rows.first().map(owned))
    }

    /// Stored files that an event may soon hold: from now on, for a while, nobody takes them for unused. With an owner, only what
    /// is its own. What is not found is left out.
    pub(super) async fn touch(
        &self,
        tenant: &Tenant,
        ids: impl Iterator<Item = &str>,
        owner: Option<&str>,
    ) -> Result<Vec<File>, StoreError> {
        let sql = format!(
            "UPDATE files SET touched_at = {now} WHERE tenant = $1 AND id = $2 AND state = '{STORED}' \
             AND (owner = $3 OR $4 = 1) RETURNING id, name, content_type, size, owner",
            now = self.now()
        );
        let anyones = i64::from(owner.is_none());
        let one = |id: &str| {
            let statement = Statement::new(sql.as_str()).bind(tenant.as_str()).bind(id);
            statement.bind(owner.unwrap_or_default()).bind(anyones)
        };
        let rows = unfenced(self.0.transactions().run(None, ids.map(one).collect()).await)?;
        Ok(rows.iter().flatten().map(|row| owned(row).file).collect())
    }

    /// Files that nobody has touched for so many milliseconds and that no event is known to hold, oldest first.
    pub(super) async fn unused(&self, for_millis: i64, limit: i64) -> Result<Vec<Unused>, StoreError> {
        let sql = format!(
            "SELECT tenant, id, state FROM files WHERE used = 0 AND touched_at <= {now} - $1 \
             ORDER BY touched_at, tenant, id LIMIT $2",
            now = self.now()
        );
        let rows = self.run(Statement::new(sql).bind(for_millis).bind(limit)).await?;
        let unused = |row: &Row| Unused {
            tenant: Tenant::new(text(row, 0)),
            id: text(row, 1),
            is_stored: text(row, 2) == STORED,
        };
        Ok(rows.iter().map(unused).collect())
    }

    /// Notes that an event holds it.
    pub(super) async fn keep(&self, fence: &Fence, file: &Unused) -> Result<(), RunError> {
        let statement = Statement::new("UPDATE files SET used = 1 WHERE tenant = $1 AND id = $2");
        let statement = statement.bind(file.tenant.as_str()).bind(file.id.as_str());
        self.0.transactions().run(Some(fence.clone()), vec![statement]).await.map(drop)
    }

    /// Gives it to nobody any more, if nobody has touched it meanwhile.
    pub(super) async fn leave(&self, fence: &Fence, file: &Unused, for_millis: i64) -> Result<bool, RunError> {
        let sql = format!(
            "UPDATE files SET state = '{LEAVING}' WHERE tenant = $1 AND id = $2 AND used = 0 \
             AND touched_at <= {now} - $3 RETURNING id",
            now = self.now()
        );
        let statement = Statement::new(sql).bind(file.tenant.as_str()).bind(file.id.as_str()).bind(for_millis);
        let rows = self.0.transactions().run(Some(fence.clone()), vec![statement]).await?;
        Ok(rows.iter().any(|rows| !rows.is_empty()))
    }

    fn now(&self) -> &'static str {
        self.0.transactions().now()
    }

    async fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let rows = unfenced(self.0.transactions().run(None, vec![statement]).await)?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }
}

fn unfenced<T>(outcome: Result<T, RunError>) -> Result<T, StoreError> {
    outcome.map_err(|error| match error {
        RunError::Store(error) => error,
        // Nobody asked for a lease.
        RunError::Stale => StoreError::Closed,
    })
}

fn owned(row: &Row) -> Owned {
    let size = if let Some(SqlValue::Integer(size)) = row.get(3) { *size } else { 0 };
    Owned { file: File { id: text(row, 0), name: text(row, 1), content_type: text(row, 2), size }, owner: text(row, 4) }
}

fn text(row: &Row, column: usize) -> String {
    if let Some(SqlValue::Text(value)) = row.get(column) { value.clone() } else { String::new() }
}
