//! A few connections, each with the statements that it has prepared.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

/// As many as the generated service reads with.
const CONNECTIONS: usize = 8;

/// The table of courses.
pub struct Database {
    pub table: String,
    connections: Vec<Connection>,
    next: AtomicUsize,
}

struct Connection {
    client: Client,
    prepared: Mutex<HashMap<String, Arc<Statement>>>,
}

impl Database {
    pub async fn open(url: &str, table: &str) -> Result<Self, Error> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            connections.push(Connection { client, prepared: Mutex::default() });
        }
        Ok(Self { table: table.to_owned(), connections, next: AtomicUsize::new(0) })
    }

    pub async fn query(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let connection = &self.connections[self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len()];
        let mut prepared = connection.prepared.lock().await;
        let statement = match prepared.get(sql) {
            Some(statement) => Arc::clone(statement),
            None => {
                let statement = Arc::new(connection.client.prepare(sql).await?);
                prepared.insert(sql.to_owned(), Arc::clone(&statement));
                statement
            }
        };
        drop(prepared);
        connection.client.query(&*statement, parameters).await
    }
}
