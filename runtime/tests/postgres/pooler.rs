//! Behind PgBouncer in transaction mode, where each transaction may get another connection.

use super::*;
use scaffold_runtime::broadcast::{Broadcast, Heard};
use scaffold_runtime::database::Database;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Pooler(Child);

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pooler with three connections to the server, on this port.
fn pooler(folder: &std::path::Path, port: u16) -> Pooler {
    let server: tokio_postgres::Config = SERVER.url("app", "app").parse().unwrap();
    let users = folder.join("users");
    std::fs::write(&users, format!("\"app\" \"{}\"\n", SERVER.password())).unwrap();
    let settings = folder.join("settings");
    let text = format!(
        "[databases]\napp = host=127.0.0.1 port={} dbname=app\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 3\n\
         server_reset_query =\n",
        server.get_ports()[0],
        users.display()
    );
    std::fs::write(&settings, text).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(std::env::var("PGBOUNCER").unwrap_or_else(|_| "pgbouncer".to_owned()));
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        chown(folder, Some(65_534), Some(65_534)).unwrap();
        command.uid(65_534).gid(65_534);
    }
    let started = command.arg(&settings).stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    let pooler = Pooler(started.expect("no pgbouncer: apt-get install pgbouncer, or set PGBOUNCER"));
    let patience = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "the pooler does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    pooler
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer (or its path in PGBOUNCER)"]
async fn a_pooler_may_give_each_transaction_another_connection() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _pooler = pooler(folder.path(), port);
    let direct = SERVER.schema();
    let (_, path) = direct.rsplit_once('/').unwrap();
    let url = format!("postgres://app:{}@127.0.0.1:{port}/{path}", SERVER.password());
    let (one, two) = (open(&url).await, open(&url).await);
    let mut tasks = Vec::new();
    for n in 0..200 {
        let store = if n % 2 == 0 { one.clone() } else { two.clone() };
        tasks.push(tokio::spawn(async move {
            let tag = format!("seat:{}", n / 2);
            let append = store.append(Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None)).await;
            store.read(&tenant(), &about(&tag), Range::default()).await.unwrap();
            append
        }));
    }
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppendError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((won, all(&one).await.len(), one.head().await.unwrap()), (100, 100, 100));
    let mut watch = two.watch();
    one.append(Append::new(tenant(), vec![event("last")])).await.unwrap();
    let found = tokio::time::timeout(Duration::from_secs(2), watch.wait_for(|head| *head == 101)).await;
    assert!(found.is_ok(), "found by asking");
    tokio::join!(one.close(), two.close());
    // Nothing is heard from other processes, and what is broadcast stays in its own.
    let database = Database::open(&url, "unused").await.unwrap();
    let mut subscription = database.broadcasts().subscribe(&tenant(), "news");
    let message = Broadcast::new(tenant(), "news", serde_json::json!(1));
    database.broadcasts().send(message.clone()).await.unwrap();
    let heard = loop {
        // It believes to listen each time it gets another connection.
        match subscription.next().await.unwrap() {
            Heard::Message(heard) => break heard,
            Heard::Missed(_) => {}
        }
    };
    assert_eq!(*heard, message);
    database.close().await;
}
