//! The one thread that writes, and its group commit.
//!
//! It takes whatever has queued up while the last flush ran, runs it in one transaction, each piece under a savepoint of its
//! own, and answers each by itself after the commit. It waits for no timer: a single client loses nothing, many clients
//! share a flush. The queue is bounded, so that whoever writes faster than the disk waits.

use super::append::{Appender, Failure, Prepared};
use super::checkpoint::Checkpointer;
use super::lock::Lock;
use super::schema;
use crate::event::Position;
use crate::store::{AppendError, Appended, StoreError};
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
    Append(Box<Prepared>, oneshot::Sender<Result<Appended, AppendError>>),
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A write on its way through the thread.
trait Job: Send {
    /// Does it; what fails is taken back.
    fn run(&mut self, connection: &Connection) -> Result<(), Problem>;
    /// Tells the caller, once the group's fate is known.
    fn answer(self: Box<Self>, committed: Result<(), &Problem>);
}

/// Why a group cannot be kept.
#[derive(Debug)]
struct Problem {
    text: String,
    /// Whether nothing can be written at all.
    is_of_the_disk: bool,
}

impl Problem {
    fn error(&self) -> StoreError {
        let text = self.text.clone();
        if self.is_of_the_disk { StoreError::Unwritable(text) } else { StoreError::Commit(text) }
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unwritable(text) => Self { text: text.clone(), is_of_the_disk: true },
            other => Self { text: other.to_string(), is_of_the_disk: false },
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::from(&StoreError::from(error))
    }
}

impl Writer {
    /// Starts the thread on a connection that is set up already. It ends when told to, or when nobody can reach it any more.
    ///
    /// # Errors
    /// If the database cannot be read or no thread be started.
    pub(super) fn start(
        connection: Connection,
        checkpointer: Option<Checkpointer>,
        lock: Option<Lock>,
    ) -> Result<Self, StoreError> {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let (head_sender, head) = watch::channel(schema::head(&connection)?);
        let thread = Thread { connection, receiver, head: head_sender, checkpointer, _lock: lock };
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
    /// What the work returns; [`StoreError::Commit`] or [`StoreError::Unwritable`] if its group could not be made durable;
    /// [`StoreError::Closed`].
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

    /// Appends in the next group's transaction. Durable when this returns `Ok`.
    ///
    /// # Errors
    /// As [`crate::store::EventStore::append`].
    pub(super) async fn append(&self, prepared: Prepared) -> Result<Appended, AppendError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Append(Box::new(prepared), reply);
        self.queue.send(message).await.map_err(|_| StoreError::Closed)?;
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
    fn run(&mut self, connection: &Connection) -> Result<(), Problem> {
        let Some(work) = self.work.take() else { return Err(Problem::from(&StoreError::Closed)) };
        // A bug in one piece of work must not take the writer down for all others.
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(StoreError::Invalid("a write panicked".to_owned())));
        let ran = result.as_ref().map(drop).map_err(Problem::from);
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), &Problem>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(problem)) => Err(problem.error()),
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
    checkpointer: Option<Checkpointer>,
    _lock: Option<Lock>,
}

/// Somebody who waits for the group's fate.
enum Waiting {
    Append(oneshot::Sender<Result<Appended, AppendError>>, Result<Appended, AppendError>),
    Write(Box<dyn Job>),
}

/// What a group has come to; an error means that nothing of it can be kept.
struct Group {
    waiting: Vec<Waiting>,
    open: Result<(), Problem>,
}

