//! Closed-loop clients: each sends its next append when the last one was answered. Also compiled into the peers' program, so
//! that everybody is driven and timed by the same lines.

use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tags that each client spreads its events over, when there are many.
const TAGS_A_CLIENT: u64 = 100;

/// Something that events can be appended to, under a condition.
pub trait Target: Send + Sync + 'static {
    /// Appends one event with this tag, unless the store has one with it behind `after`. Gives its position, or nothing if
    /// there is one.
    fn append(&self, tag: &str, after: u64) -> impl Future<Output = Result<Option<u64>, String>> + Send;

    /// A position that a client may decide on.
    fn head(&self) -> impl Future<Output = Result<u64, String>> + Send;
}

/// Whether clients can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spread {
    /// Each client has tags of its own: whatever conflicts does so falsely.
    Many,
    /// All events have the same tag: whoever is late has to look again.
    One,
}

/// How much, how, and for how long.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Load {
    /// Clients at once.
    pub clients: u64,
    /// Their tags.
    pub spread: Spread,
    /// How long they go on.
    pub milliseconds: u64,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Appends that succeeded.
    pub done: u64,
    /// Attempts that were refused by their condition.
    pub conflicts: u64,
    /// Successful appends a second.
    pub per_second: f64,
    /// Median time of an append, conflicts and repeats included, in microseconds.
    pub p50: f64,
    /// Its 99th percentile.
    pub p99: f64,
    /// Processor time of an append in microseconds: at the clients' end, and at the server's where there is one.
    #[serde(default)]
    pub processor: Option<[f64; 2]>,
}

/// Lets all clients work, and waits for them.
///
/// # Errors
/// The first failure of any of them.
pub async fn run<T: Target>(target: &Arc<T>, load: Load, run: u64) -> Result<Measured, String> {
    let begun = Instant::now();
    let until = begun + Duration::from_millis(load.milliseconds);
    let head = target.head().await?;
    let clients: Vec<_> = (0..load.clients)
        .map(|number| {
            let client =
                Client { target: Arc::clone(target), number, run, spread: load.spread, known: head, seed: number + 1 };
            tokio::spawn(client.work(until))
        })
        .collect();
    let (mut times, mut conflicts) = (Vec::new(), 0);
    for client in clients {
        let worked = client.await.map_err(|error| error.to_string())??;
        times.extend(worked.0);
        conflicts += worked.1;
    }
    Ok(measured(times, conflicts, begun.elapsed()))
}

/// Counts and sorts.
pub fn measured(mut times: Vec<Duration>, conflicts: u64, took: Duration) -> Measured {
    times.sort_unstable();
    Measured {
        done: times.len() as u64,
        conflicts,
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: percentile(&times, 0.5),
        p99: percentile(&times, 0.99),
        processor: None,
    }
}

/// In microseconds; the times are sorted.
fn percentile(times: &[Duration], part: f64) -> f64 {
    let place = (times.len() as f64 * part) as usize;
    times.get(place.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

/// A refused client waits a random part of this, and of twice as much each time, as commands of the runtime do.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

struct Client<T> {
    target: Arc<T>,
    number: u64,
    run: u64,
    spread: Spread,
    known: u64,
    seed: u64,
}

impl<T: Target> Client<T> {
    /// Between 0 and 1, by xorshift: good enough to spread those who compete.
    fn chance(&mut self) -> f64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed % 1000) as f64 / 1000.0
    }

    async fn work(mut self, until: Instant) -> Result<(Vec<Duration>, u64), String> {
        let (mut times, mut conflicts, mut count) = (Vec::new(), 0, 0);
        while Instant::now() < until {
            let tag = match self.spread {
                Spread::Many => format!("account:{}-{}-{}", self.run, self.number, count % TAGS_A_CLIENT),
                Spread::One => "account:everybody".to_owned(),
            };
            let begun = Instant::now();
            let mut pause = FIRST_PAUSE;
            loop {
                match self.target.append(&tag, self.known).await? {
                    Some(position) => {
                        self.known = position;
                        break;
                    }
                    None => {
                        conflicts += 1;
                        tokio::time::sleep(pause.mul_f64(self.chance())).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        self.known = self.target.head().await?;
                    }
                }
                if Instant::now() >= until {
                    return Ok((times, conflicts));
                }
            }
            times.push(begun.elapsed());
            count += 1;
        }
        Ok((times, conflicts))
    }
}
