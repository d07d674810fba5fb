//! Files that are much larger than what a process may hold of them at once.

use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::ground::{answer, bearer};
use super::{Ground, On};
use crate::files::Accepted;

/// What is sent at once, and how often.
const PIECE: usize = 1 << 20;
const PIECES: usize = 192;
/// By how much the process may grow meanwhile, in KiB: a third of the file.
const GROWTH: u64 = 64 << 10;
/// Set where the test is alone in its process.
const ALONE: &str = "SCAFFOLD_TEST_LARGE_FILE";

/// The most memory that the process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// In a process of its own, so that no other test's memory counts.
#[test]
#[cfg(target_os = "linux")]
fn a_large_file_streams_through_with_little_memory() {
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        return runtime.block_on(there_and_back());
    }
    let name = "files::tests::large::a_large_file_streams_through_with_little_memory";
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", name]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

async fn there_and_back() {
    let ground = Ground::with(On::Sqlite, 1 << 30, Accepted::all()).await;
    let ada = bearer("ada", "acme");
    // Whatever is allocated once has been by now.
    ground.uploaded(&vec![1; PIECE / 2]).await;
    let before = peak();
    let (length, mut piece) = ((PIECE * PIECES).to_string(), vec![0_u8; PIECE]);
    let headers = [("authorization", ada.as_str())];
    let mut stream = ground.begin("POST", "/v1/papers/files", &headers, &[("content-length", &length)]).await;
    for number in 0..PIECES {
        piece.fill(u8::try_from(number).unwrap());
        stream.write_all(&piece).await.unwrap();
    }
    let answer = answer(stream).await;
    assert_eq!(answer.code, 201, "{}", answer.text());
    let address = format!("/v1/papers/files/{}", answer.json()["id"].as_str().unwrap());
    let mut stream = ground.begin("GET", &address, &headers, &[]).await;
    let (mut read, mut sum) = (0_usize, 0_u64);
    loop {
        let found = stream.read(&mut piece).await.unwrap();
        if found == 0 {
            break;
        }
        read += found;
        sum += piece[..found].iter().map(|byte| u64::from(*byte)).sum::<u64>();
    }
    assert!(read > PIECE * PIECES && read < PIECE * PIECES + 4096, "{read} bytes with the head");
    assert!(sum > (0..PIECES as u64).sum::<u64>() * PIECE as u64);
    assert!(peak() - before < GROWTH, "{} KiB before, {} KiB at most", before, peak());
}