impl Thread {
    fn run(mut self) {
        let mut closing = Vec::new();
        match Appender::new(&self.connection) {
            Ok(mut appender) => {
                while let Some(first) = self.receiver.blocking_recv() {
                    let group = collect(&mut appender, &self.connection, &mut self.receiver, first, &mut closing);
                    if !group.waiting.is_empty() {
                        self.settle(&mut appender, group);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "the database cannot be written to"),
        }
        let Self { connection, receiver, head, checkpointer, _lock } = self;
        // The connections first, so that the file is whole when the lock is free.
        drop(checkpointer);
        drop(connection);
        drop(_lock);
        drop((receiver, head));
        for reply in closing {
            let _ = reply.send(());
        }
    }

    /// Commits, or takes all back; then answers everybody.
    fn settle(&self, appender: &mut Appender<'_>, Group { waiting, open }: Group) {
        let committed = open
            .and_then(|()| appender.keep_head().map_err(|error| Problem::from(&error)))
            .and_then(|()| Ok(self.connection.prepare_cached("COMMIT")?.execute([]).map(drop)?));
        if let Err(problem) = &committed {
            tracing::error!(problem = problem.text, writes = waiting.len(), "a group of writes could not be committed");
            if !self.connection.is_autocommit() {
                // If even this fails, the next BEGIN fails too and says so.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            if let Err(error) = appender.go_back() {
                tracing::error!(%error, "the head cannot be read");
            }
        } else {
            let position = appender.head();
            self.head.send_if_modified(|head| std::mem::replace(head, position) != position);
        }
        for one in waiting {
            one.answer(committed.as_ref().copied());
        }
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.after_commit(&self.connection);
        }
    }
}

impl Waiting {
    fn answer(self, committed: Result<(), &Problem>) {
        match (self, committed) {
            (Self::Write(job), committed) => job.answer(committed),
            (Self::Append(reply, Ok(_)), Err(problem)) => {
                let _ = reply.send(Err(problem.error().into()));
            }
            // Nobody waits any more: the caller gave up, the write stands.
            (Self::Append(reply, result), _) => drop(reply.send(result)),
        }
    }
}

/// Runs all that waits in one transaction, which is left open.
fn collect(
    appender: &mut Appender<'_>,
    connection: &Connection,
    receiver: &mut mpsc::Receiver<Message>,
    first: Message,
    closing: &mut Vec<oneshot::Sender<()>>,
) -> Group {
    let begun = Instant::now();
    let mut group = Group { waiting: Vec::new(), open: Ok(()) };
    let mut next = Some(first);
    while let Some(message) = next {
        if group.waiting.is_empty() && !matches!(message, Message::Close(_)) {
            group.open = begin(appender, connection);
        }
        match message {
            Message::Append(prepared, reply) => group.append(appender, *prepared, reply),
            Message::Write(job) => group.write(appender, connection, job),
            Message::Close(reply) => {
                receiver.close();
                closing.push(reply);
            }
        }
        let full = group.waiting.len() >= GROUP || begun.elapsed() >= GROUP_TIME;
        next = if full { None } else { receiver.try_recv().ok() };
    }
    group
}

fn begin(appender: &mut Appender<'_>, connection: &Connection) -> Result<(), Problem> {
    appender.find_head().map_err(|error| Problem::from(&error))?;
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    Ok(())
}

impl Group {
    fn append(
        &mut self,
        appender: &mut Appender<'_>,
        prepared: Prepared,
        reply: oneshot::Sender<Result<Appended, AppendError>>,
    ) {
        let outcome = match &self.open {
            Ok(()) => appender.append(prepared),
            Err(problem) => Err(Failure::Own(problem.error())),
        };
        let result = match outcome {
            Ok(Some(appended)) => Ok(appended),
            Ok(None) => Err(AppendError::Conflict),
            Err(Failure::Own(error)) => Err(error.into()),
            Err(Failure::Half(error)) => {
                self.open = Err(Problem::from(&error));
                Err(error.into())
            }
        };
        self.waiting.push(Waiting::Append(reply, result));
    }

    fn write(&mut self, appender: &mut Appender<'_>, connection: &Connection, mut job: Box<dyn Job>) {
        if self.open.is_ok() {
            // A piece of writing may look at the counter.
            self.open = appender.keep_head().map_err(|error| Problem::from(&error));
        }
        if self.open.is_ok() {
            self.open = under_savepoint(connection, job.as_mut());
        }
        self.waiting.push(Waiting::Write(job));
    }
}

/// Runs a job so that its failure leaves no trace. An error here dooms the whole group.
fn under_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), Problem> {
    let run = |sql: &str| -> Result<(), Problem> { Ok(connection.prepare_cached(sql)?.execute([]).map(drop)?) };
    run("SAVEPOINT job")?;
    let ran = job.run(connection);
    if connection.is_autocommit() {
        // A full disk or a failing one makes SQLite give up the transaction by itself.
        let text = "the database gave up the transaction".to_owned();
        return Err(ran.err().unwrap_or(Problem { text, is_of_the_disk: true }));
    }
    let undo = if ran.is_ok() { Ok(()) } else { run("ROLLBACK TO job") };
    undo.and_then(|()| run("RELEASE job"))
}
