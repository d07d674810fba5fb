//! The schedule against the plainest form of what it must do.

use crate::consumer::options::Key;
use crate::consumer::schedule::{Schedule, Ticket};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// A list in the order of arrival, looked through again each time.
#[derive(Default)]
struct Plain {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    ticket: Ticket,
    keys: Vec<u8>,
    due: u64,
    is_running: bool,
    is_put_off: bool,
}

impl Plain {
    fn is_behind(&self, at: usize, is_so: impl Fn(&Entry) -> bool) -> bool {
        let keys = &self.entries[at].keys;
        self.entries[..at].iter().any(|other| is_so(other) && other.keys.iter().any(|key| keys.contains(key)))
    }

    fn next(&self, now: u64) -> BTreeSet<Ticket> {
        let ready =
            |(at, entry): &(usize, &Entry)| !entry.is_running && entry.due <= now && !self.is_behind(*at, |_| true);
        self.entries.iter().enumerate().filter(ready).map(|(_, entry)| entry.ticket).collect()
    }

    /// Whatever stands behind something put off is put off too, again and again until nothing changes.
    fn spread(&mut self) -> Vec<Ticket> {
        let mut found = Vec::new();
        for at in 0..self.entries.len() {
            if !self.entries[at].is_put_off && self.is_behind(at, |other| other.is_put_off) {
                self.entries[at].is_put_off = true;
                found.push(self.entries[at].ticket);
            }
        }
        found
    }
}

#[derive(Clone, Debug)]
enum Step {
    Offer(Vec<u8>),
    Start,
    Finish(usize),
    Fail(usize, u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::btree_set(0..4_u8, 0..3).prop_map(|keys| Step::Offer(keys.into_iter().collect())),
        4 => Just(Step::Start),
        3 => any::<usize>().prop_map(Step::Finish),
        2 => (any::<usize>(), 1..20_u64).prop_map(|(which, pause)| Step::Fail(which, pause)),
        1 => (1..20_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_plain_form_does(steps in prop::collection::vec(step(), 1..120)) {
        let begin = Instant::now();
        let at = |millis: u64| begin + Duration::from_millis(millis);
        let (mut schedule, mut plain, mut now) = (Schedule::default(), Plain::default(), 0);
        for step in steps {
            let running: Vec<usize> = (0..plain.entries.len()).filter(|at| plain.entries[*at].is_running).collect();
            match step {
                Step::Offer(keys) => {
                    let named: Vec<Key> = keys.iter().map(|key| Key::from(key.to_string())).collect();
                    let (ticket, is_put_off) = schedule.offer(named, ());
                    plain.entries.push(Entry { ticket, keys, due: 0, is_running: false, is_put_off: false });
                    prop_assert_eq!(plain.spread(), if is_put_off { vec![ticket] } else { vec![] });
                }
                Step::Start => {
                    let found = schedule.next(at(now)).map(|(ticket, ())| ticket);
                    let ready = plain.next(now);
                    match found {
                        Some(ticket) => prop_assert!(ready.contains(&ticket), "{} of {:?}", ticket, ready),
                        None => prop_assert!(ready.is_empty(), "{:?}", ready),
                    }
                    if let Some(entry) = plain.entries.iter_mut().find(|entry| Some(entry.ticket) == found) {
                        entry.is_running = true;
                    }
                }
                Step::Finish(which) if !running.is_empty() => {
                    let done = plain.entries.remove(running[which % running.len()]);
                    prop_assert!(schedule.remove(done.ticket).is_some());
                }
                Step::Fail(which, pause) if !running.is_empty() => {
                    let entry = &mut plain.entries[running[which % running.len()]];
                    let (ticket, was_put_off) = (entry.ticket, entry.is_put_off);
                    (entry.is_running, entry.is_put_off, entry.due) = (false, true, now + pause);
                    let mut expected = plain.spread();
                    if !was_put_off {
                        expected.push(ticket);
                        expected.sort_unstable();
                    }
                    prop_assert_eq!(schedule.put_off(ticket, at(now + pause)), expected);
                }
                Step::Wait(millis) => now += millis,
                Step::Finish(_) | Step::Fail(..) => {}
            }
            let put_off = plain.entries.iter().filter(|entry| entry.is_put_off).count();
            prop_assert_eq!(schedule.count_put_off(), put_off);
        }
    }
}
