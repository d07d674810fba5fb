//! Clocks that jump by hours: the server's, and a process's own, while everything that looks at a clock is at work.

use super::moved::{Clock, HOUR};
use super::process::{Noted, Noting, PATIENCE, Process, caught_up, entries, forget_tables, in_order, load, noted};
use super::*;
use crate::fixture::{Course, Student};
use scaffold_runtime::consumer::{Consumer, Delivery, Failure, Groups, Options, Retry, Statement};
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::lease::Timing;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How far the clock is off, one after the other: forward, back, and far beyond both.
const STEPS: [i64; 6] = [3 * HOUR, 0, -5 * HOUR, 48 * HOUR, -2, 0];

/// Where a worker finds its database.
const WORKER: &str = "SCAFFOLD_TEST_WORKER";

/// A server whose clock jumps.
fn server(clock: &Clock) -> Server {
    Server::with(Setup { environment: clock.environment(), ..Setup::quick() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_servers_clock_jumps_everything_goes_on() {
    let clock = Clock::new();
    let server = server(&clock);
    let url = server.schema();
    let direct = open(&url).await;
    let (one, two) = tokio::join!(Process::start(&url), Process::start(&url));
    let (one, two) = (Arc::new(one), Arc::new(two));
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let process = if client % 2 == 0 { &one } else { &two };
            tokio::spawn(load(Arc::clone(process), client, Arc::clone(&stop)))
        })
        .collect();
    for step in STEPS.into_iter().cycle().take(rounds(1) * STEPS.len()) {
        clock.set(step);
        let seen: f64 = plain(&url).await.query_one(NOW, &[]).await.unwrap().get(0);
        let right = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        assert!((seen - right - step as f64).abs() < 60.0, "the server's clock has jumped");
        // All that there is by now, and something that comes after.
        let head = direct.head().await.unwrap() + 8;
        for process in [&one, &two] {
            caught_up(process, head).await;
        }
        noted(&url, head).await;
    }
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let head = direct.head().await.unwrap();
    for process in [&one, &two] {
        caught_up(process, head).await;
    }
    in_order(&all(&direct).await, noted(&url, head).await);
    let folded = [entries::<Course>(&one).await, entries::<Student>(&two).await];
    for process in [one, two] {
        Arc::into_inner(process).unwrap().stop().await;
    }
    forget_tables(&url).await;
    let fresh = Process::start(&url).await;
    caught_up(&fresh, head).await;
    assert_eq!([entries::<Course>(&fresh).await, entries::<Student>(&fresh).await], folded, "as a rebuild from zero");
    fresh.stop().await;
}

const NOW: &str = "SELECT extract(epoch FROM clock_timestamp())::float8";

/// Whoever had the lease died while the clock was ahead: by the clock it has it for hours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_of_hours_ago_that_ends_in_hours_is_free() {
    let clock = Clock::new();
    let server = server(&clock);
    let url = server.schema();
    let database = Database::open(&url, "unused").await.unwrap();
    let (leases, span) = (database.leases(), Timing::SHARED.span);
    clock.set(3 * HOUR);
    assert_eq!(leases.take("group/noting", "dead/1", span).await.unwrap(), Some(1));
    assert_eq!(leases.take("group/noting", "other/2", span).await.unwrap(), None, "it lives, for all one knows");
    clock.set(0);
    let consumer: Arc<dyn Consumer> = Arc::new(Noting);
    let groups = Groups::start(&[consumer], &Databases::single(database.clone())).await.unwrap();
    database.events().append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    noted(&url, 1).await;
    assert!(!leases.is_current("group/noting", 1).await.unwrap(), "the dead one writes no more, should it wake up");
    // A clock that is put right by a little takes nothing from whoever lives.
    let held = leases.take("other", "living/1", span).await.unwrap();
    clock.set(-2);
    assert_eq!(leases.take("other", "greedy/2", span).await.unwrap(), None);
    assert_eq!(leases.take("other", "living/1", span).await.unwrap(), held);
    groups.stop().await;
    database.close().await;
}

/// Fails until it is told not to.
struct Failing(Arc<AtomicBool>);

#[async_trait::async_trait]
impl Consumer for Failing {
    fn name(&self) -> &str {
        "noting"
    }

    fn query(&self) -> Query {
        Query::All
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 1000, from: Duration::from_millis(500), to: Duration::from_secs(1) };
        Options { retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        Noting.prepare()
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Failure::Retry("as it was told to".to_owned()));
        }
        Noting.note(&delivery);
        Ok(())
    }
}

