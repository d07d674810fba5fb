//! The limits on PostgreSQL: the store's own tables filled without any condition, and plain single inserts.

use crate::account::{self, TYPE};
use crate::load::{Load, Measured, measured};
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Statement};
use uuid::Uuid;

/// Connections to a schema that the store has made.
pub struct RawPostgres {
    schema: String,
    clients: Vec<Client>,
    position: i64,
}

impl RawPostgres {
    /// So many connections.
    pub async fn open(url: &str, schema: &str, connections: u64) -> Result<Self, Error> {
        let mut clients = Vec::new();
        for _ in 0..connections {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            clients.push(client);
        }
        Ok(Self { schema: schema.to_owned(), clients, position: 0 })
    }

    /// Commits as many rows at once as there would be clients: prepared statements, arrays of rows, one connection.
    pub async fn batches(&mut self, load: Load, run: u64) -> Result<Measured, Error> {
        let statements = self.prepare().await?;
        let (begun, mut times, mut count) = (Instant::now(), Vec::new(), 0);
        while begun.elapsed() < Duration::from_millis(load.milliseconds) {
            let from = Instant::now();
            let tags = (0..load.clients).map(|number| format!("account:{run}-{number}-{}", count % 100)).collect();
            self.commit(&statements, tags).await?;
            times.extend((0..load.clients).map(|_| from.elapsed()));
            count += 1;
        }
        Ok(measured(times, 0, begun.elapsed()))
    }

    /// Fills it with events over so many accounts, a thousand a commit, and notes the head.
    pub async fn fill(&mut self, events: u64, accounts: u64) -> Result<(), Error> {
        let statements = self.prepare().await?;
        let mut filled = 0;
        while filled < events {
            let some = (events - filled).min(1000);
            let tags = (filled..filled + some).map(|number| format!("account:{}", number % accounts)).collect();
            self.commit(&statements, tags).await?;
            filled += some;
        }
        let head = format!(
            "UPDATE {schema}.counter SET position = {}; ANALYZE {schema}.events; ANALYZE {schema}.event_tags",
            self.position,
            schema = self.schema
        );
        self.client().batch_execute(&head).await
    }

    async fn prepare(&self) -> Result<(Statement, Statement), Error> {
        let event = format!(
            "{} SELECT position, tenant, id, topic, type, version, tags::text[], payload::json, raised_at \
             FROM unnest($1::int8[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::int8[], $7::text[], $8::text[], \
             $9::int8[]) AS n(position, tenant, id, topic, type, version, tags, payload, raised_at)",
            self.insert()
        );
        let tag = format!(
            "INSERT INTO {}.event_tags (tenant, tag, position, type) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[])",
            self.schema
        );
        Ok((self.client().prepare(&event).await?, self.client().prepare(&tag).await?))
    }

    fn client(&self) -> &Client {
        &self.clients[0]
    }

    /// Each client on a connection of its own, an insert of one event a commit, and no look at anything.
    pub async fn single(&mut self, load: Load, run: u64) -> Result<Measured, Error> {
        let until = Instant::now() + Duration::from_millis(load.milliseconds);
        let begun = Instant::now();
        let sql = format!("{} VALUES ($1, $2, $3, $4, $5, $6, ARRAY[$7], $8::text::json, $9)", self.insert());
        let clients = self.clients.iter().take(usize::try_from(load.clients).unwrap_or(usize::MAX)).enumerate();
        let worked = join_all(clients.map(|(number, client)| {
            // Positions that nobody else uses: a counter in the database would only slow it down.
            single(client, &sql, until, ((run << 8) + number as u64) << 32)
        }))
        .await;
        let times: Result<Vec<Vec<Duration>>, Error> = worked.into_iter().collect();
        Ok(measured(times?.concat(), 0, begun.elapsed()))
    }

    /// One transaction, all sent at once.
    async fn commit(&mut self, (event, index): &(Statement, Statement), tags: Vec<String>) -> Result<(), Error> {
        let positions: Vec<i64> = (self.position + 1..).take(tags.len()).collect();
        let same = |text: &'static str| vec![text; tags.len()];
        let ids: Vec<Uuid> = tags.iter().map(|_| Uuid::now_v7()).collect();
        let (versions, raised) = (vec![1_i64; tags.len()], vec![account::now(); tags.len()]);
        let arrays: Vec<String> = tags.iter().map(|tag| format!("{{\"{tag}\"}}")).collect();
        let payloads: Vec<String> = tags.iter().map(|tag| account::payload(tag).to_string()).collect();
        let (tenants, topics, types) = (same("bench"), same("bank"), same(TYPE));
        let events: [&(dyn ToSql + Sync); 9] =
            [&positions, &tenants, &ids, &topics, &types, &versions, &arrays, &payloads, &raised];
        let indexed: [&(dyn ToSql + Sync); 4] = [&tenants, &tags, &positions, &types];
        let client = self.client();
        let all = tokio::join!(
            client.batch_execute("BEGIN"),
            client.execute(event, &events),
            client.execute(index, &indexed),
            client.batch_execute("COMMIT"),
        );
        all.0.and(all.1).and(all.2).and(all.3)?;
        self.position += tags.len() as i64;
        Ok(())
    }

    fn insert(&self) -> String {
        let columns = "position, tenant, id, topic, type, version, tags, payload, raised_at";
        format!("INSERT INTO {}.events ({columns})", self.schema)
    }
}

async fn single(client: &Client, sql: &str, until: Instant, first: u64) -> Result<Vec<Duration>, Error> {
    let statement = client.prepare(sql).await?;
    let (mut times, mut position) = (Vec::new(), first.cast_signed());
    while Instant::now() < until {
        let from = Instant::now();
        position += 1;
        let tag = format!("account:{position}");
        let payload = account::payload(&tag).to_string();
        let row: [&(dyn ToSql + Sync); 9] =
            [&position, &"bench", &Uuid::now_v7(), &"bank", &TYPE, &1_i64, &tag, &payload, &account::now()];
        client.execute(&statement, &row).await?;
        times.push(from.elapsed());
    }
    Ok(times)
}
