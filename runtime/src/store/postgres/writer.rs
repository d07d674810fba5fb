//! The one task of a process that appends, and its group commit.
//!
//! It takes whatever has queued up while the last group was written, and answers each append by itself. It waits for no
//! timer. When the server goes away it connects again, with pauses that grow; a group of which the commit may have
//! happened is not repeated here but reported, as only its caller knows whether that is wanted.

use super::batch;
use super::follow::Head;
use super::outcomes::{Cause, Connected, Failed, Outcomes};
use super::prepare::Prepared;
use super::server::Server;
use super::session::{self, PATIENCE};
use super::statements::Statements;
use crate::event::Position;
use crate::store::recent::Recent;
use crate::store::{AppendError, Appended, StoreError};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_postgres::Client;

/// How many appends may wait.
const QUEUE: usize = 4096;

/// How many appends share a commit at most, and after how many events no more are taken in.
const GROUP: usize = 1024;
const EVENTS: usize = 4096;

type Reply = oneshot::Sender<Result<Appended, AppendError>>;

enum Message {
    Append(Box<Prepared>, Reply),
    Close(oneshot::Sender<()>),
}

/// Where appends go. Cheap to clone.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Message>);

/// What the task works with.
pub(super) struct Task {
    pub(super) server: Server,
    pub(super) client: Option<Client>,
    pub(super) statements: Arc<Statements>,
    pub(super) head: Head,
    /// Where other processes are told.
    pub(super) written: watch::Sender<Position>,
    /// What this task has written last.
    pub(super) recent: Recent,
}

impl Writer {
    /// Starts the task. The one that tells others ends behind it.
    pub(super) fn start(task: Task, teller: JoinHandle<()>) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(task.run(receiver, teller));
        Self(queue)
    }

    /// Appends; durable when it answers.
    ///
    /// # Errors
    /// As [`crate::store::EventStore::append`].
    pub(super) async fn append(&self, prepared: Prepared) -> Result<Appended, AppendError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Append(Box::new(prepared), reply);
        self.0.send(message).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes what is queued and refuses what comes later.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.0.send(Message::Close(reply)).await.is_ok() {
            // An error says that the task is gone, which is what was asked for.
            let _ = closed.await;
        }
    }
}

impl Task {
    async fn run(mut self, mut receiver: mpsc::Receiver<Message>, teller: JoinHandle<()>) {
        let mut closing = Vec::new();
        while let Some(first) = receiver.recv().await {
            let (mut group, mut replies, mut events) = (Vec::new(), Vec::new(), 0);
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Append(prepared, reply) => {
                        events += prepared.append.events.len();
                        group.push(*prepared);
                        replies.push(reply);
                    }
                    Message::Close(reply) => {
                        receiver.close();
                        closing.push(reply);
                    }
                }
                let full = group.len() >= GROUP || events >= EVENTS;
                next = if full { None } else { receiver.try_recv().ok() };
            }
            if !group.is_empty() {
                self.settle(&group, replies).await;
            }
        }
        drop(self);
        // It tells what is untold and ends; if it has failed, others find out by themselves.
        let _ = teller.await;
        for reply in closing {
            let _ = reply.send(());
        }
    }

    /// Writes a group and answers everybody.
    async fn settle(&mut self, group: &[Prepared], replies: Vec<Reply>) {
        let all: Vec<&Prepared> = group.iter().collect();
        let deadline = Instant::now() + PATIENCE;
        let mut outcomes = self.attempt(&all, deadline).await;
        if let Err(Failed::Refused { cause: Cause::One, .. }) = &outcomes
            && group.len() > 1
        {
            // One of them cannot be stored; the others must not suffer.
            let mut apart = Vec::new();
            for one in all {
                apart.push(self.attempt(&[one], deadline).await.map_or_else(
                    |failed| Err(error(&failed)),
                    |mut one| one.pop().unwrap_or(Err(StoreError::Closed.into())),
                ));
            }
            outcomes = Ok(apart);
        }
        match outcomes {
            Ok(outcomes) => {
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    // Nobody waits any more: the caller gave up, the write stands.
                    let _ = reply.send(outcome);
                }
            }
            Err(failed) => {
                tracing::error!(problem = %error(&failed), appends = group.len(), "a group of appends failed");
                for reply in replies {
                    let _ = reply.send(Err(error(&failed)));
                }
            }
        }
    }

    /// Tries until it is known what became of the group, or the deadline has passed.
    async fn attempt(&mut self, group: &[&Prepared], deadline: Instant) -> Result<Outcomes, Failed> {
        // Once a commit may have been asked for, a server that cannot be reached says nothing about it.
        let mut may_be_written = false;
        loop {
            let client = match self.client.take().filter(|client| !client.is_closed()) {
                Some(client) => client,
                None => match self.server.connect_until(deadline).await {
                    Ok(client) => client,
                    Err(error) => return Err(Failed::Lost(error.to_string()).after(may_be_written)),
                },
            };
            let on = Connected { server: &self.server, client: &client, sql: &self.statements };
            match batch::run(&on, group, &mut self.recent).await {
                Ok((outcomes, head)) => {
                    self.client = Some(client);
                    self.head.reached(head);
                    self.written.send_if_modified(|last| std::mem::replace(last, head.max(*last)) < head);
                    return Ok(outcomes);
                }
                Err(Failed::Refused { problem, cause: Cause::InTheWay }) if Instant::now() < deadline => {
                    self.client = Some(client);
                    tracing::debug!(problem, "others stood in the way of a group of appends, which is tried again");
                    session::pause().await;
                }
                Err(refused @ Failed::Refused { .. }) => {
                    self.client = Some(client);
                    return Err(refused.after(may_be_written));
                }
                Err(ref failed @ (Failed::Lost(ref problem) | Failed::Unseen(ref problem)))
                    if Instant::now() < deadline =>
                {
                    may_be_written |= matches!(failed, Failed::Unseen(_));
                    tracing::warn!(problem, may_be_written, "the connection was lost; connecting again");
                    session::pause().await;
                }
                Err(failed) => return Err(failed.after(may_be_written)),
            }
        }
    }
}

fn error(failed: &Failed) -> AppendError {
    AppendError::Store(match failed {
        Failed::Lost(problem) => StoreError::Unreachable(problem.clone()),
        Failed::Refused { problem, cause: Cause::Disk } => StoreError::Unwritable(problem.clone()),
        Failed::Refused { problem, cause: Cause::InTheWay } => StoreError::Busy(problem.clone()),
        Failed::Refused { problem, cause: Cause::Time } => StoreError::Slow(problem.clone()),
        Failed::Refused { problem, .. } => StoreError::Commit(problem.clone()),
        Failed::Unseen(problem) | Failed::Unknown(problem) => StoreError::Unknown(problem.clone()),
    })
}
