//! A way to the server that is cut: at a moment that a test chooses, or anywhere by chance.
//!
//! It reads along what both sides say (PostgreSQL's protocol, version 3: a letter, a length, a body), so that it knows which
//! message is the commit, and which one answers it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// In the middle of the rows that are inserted.
    WithinInsert,
    /// The commit does not reach the server.
    BeforeCommit,
    /// Half of the commit reaches the server.
    WithinCommit,
    /// The server has committed, and nothing of its answer comes back.
    BeforeAnswer,
    /// The server has committed, and half of its answer comes back.
    WithinAnswer,
    /// The server has committed, its answer comes back, and nothing after it.
    AfterAnswer,
}

impl Moment {
    pub const ALL: [Self; 6] = [
        Self::WithinInsert,
        Self::BeforeCommit,
        Self::WithinCommit,
        Self::BeforeAnswer,
        Self::WithinAnswer,
        Self::AfterAnswer,
    ];

    /// Whether the server has committed by then.
    pub fn is_committed(self) -> bool {
        matches!(self, Self::BeforeAnswer | Self::WithinAnswer | Self::AfterAnswer)
    }
}

/// A transaction to be cut: the next one that says one of these texts.
struct Aim {
    moment: Moment,
    texts: Vec<String>,
}

/// What becomes of a message.
enum Fate {
    Passed,
    /// It is kept back, and the connection goes on.
    Lost,
    /// The connection is cut behind so many bytes of it.
    Cut(usize),
}

/// A port that leads to the server. Dropped, it leads nowhere.
pub struct Proxy {
    port: u16,
    ways: Arc<Ways>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Ways {
    server: u16,
    aim: Mutex<Option<Aim>>,
    /// Of so many messages one is where its connection is cut; none: 0.
    chance: AtomicU32,
    refuses: AtomicBool,
    cuts: AtomicUsize,
}

impl Proxy {
    /// A way to the server of this address, and the same address by that way.
    pub async fn to(url: &str) -> (Self, String) {
        let config: tokio_postgres::Config = url.split_once('?').map_or(url, |(place, _)| place).parse().unwrap();
        let server = config.get_ports()[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ways = Ways {
            server,
            aim: Mutex::new(None),
            chance: AtomicU32::new(0),
            refuses: AtomicBool::new(false),
            cuts: AtomicUsize::new(0),
        };
        let ways = Arc::new(ways);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&ways)));
        // What both sides say can be read along in the clear only.
        let by_proxy = url.replace(&format!(":{server}/"), &format!(":{port}/")).replace('?', "?sslmode=disable&");
        assert_ne!(by_proxy, url);
        (Self { port, ways, accepting }, by_proxy)
    }

    /// Cuts the next transaction that says one of these texts, once.
    pub fn aim(&self, moment: Moment, texts: impl IntoIterator<Item = String>) {
        *self.ways.aim.lock().unwrap() = Some(Aim { moment, texts: texts.into_iter().collect() });
    }

    /// From now on one of so many messages is where its connection is cut: before it, within it, behind it.
    pub fn storm(&self, one_of: u32) {
        self.ways.chance.store(one_of, Ordering::SeqCst);
    }

    /// Whether new connections are closed as soon as they come.
    pub fn refuse(&self, refuses: bool) {
        self.ways.refuses.store(refuses, Ordering::SeqCst);
    }

    /// No more cuts.
    pub fn calm(&self) {
        self.storm(0);
        self.refuse(false);
        *self.ways.aim.lock().unwrap() = None;
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> usize {
        self.ways.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        tracing::debug!(port = self.port, "the way is closed");
    }
}

async fn accept(listener: TcpListener, ways: Arc<Ways>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        if ways.refuses.load(Ordering::SeqCst) {
            continue;
        }
        let ways = Arc::clone(&ways);
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(("127.0.0.1", ways.server)).await else { return };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let said = Mutex::new(Said::default());
            let one = Way { ways: &ways, said: &said, is_to_server: true };
            let other = Way { is_to_server: false, ..one };
            // Whichever ends first, both ends learn of it.
            tokio::select! {
                () = one.pass(from_client, to_server) => {}
                () = other.pass(from_server, to_client) => {}
            }
        });
    }
}

