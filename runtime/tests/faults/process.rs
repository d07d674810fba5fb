//! A process with a whole service: commands, a consumer group, tables, leases; and what it has to come to.

use super::*;
use crate::fixture::{Course, CreateStudent, Event, SeatsAdded, Student, caller, defined, subscribed};
use crate::school::School;
use scaffold_runtime::auth::Call;
use scaffold_runtime::codegen::Entry;
use scaffold_runtime::consumer::{Consumer, Delivery, Failure, Groups, Options, Retry, Statement};
use scaffold_runtime::tables::{Changed, Kept};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

pub const PATIENCE: Duration = Duration::from_secs(90);
/// So many events behind is too far.
const FAR: u64 = 200;
const TENANTS: [&str; 3] = ["a", "b", "c"];

/// Notes each event in a table, in the transaction of the cursor, with how many of its tenant's were noted before and who had the lease.
pub struct Noting;

#[async_trait::async_trait]
impl Consumer for Noting {
    fn name(&self) -> &str {
        "noting"
    }

    fn query(&self) -> Query {
        Query::All
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 1000, from: Duration::from_millis(1), to: Duration::from_millis(10) };
        Options { retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        let columns = "tenant TEXT, position BIGINT, count BIGINT, epoch BIGINT, owner TEXT";
        vec![
            Statement::new(format!("CREATE TABLE IF NOT EXISTS noted ({columns})")),
            Statement::new("CREATE INDEX IF NOT EXISTS noted_before ON noted (tenant, count)"),
        ]
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        self.note(&delivery);
        if fastrand::u32(0..20) == 0 { Err(Failure::Retry("by chance".to_owned())) } else { Ok(()) }
    }
}

impl Noting {
    pub fn note(&self, delivery: &Delivery<'_>) {
        let (tenant, position) = (delivery.event.tenant.as_str(), delivery.event.position);
        // The greatest count says as much as all rows counted, however many there are.
        let before = "coalesce((SELECT max(count) + 1 FROM noted WHERE tenant = $1), 0)";
        let sql =
            format!("INSERT INTO noted SELECT $1, $2, {before}, epoch, owner FROM leases WHERE name = 'group/noting'");
        delivery.writes.add(Statement::new(sql).bind(tenant).bind(position));
    }
}

/// What stands in the table.
pub struct Noted {
    pub tenant: String,
    pub position: Position,
    /// How many of the tenant's came before.
    pub count: i64,
    /// Who had the lease, and under which number.
    pub epoch: i64,
    pub owner: String,
}

/// One process: the service, and the group.
pub struct Process {
    pub school: School,
    groups: Groups,
}

impl Process {
    pub async fn start(url: &str) -> Self {
        Self::with(url, Arc::new(Noting)).await
    }

    pub async fn with(url: &str, consumer: Arc<dyn Consumer>) -> Self {
        let school = School::at(url.to_owned(), None).await;
        let groups = Groups::start(&[consumer], &school.databases).await.unwrap();
        Self { school, groups }
    }

    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    pub async fn stop(self) {
        self.groups.stop().await;
        self.school.close().await;
    }
}

