//! Which event may be handled now: the first of all its keys, and not before it is due.
//!
//! Nothing here waits, reads or writes; the clock is an argument.

use super::options::Key;
use std::collections::{BTreeSet, HashMap, VecDeque};
use tokio::time::Instant;

/// Numbers what was offered, in that order.
pub(super) type Ticket = u64;

/// What is waiting, being handled, or waiting for another attempt.
pub(super) struct Schedule<T> {
    entries: HashMap<Ticket, Entry<T>>,
    /// Of each key, in order.
    queues: HashMap<Key, VecDeque<Ticket>>,
    /// First of all their keys, due, and not being handled.
    ready: BTreeSet<Ticket>,
    /// Waiting for another attempt.
    due: BTreeSet<(Instant, Ticket)>,
    next: Ticket,
    put_off: usize,
}

struct Entry<T> {
    what: T,
    keys: Vec<Key>,
    due: Option<Instant>,
    is_running: bool,
    /// Failed before, or behind one that has.
    is_put_off: bool,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            queues: HashMap::new(),
            ready: BTreeSet::new(),
            due: BTreeSet::new(),
            next: 0,
            put_off: 0,
        }
    }
}

impl<T> Schedule<T> {
    /// Takes in what comes behind everything taken in so far. Also says whether it has to wait behind something that is put
    /// off; then it is put off too.
    pub(super) fn offer(&mut self, keys: Vec<Key>, what: T) -> (Ticket, bool) {
        let is_put_off = keys.iter().any(|key| self.is_put_off(self.queues.get(key).and_then(VecDeque::back)));
        (self.add(Entry { what, keys, due: None, is_running: false, is_put_off }), is_put_off)
    }

    /// Takes in what was put off before, to be tried from `due` on.
    pub(super) fn offer_put_off(&mut self, keys: Vec<Key>, what: T, due: Instant) {
        self.add(Entry { what, keys, due: Some(due), is_running: false, is_put_off: true });
    }

    fn add(&mut self, entry: Entry<T>) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        for key in &entry.keys {
            self.queues.entry(Key::clone(key)).or_default().push_back(ticket);
        }
        self.put_off += usize::from(entry.is_put_off);
        self.entries.insert(ticket, entry);
        self.consider(ticket);
        ticket
    }

    /// The next one to handle, if there is one; it counts as being handled from here on.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Ticket, &T)> {
        while let Some(&(due, ticket)) = self.due.first().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, ticket));
            self.ready.insert(ticket);
        }
        let ticket = self.ready.pop_first()?;
        let entry = self.entries.get_mut(&ticket)?;
        entry.is_running = true;
        entry.due = None;
        Some((ticket, &entry.what))
    }

    /// When the next one is due that waits for another attempt.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// What a ticket stands for, and its keys.
    pub(super) fn get(&self, ticket: Ticket) -> Option<(&[Key], &T)> {
        self.entries.get(&ticket).map(|entry| (entry.keys.as_slice(), &entry.what))
    }

    /// What a ticket stands for.
    pub(super) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut T> {
        self.entries.get_mut(&ticket).map(|entry| &mut entry.what)
    }

    /// It is over: whatever waited behind it may come.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<T> {
        let entry = self.entries.remove(&ticket)?;
        self.put_off -= usize::from(entry.is_put_off);
        self.ready.remove(&ticket);
        if let Some(due) = entry.due {
            self.due.remove(&(due, ticket));
        }
        for key in &entry.keys {
            let Some(queue) = self.queues.get_mut(key) else { continue };
            queue.retain(|other| *other != ticket);
            match queue.front().copied() {
                Some(next) => self.consider(next),
                None => drop(self.queues.remove(key)),
            }
        }
        Some(entry.what)
    }

    /// It is to be tried again, from `due` on. Gives what is put off only now: itself, and all that has to wait behind it.
    pub(super) fn put_off(&mut self, ticket: Ticket, due: Instant) -> Vec<Ticket> {
        let Some(entry) = self.entries.get_mut(&ticket) else { return Vec::new() };
        entry.is_running = false;
        entry.due = Some(due);
        self.due.insert((due, ticket));
        let (mut found, mut looking) = (Vec::new(), vec![ticket]);
        while let Some(ticket) = looking.pop() {
            let Some(entry) = self.entries.get_mut(&ticket).filter(|entry| !entry.is_put_off) else { continue };
            entry.is_put_off = true;
            self.put_off += 1;
            found.push(ticket);
            for queue in entry.keys.iter().filter_map(|key| self.queues.get(key)) {
                looking.extend(queue.iter().skip_while(|other| **other != ticket).skip(1));
            }
        }
        found.sort_unstable();
        found
    }

    /// How many are put off.
    pub(super) fn count_put_off(&self) -> usize {
        self.put_off
    }

    fn is_put_off(&self, ticket: Option<&Ticket>) -> bool {
        ticket.and_then(|ticket| self.entries.get(ticket)).is_some_and(|entry| entry.is_put_off)
    }

    /// Lets it come if it is the first of all its keys.
    fn consider(&mut self, ticket: Ticket) {
        let Some(entry) = self.entries.get(&ticket) else { return };
        let is_first = |key: &Key| self.queues.get(key).and_then(VecDeque::front) == Some(&ticket);
        if entry.is_running || !entry.keys.iter().all(is_first) {
            return;
        }
        match entry.due {
            Some(due) => drop(self.due.insert((due, ticket))),
            None => drop(self.ready.insert(ticket)),
        }
    }
}