/// What is known of a connection.
#[derive(Default)]
struct Said {
    /// Whether the running transaction is the one that is aimed at.
    is_meant: bool,
    /// Whether it was begun: else each call is a transaction of its own, and is committed when it ends.
    is_begun: bool,
    /// How it is to be cut once the server answers its commit, and whether that was a commit in so many words.
    awaited: Option<(Moment, bool)>,
    /// Whether the client has said its first.
    is_known: bool,
}

/// One direction of a connection.
#[derive(Clone, Copy)]
struct Way<'a> {
    ways: &'a Ways,
    said: &'a Mutex<Said>,
    is_to_server: bool,
}

impl Way<'_> {
    /// Passes messages on until an end closes or the way is cut.
    async fn pass(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut unread = Vec::new();
        loop {
            while let Some(length) = self.whole(&unread) {
                let message: Vec<u8> = unread.drain(..length).collect();
                match self.fate(&message) {
                    Fate::Passed if to.write_all(&message).await.is_ok() => {}
                    Fate::Lost => {}
                    Fate::Passed => return,
                    Fate::Cut(passed) => {
                        self.ways.cuts.fetch_add(1, Ordering::SeqCst);
                        let _ = to.write_all(&message[..passed]).await;
                        // What was passed on is to arrive, and what comes back is to be lost with the rest.
                        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..20))).await;
                        return;
                    }
                }
            }
            if !matches!(from.read_buf(&mut unread).await, Ok(1..)) {
                return;
            }
        }
    }

    /// The length of the message in front, if all of it is there. A client's first one has no letter.
    fn whole(&self, unread: &[u8]) -> Option<usize> {
        let mut said = self.said.lock().unwrap();
        let letter = usize::from(said.is_known || !self.is_to_server);
        let length = unread.get(letter..letter + 4)?;
        let length = letter + u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let is_whole = unread.len() >= length;
        said.is_known |= is_whole && self.is_to_server;
        is_whole.then_some(length)
    }

    fn fate(&self, message: &[u8]) -> Fate {
        let chance = self.ways.chance.load(Ordering::SeqCst);
        if chance > 0 && fastrand::u32(0..chance) == 0 {
            return Fate::Cut([0, message.len() / 2, message.len()][fastrand::usize(0..3)]);
        }
        let mut said = self.said.lock().unwrap();
        if self.is_to_server { self.asked(message, &mut said) } else { answered(message, &mut said) }
    }

    fn asked(&self, message: &[u8], said: &mut Said) -> Fate {
        let says = |text: &str| message.windows(text.len()).any(|part| part == text.as_bytes());
        let in_words = message[0] == b'Q';
        let ends = if said.is_begun { in_words && (says("COMMIT") || says("ROLLBACK")) } else { message[0] == b'S' };
        let was_begun = said.is_begun;
        if in_words {
            said.is_begun = !ends && (was_begun || says("BEGIN"));
        }
        let mut aim = self.ways.aim.lock().unwrap();
        let Some(Aim { moment, texts }) = aim.as_ref() else { return Fate::Passed };
        let moment = *moment;
        said.is_meant |= texts.iter().any(|text| says(text));
        let is_now = if moment == Moment::WithinInsert { message[0] == b'B' } else { ends };
        if !(said.is_meant && is_now) {
            return Fate::Passed;
        }
        said.is_meant = false;
        *aim = None;
        match moment {
            Moment::BeforeCommit => Fate::Cut(0),
            Moment::WithinInsert | Moment::WithinCommit => Fate::Cut(message.len() / 2),
            Moment::BeforeAnswer | Moment::WithinAnswer | Moment::AfterAnswer => {
                said.awaited = Some((moment, was_begun));
                Fate::Passed
            }
        }
    }
}

fn answered(message: &[u8], said: &mut Said) -> Fate {
    let Some((moment, in_words)) = said.awaited else { return Fate::Passed };
    // A call that is a transaction of its own is committed when the server is ready for the next.
    let is_answer =
        if in_words { message[0] == b'C' && message[5..].starts_with(b"COMMIT\0") } else { message[0] == b'Z' };
    match moment {
        _ if !is_answer && moment == Moment::BeforeAnswer && !in_words => Fate::Lost,
        _ if !is_answer => Fate::Passed,
        Moment::BeforeAnswer => Fate::Cut(0),
        Moment::WithinAnswer => Fate::Cut(message.len() / 2),
        _ => Fate::Cut(message.len()),
    }
}
