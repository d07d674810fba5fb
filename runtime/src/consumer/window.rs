//! How far a group has come: the cursor, and what is settled ahead of it.
//!
//! An event is settled when it needs no more reading: it was handled, put off or parked. The cursor stands before the first
//! event that is not settled; what is settled behind it is kept by position, so that nothing is handled twice without need.

use crate::event::Position;
use std::collections::BTreeSet;

/// Events of a group between its cursor and where it has read to.
pub(super) struct Window {
    /// Everything up to here is settled, and the database knows it.
    cursor: Position,
    /// Everything up to here was read.
    read: Position,
    /// Read, and not settled.
    open: BTreeSet<Position>,
    /// Settled behind the cursor.
    ahead: BTreeSet<Position>,
    /// Whether the database may have rows of what is settled ahead.
    has_rows: bool,
}

impl Window {
    /// As the database knows it.
    pub(super) fn new(cursor: Position, ahead: BTreeSet<Position>) -> Self {
        Self { cursor, read: cursor, open: BTreeSet::new(), has_rows: !ahead.is_empty(), ahead }
    }

    /// Notes an event that was read. False if it is settled already.
    pub(super) fn open(&mut self, position: Position) -> bool {
        self.read = self.read.max(position);
        !self.ahead.contains(&position) && self.open.insert(position)
    }

    /// Notes that there are no more events up to here.
    pub(super) fn read_to(&mut self, position: Position) {
        self.read = self.read.max(position);
    }

    /// Where reading goes on.
    pub(super) fn read(&self) -> Position {
        self.read
    }

    /// How many events stand between the cursor and where reading goes on.
    pub(super) fn len(&self) -> usize {
        self.open.len() + self.ahead.len()
    }

    /// The cursor as the database knows it.
    pub(super) fn cursor(&self) -> Position {
        self.cursor
    }

    /// Everything up to here is settled, whether the database knows it or not.
    pub(super) fn reached(&self) -> Position {
        self.open.first().map_or(self.read, |first| first - 1)
    }

    /// What the database has to learn when these events are settled.
    pub(super) fn advance(&self, positions: impl IntoIterator<Item = Position>) -> Advance {
        let settled: BTreeSet<Position> =
            positions.into_iter().filter(|position| self.open.contains(position)).collect();
        let first = self.open.iter().find(|position| !settled.contains(position));
        let to = first.map_or(self.read, |first| first - 1);
        let ahead = settled.into_iter().filter(|position| *position > to).collect();
        Advance { to, ahead, forget: self.has_rows }
    }

    /// Settles events, as the database has learnt.
    pub(super) fn settle(&mut self, positions: impl IntoIterator<Item = Position>, advance: &Advance) {
        for position in positions {
            self.open.remove(&position);
        }
        self.ahead = self.ahead.split_off(&(advance.to + 1));
        self.ahead.extend(&advance.ahead);
        self.has_rows = !self.ahead.is_empty();
        self.cursor = advance.to;
    }
}

/// What the database has to learn about a window.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advance {
    /// The cursor.
    pub(super) to: Position,
    /// What is newly settled behind it.
    pub(super) ahead: Vec<Position>,
    /// Whether rows up to the cursor may be there to be removed.
    pub(super) forget: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stands_before_the_first_that_is_open() {
        let mut window = Window::new(10, BTreeSet::new());
        for position in [12, 15, 20] {
            assert!(window.open(position));
        }
        window.read_to(30);
        let advance = window.advance([15]);
        assert_eq!(advance, Advance { to: 11, ahead: vec![15], forget: false });
        window.settle([15], &advance);
        assert_eq!((window.cursor(), window.len()), (11, 3));
        let advance = window.advance([12]);
        assert_eq!(advance, Advance { to: 19, ahead: vec![], forget: true });
        window.settle([12], &advance);
        assert_eq!(window.len(), 1);
        let advance = window.advance([20, 20]);
        assert_eq!(advance, Advance { to: 30, ahead: vec![], forget: false });
        window.settle([20], &advance);
        assert_eq!((window.reached(), window.len()), (30, 0));
    }

    #[test]
    fn what_is_settled_ahead_is_not_opened_again() {
        let mut window = Window::new(10, BTreeSet::from([15]));
        assert!(window.open(12) && !window.open(15) && !window.open(12));
        assert_eq!(window.advance([12]), Advance { to: 15, ahead: vec![], forget: true });
    }

    #[test]
    fn what_is_read_while_a_write_runs_is_not_passed_by_it() {
        let mut window = Window::new(0, BTreeSet::new());
        window.open(1);
        let advance = window.advance([1]);
        window.open(2);
        window.read_to(5);
        window.settle([1], &advance);
        assert_eq!((window.cursor(), window.reached()), (1, 1));
    }
}