/// What was put off while the clock was ahead is tried again after its pause, and not when that time comes once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_put_off_before_the_clock_went_back_waits_no_longer_than_its_pause() {
    let clock = Clock::new();
    let server = server(&clock);
    let url = server.schema();
    let database = Database::open(&url, "unused").await.unwrap();
    let fails = Arc::new(AtomicBool::new(true));
    let consumer: Arc<dyn Consumer> = Arc::new(Failing(Arc::clone(&fails)));
    clock.set(3 * HOUR);
    let groups = Groups::start(&[Arc::clone(&consumer)], &Databases::single(database.clone())).await.unwrap();
    database.events().append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    let client = plain(&url).await;
    let put_off = format!("SELECT 1 FROM {}.consumer_put_off", schema(&url));
    while client.query(&put_off, &[]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    groups.stop().await;
    clock.set(0);
    fails.store(false, Ordering::SeqCst);
    let groups = Groups::start(&[consumer], &Databases::single(database.clone())).await.unwrap();
    noted(&url, 1).await;
    groups.stop().await;
    database.close().await;
}

/// No test of its own: the next one runs this program once more, for it alone, until it kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test starts it"]
async fn worker() {
    let Ok(url) = std::env::var(WORKER) else { return };
    let process = Arc::new(Process::start(&url).await);
    let never = Arc::new(AtomicBool::new(false));
    let clients = (0..2).map(|client| load(Arc::clone(&process), client, Arc::clone(&never)));
    futures_util::future::join_all(clients).await;
}

struct Worker(Child);

impl Worker {
    fn start(url: &str, clock: &Clock) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "clock::worker", "--ignored"]).env(WORKER, url).envs(clock.environment());
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process whose own clock jumps, on a file: its leases, its retries, its ids and its times are all by that clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_processs_own_clock_jumps_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("school.db");
    let url = format!("sqlite:{}", path.display());
    let clock = Clock::new();
    let mut worker = Worker::start(&url, &clock);
    for step in STEPS.into_iter().cycle().take(rounds(1) * STEPS.len()) {
        clock.set(step);
        let enough = read(&path).len() + 30;
        let deadline = Instant::now() + PATIENCE;
        while read(&path).len() < enough {
            assert!(Instant::now() < deadline, "it stands still with the clock {step} s off");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if step < 0 {
            // The next one finds what this one had begun.
            drop(worker);
            worker = Worker::start(&url, &clock);
        }
    }
    drop(worker);
    let process = Process::start(&url).await;
    let store = process.school.databases.all()[0].events();
    let head = store.head().await.unwrap();
    caught_up(&process, head).await;
    while (read(&path).len() as u64) < head {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stored = all(&**store).await;
    assert_eq!(stored.iter().map(|event| event.position).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    in_order(&stored, read(&path));
    let (first, last) = (stored.iter().map(|one| one.raised_at).min(), stored.iter().map(|one| one.raised_at).max());
    assert!(last.unwrap() - first.unwrap() > 50 * HOUR * 1_000_000, "its clock has jumped");
    let folded = [entries::<Course>(&process).await, entries::<Student>(&process).await];
    process.stop().await;
    drop_tables(&path);
    let fresh = Process::start(&url).await;
    caught_up(&fresh, head).await;
    assert_eq!([entries::<Course>(&fresh).await, entries::<Student>(&fresh).await], folded, "as a rebuild from zero");
    fresh.stop().await;
}

/// What is noted, past the process that has the file open.
fn read(path: &Path) -> Vec<Noted> {
    let Ok(connection) = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Vec::new();
    };
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    let sql = "SELECT tenant, position, count, epoch, owner FROM noted ORDER BY position";
    // Until the worker has made it, there is no table.
    let Ok(mut statement) = connection.prepare(sql) else { return Vec::new() };
    let rows = statement.query_map([], |row| {
        let position: i64 = row.get(1)?;
        Ok(Noted {
            tenant: row.get(0)?,
            position: position.unsigned_abs(),
            count: row.get(2)?,
            epoch: row.get(3)?,
            owner: row.get(4)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn drop_tables(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'school\\_%' ESCAPE '\\'";
    let named: Vec<String> = {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert!(named.len() >= 4, "tables and their change logs: {named:?}");
    for name in named {
        connection.execute_batch(&format!("DROP TABLE \"{name}\"")).unwrap();
    }
    connection.execute_batch("DELETE FROM projections").unwrap();
}
