//! Knowing the head: told by this process's own appends and by the other processes, and asked for in between.

use super::server::Server;
use super::session;
use crate::broadcast::Note;
use crate::event::Position;
use std::time::Duration;
use tokio::sync::{broadcast, oneshot, watch};
use tokio_postgres::Client;

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
    pub(super) server: Server,
    pub(super) channel: String,
    /// Asks for the head.
    pub(super) sql: String,
    pub(super) head: Head,
    /// Where everything else goes that is told.
    pub(super) notes: broadcast::Sender<Note>,
    /// Says that it has begun to listen.
    pub(super) listens: watch::Sender<bool>,
    /// Ends the task when it is dropped.
    pub(super) stop: watch::Receiver<()>,
}

impl Follower {
    /// Follows until the store is closed.
    pub(super) async fn run(self) {
        let mut stop = self.stop.clone();
        tokio::select! {
            _ = stop.changed() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&self) {
        let mut pause = POLL;
        loop {
            let (open, ended) = oneshot::channel();
            let hear = hear(self.channel.clone(), self.head.clone(), self.notes.clone(), open);
            match self.server.connect(Some(hear)).await {
                Ok(client) => {
                    let listening = client.batch_execute(&format!("LISTEN \"{}\"", self.channel)).await.is_ok();
                    if listening {
                        pause = POLL;
                        // What was told until now is lost.
                        let _ = self.notes.send(Note::Gap);
                        self.listens.send_replace(true);
                        self.listen(&client, ended).await;
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
    async fn listen(&self, client: &Client, mut ended: oneshot::Receiver<()>) {
        loop {
            let Ok(row) = client.query_typed_one(&self.sql, &[]).await else { return };
            self.head.reached(row.try_get::<_, i64>(0).map_or(0, i64::unsigned_abs));
            // Until it is time to ask, what is told is enough.
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                _ = &mut ended => return,
            }
        }
    }
}

/// Takes in what is told on the channel, for as long as the connection is open.
///
/// A pooler keeps a session that listens for one client and gives it to another one, which then hears what is told of the first
/// one's schema.
fn hear(channel: String, head: Head, notes: broadcast::Sender<Note>, open: oneshot::Sender<()>) -> session::Hear {
    Box::new(move |told| {
        let _ = &open;
        if told.channel != channel {
            return;
        }
        match told.text.parse() {
            Ok(position) => head.reached(position),
            // Nobody may be listening.
            Err(_) => drop(notes.send(Note::Said(told.text.into()))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::postgres::session::Told;

    #[test]
    fn what_is_told_of_another_schema_is_not_taken_in() {
        let (head, (notes, mut heard), (open, _ended)) = (Head::new(3), broadcast::channel(8), oneshot::channel());
        let hear = hear("campus".to_owned(), head.clone(), notes, open);
        for (channel, text) in [("mailer", "900"), ("mailer", "a word"), ("campus", "7"), ("campus", "another")] {
            hear(Told { channel, text });
        }
        assert_eq!(*head.watch().borrow(), 7);
        assert!(matches!(heard.try_recv(), Ok(Note::Said(said)) if &*said == "another"));
        assert!(heard.try_recv().is_err());
    }
}
