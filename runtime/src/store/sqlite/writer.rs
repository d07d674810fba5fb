//! The one thread that writes, and its group commit.
//!
//! It takes whatever has queued up while the last flush ran, runs it in one transaction, each piece under a savepoint of its
//! own, and answers each by itself after the commit. It waits for no timer: a single client loses nothing, many clients
//! share a flush. The queue is bounded, so that whoever writes faster than the disk waits.

use super::lock::Lock;
use super::schema;
use crate::event::Position;
use crate::store::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// How many writes may wait.
const QUEUE: usize = 4096;

/// How many writes share a flush at most.
const GROUP: usize = 1024;

/// After this long a group is committed, whatever else waits.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// Writes to the database. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    head: watch::Receiver<Position>,
}

enum Message {
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A write on its way through the thread.
trait Job: Send {
    /// Does it; false takes back what it did.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, once the group's fate is known.
    fn answer(self: Box<Self>, committed: Result<(), &str>);
}

impl Writer {
    /// Starts the thread on a connection that is set up already. It ends when told to, or when nobody can reach it any more.
    ///
    /// # Errors
    /// If the database cannot be read or no thread be started.
    pub(super) fn start(connection: Connection, lock: Option<Lock>) -> Result<Self, StoreError> {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let (head_sender, head) = watch::channel(schema::head(&connection)?);
        let thread = Thread { connection, receiver, head: head_sender, _lock: lock };
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || thread.run())
            .map_err(|failure| StoreError::Invalid(format!("no thread for the writer: {failure}")))?;
        Ok(Self { queue, head })
    }

    /// Runs a piece of writing in the next group's transaction, under a savepoint of its own: if it fails, nothing of it
    /// stays and the others are not touched. Durable when this returns `Ok`. It must not begin or end transactions.
    ///
    /// # Errors
    /// What the work returns; [`StoreError::Commit`] if its group could not be made durable; [`StoreError::Closed`].
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work { work: Some(work), result: None, reply };
        self.queue.send(Message::Write(Box::new(job))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// The newest committed position, as it moves on.
    pub fn head(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    /// Writes what is queued, refuses what comes later, and closes the database.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Message::Close(reply)).await.is_ok() {
            // An error says that the thread is gone, which is what was asked for.
            let _ = closed.await;
        }
    }
}

struct Work<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A bug in one piece of work must not take the writer down for all others.
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(StoreError::Invalid("a write panicked".to_owned())));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), &str>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(problem)) => Err(StoreError::Commit(problem.to_owned())),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Nobody waits any more: the caller gave up, the write stands.
        let _ = self.reply.send(result);
    }
}

struct Thread {
    connection: Connection,
    receiver: mpsc::Receiver<Message>,
    head: watch::Sender<Position>,
    _lock: Option<Lock>,
}

impl Thread {
    fn run(mut self) {
        let mut closing = Vec::new();
        while let Some(first) = self.receiver.blocking_recv() {
            self.group(first, &mut closing);
        }
        let Self { connection, receiver, head, _lock } = self;
        // The connection first, so that the file is whole when the lock is free.
        drop(connection);
        drop(_lock);
        drop((receiver, head));
        for reply in closing {
            let _ = reply.send(());
        }
    }

    /// One transaction over all that waits.
    fn group(&mut self, first: Message, closing: &mut Vec<oneshot::Sender<()>>) {
        let begun = Instant::now();
        let mut jobs = Vec::new();
        let mut open = Err("nothing was begun".to_owned());
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(mut job) => {
                    if jobs.is_empty() {
                        open = self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| error.to_string());
                    }
                    if open.is_ok() {
                        open = under_savepoint(&self.connection, job.as_mut());
                    }
                    jobs.push(job);
                }
                Message::Close(reply) => {
                    self.receiver.close();
                    closing.push(reply);
                }
            }
            let full = jobs.len() >= GROUP || begun.elapsed() >= GROUP_TIME;
            next = if full { None } else { self.receiver.try_recv().ok() };
        }
        if !jobs.is_empty() {
            self.settle(jobs, open);
        }
    }

    /// Commits, or takes all back; then answers everybody.
    fn settle(&self, jobs: Vec<Box<dyn Job>>, open: Result<(), String>) {
        let committed = open.and_then(|()| self.connection.execute_batch("COMMIT").map_err(|error| error.to_string()));
        if let Err(problem) = &committed {
            tracing::error!(problem, writes = jobs.len(), "a group of writes could not be committed");
            if !self.connection.is_autocommit() {
                // If even this fails, the next BEGIN fails too and says so.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
        } else if let Ok(position) = schema::head(&self.connection) {
            self.head.send_if_modified(|head| std::mem::replace(head, position) != position);
        }
        for job in jobs {
            job.answer(committed.as_ref().copied().map_err(String::as_str));
        }
    }
}

/// Runs a job so that its failure leaves no trace. An error here dooms the whole group.
fn under_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), String> {
    let run = |sql: &str| match connection.prepare_cached(sql) {
        Ok(mut statement) => statement.execute([]).map(|_| ()),
        Err(error) => Err(error),
    };
    run("SAVEPOINT job").map_err(|error| error.to_string())?;
    let keep = job.run(connection);
    if connection.is_autocommit() {
        // A full disk or a failing one makes SQLite give up the transaction by itself.
        return Err("the database gave up the transaction".to_owned());
    }
    let undo = if keep { Ok(()) } else { run("ROLLBACK TO job") };
    undo.and_then(|()| run("RELEASE job")).map_err(|error| error.to_string())
}