/// Commands of one tenant until told to stop, each repeated until it is answered. Gives how many events and students that were.
pub async fn load(process: Arc<Process>, client: usize, stop: Arc<AtomicBool>) -> (usize, usize) {
    let tenant = TENANTS[client % TENANTS.len()];
    let (mut events, mut students) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let course = format!("c{client}/{}", events % 5);
        let said = match fastrand::u32(0..4) {
            0 => defined(&course, "Rust", 5),
            1 => SeatsAdded { seats: 1 }.into(),
            _ => subscribed(&course, &format!("s{client}/{events}")),
        };
        say(&process, tenant, said).await;
        events += 1;
        if events % 5 == 0 {
            keep_pace(&process, &stop).await;
            let call = Call { idempotency_key: Some(format!("{client}/{events}")), ..caller(tenant) };
            // Under one id and one key: whatever came of an attempt, the next one may not make another student.
            let data = CreateStudent { name: format!("n{client}/{events}") };
            let id = Some(format!("s{client}/{events}"));
            while let Err(status) = process.school.service.create::<Student>(&call, id.clone(), data.clone()).await {
                assert_ne!(status.code(), tonic::Code::AlreadyExists, "{status}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            students += 1;
        }
    }
    (events, students)
}

/// Waits while the group is far behind: where all is slow, the load would run ever further away from what has to catch up with it.
async fn keep_pace(process: &Process, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        // A server that does not answer is for the next command to wait for.
        let Ok(groups) = process.groups().overview().await else { return };
        if groups.iter().all(|group| group.lag.unwrap_or(0) + group.waiting < FAR) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn say(process: &Process, tenant: &str, said: Event) {
    let new = NewEvent::from_event(&said, Metadata::default()).unwrap();
    let store = process.school.databases.all()[0].events();
    while let Err(error) = store.append(Append::new(Tenant::new(tenant), vec![new.clone()])).await {
        let is_expected = match &error {
            AppendError::Store(StoreError::Unknown(_) | StoreError::Unreachable(_)) => true,
            // When its clock jumps forward, the server takes the time that a statement may need for over.
            AppendError::Store(StoreError::Slow(problem)) => problem.contains("statement timeout"),
            _ => false,
        };
        assert!(is_expected, "{error}");
    }
}

pub async fn caught_up(process: &Process, head: Position) {
    let engines = &process.school.engines;
    for live in [engines.live::<Course>(&Tenant::new("a")), engines.live::<Student>(&Tenant::new("a"))] {
        live.unwrap().unwrap().reached(head, PATIENCE).await.unwrap();
    }
}

/// All entries of all tenants, with the positions that changed them last.
pub async fn entries<E: Entry>(process: &Process) -> Vec<Kept> {
    let live = process.school.engines.live::<E>(&Tenant::new("a")).unwrap().unwrap();
    let mut found = live.tables.changed(&live.place, Changed { limit: 1_000_000, ..Changed::default() }).await.unwrap();
    found.sort_by(|one, other| (&one.tenant, &one.row.base.id).cmp(&(&other.tenant, &other.row.base.id)));
    found
}

/// What is noted in order of position, once it is so much. However slow it is, as long as it grows it goes on.
pub async fn noted(url: &str, head: Position) -> Vec<Noted> {
    let (client, schema) = (plain(url).await, schema(url));
    let (mut noted, mut deadline) = (0, Instant::now() + PATIENCE);
    while noted < head {
        // Until the group has begun, there is no table.
        let row = client.query_one(&format!("SELECT count(*) FROM {schema}.noted"), &[]).await;
        let now = row.map_or(0, |row| row.get::<_, i64>(0).unsigned_abs());
        if now > noted {
            (noted, deadline) = (now, Instant::now() + PATIENCE);
        }
        assert!(Instant::now() < deadline, "{noted} of {head} are noted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sql = format!("SELECT tenant, position, count, epoch, owner FROM {schema}.noted ORDER BY position");
    let of = |row: &tokio_postgres::Row| Noted {
        tenant: row.get(0),
        position: row.get::<_, i64>(1).unsigned_abs(),
        count: row.get(2),
        epoch: row.get(3),
        owner: row.get(4),
    };
    client.query(&sql, &[]).await.unwrap().iter().map(of).collect()
}

/// Each event was noted once, each tenant's in order, and each epoch had one owner.
pub fn in_order(events: &[StoredEvent], noted: Vec<Noted>) {
    let positions: Vec<Position> = noted.iter().map(|one| one.position).collect();
    assert_eq!(positions, events.iter().map(|event| event.position).collect::<Vec<_>>(), "each once");
    let ids: BTreeSet<Uuid> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), events.len());
    let (mut counts, mut owners): (BTreeMap<String, i64>, BTreeMap<i64, String>) = Default::default();
    for Noted { tenant, position, count, epoch, owner } in noted {
        let before = counts.entry(tenant).or_default();
        assert_eq!(count, *before, "{position} was noted out of order");
        *before += 1;
        assert_eq!(*owners.entry(epoch).or_insert_with(|| owner.clone()), owner, "two owners under epoch {epoch}");
    }
}

/// As if no projection had ever run.
pub async fn forget_tables(url: &str) {
    let (client, schema) = (plain(url).await, schema(url));
    let named = "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'school\\_%'";
    let tables = client.query(named, &[&schema]).await.unwrap();
    assert!(tables.len() >= 4, "tables and their change logs");
    for row in tables {
        client.batch_execute(&format!("DROP TABLE {schema}.\"{}\"", row.get::<_, &str>(0))).await.unwrap();
    }
    client.batch_execute(&format!("DELETE FROM {schema}.projections")).await.unwrap();
}
