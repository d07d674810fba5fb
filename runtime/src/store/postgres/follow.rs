//! Knowing the head: told by this process's own appends and by the other processes, and asked for in between.

use super::session;
use crate::event::Position;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_postgres::{Client, Config, Notification};

/// How often the head is asked for although nothing was heard: a pooler, or a process that died, may have kept it back.
const POLL: Duration = Duration::from_millis(200);

/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The head as this process knows it; never goes back. Cheap to clone.
#[derive(Clone)]
pub(super) struct Head(watch::Sender<Position>);

impl Head {
    pub(super) fn new(position: Position) -> Self {
        Self(watch::Sender::new(position))
    }

    pub(super) fn watch(&self) -> watch::Receiver<Position> {
        self.0.subscribe()
    }

    /// Notes that everything up to here can be read.
    pub(super) fn reached(&self, position: Position) {
        self.0.send_if_modified(|head| {
            let grows = position > *head;
            if grows {
                *head = position;
            }
            grows
        });
    }
}

/// A task that follows the head on a connection of its own.
pub(super) struct Follower {
    pub(super) config: Config,
    pub(super) channel: String,
    /// Asks for the head.
    pub(super) sql: String,
    pub(super) head: Head,
    /// Where everything else goes that is told.
    pub(super) notes: broadcast::Sender<Arc<str>>,
    /// Ends the task when it is dropped.
    pub(super) stop: watch::Receiver<()>,
}

impl Follower {
    /// Follows until the store is closed.
    pub(super) async fn run(mut self) {
        let mut stop = self.stop.clone();
        tokio::select! {
            _ = stop.changed() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&mut self) {
        let mut pause = POLL;
        loop {
            let (notes, mut heard) = mpsc::channel(64);
            match session::connect(&self.config, Some(notes)).await {
                Ok(client) => {
                    let listening = client.batch_execute(&format!("LISTEN \"{}\"", self.channel)).await.is_ok();
                    if listening {
                        pause = POLL;
                        self.listen(&client, &mut heard).await;
                    }
                    tracing::warn!("the connection that listens for appends ended; connecting again");
                }
                Err(error) => tracing::debug!(error = session::text(&error), "cannot listen for appends"),
            }
            tokio::time::sleep(session::jittered(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Until the connection ends.
    async fn listen(&self, client: &Client, heard: &mut mpsc::Receiver<Notification>) {
        loop {
            let Ok(row) = client.query_typed_one(&self.sql, &[]).await else { return };
            self.head.reached(row.try_get::<_, i64>(0).map_or(0, i64::unsigned_abs));
            // Until it is time to ask, what is told is enough.
            let ask = tokio::time::sleep(POLL);
            tokio::pin!(ask);
            loop {
                tokio::select! {
                    () = &mut ask => break,
                    note = heard.recv() => match note {
                        Some(note) => self.hear(note.payload()),
                        None => return,
                    },
                }
            }
        }
    }

    fn hear(&self, note: &str) {
        match note.parse() {
            Ok(position) => self.head.reached(position),
            // Nobody may be listening.
            Err(_) => drop(self.notes.send(note.into())),
        }
    }
}
