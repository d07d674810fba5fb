//! Two processes of a whole service whose connections are cut anywhere.

use super::process::{Process, caught_up, entries, forget_tables, in_order, load, noted};
use super::proxy::Proxy;
use super::*;
use crate::fixture::{Course, Student};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_anywhere_groups_and_tables_come_to_what_a_rebuild_comes_to() {
    let url = SERVER.schema();
    let (proxy, by_proxy) = Proxy::to(&url).await;
    let direct = open(&url).await;
    let (one, two) = tokio::join!(Process::start(&by_proxy), Process::start(&by_proxy));
    let (one, two) = (Arc::new(one), Arc::new(two));
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let process = if client % 2 == 0 { &one } else { &two };
            tokio::spawn(load(Arc::clone(process), client, Arc::clone(&stop)))
        })
        .collect();
    for round in 0..rounds(3) {
        let (before, began) = (proxy.cuts(), Instant::now());
        proxy.storm([150, 400, 1200][round % 3]);
        while proxy.cuts() < before + 20 || began.elapsed() < Duration::from_millis(500) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        proxy.calm();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.store(true, Ordering::SeqCst);
    let (mut events, mut students) = (0, 0);
    for client in clients {
        let (said, made) = client.await.unwrap();
        (events, students) = (events + said, students + made);
    }
    let head = direct.head().await.unwrap();
    assert_eq!(head, (events + students) as u64, "each command has its event once");
    eprintln!("{head} events, {} cuts", proxy.cuts());
    for process in [&one, &two] {
        caught_up(process, head).await;
    }
    let noted = noted(&url, head).await;
    in_order(&all(&direct).await, noted);
    let folded = [entries::<Course>(&one).await, entries::<Student>(&one).await];
    assert_eq!(folded[1].len(), students);
    for process in [one, two] {
        Arc::into_inner(process).unwrap().stop().await;
    }
    forget_tables(&url).await;
    let fresh = Process::start(&url).await;
    caught_up(&fresh, head).await;
    assert_eq!([entries::<Course>(&fresh).await, entries::<Student>(&fresh).await], folded, "as a rebuild from zero");
    fresh.stop().await;
}
