//! Where those wait within a process who create entries that one counter numbers: each comes after the one before instead of
//! conflicting with it.
//!
//! Nothing depends on it but how long it takes: what holds is the condition under which an event is appended.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{Mutex, MutexGuard};

use super::CrudType;
use crate::event::Tenant;

/// Counters that come to the same place wait for each other, which does no harm.
const PLACES: usize = 256;

/// The places, each for one at a time, in the order in which they come.
pub(crate) struct Queue(Vec<Mutex<()>>);

impl Default for Queue {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }
}

impl Queue {
    /// Waits until nobody else creates an entry that the event's counters number; at once where it has none.
    pub(crate) async fn turn<C: CrudType>(&self, tenant: &Tenant, event: &mut C::Event) -> Vec<MutexGuard<'_, ()>> {
        let mut places: Vec<usize> = C::counters(event).iter().map(|counter| place(&(tenant, counter.tag()))).collect();
        // Whoever needs several takes them in one order, so that no two wait for each other.
        places.sort_unstable();
        places.dedup();
        let mut held = Vec::with_capacity(places.len());
        for place in places.into_iter().filter_map(|place| self.0.get(place)) {
            held.push(place.lock().await);
        }
        held
    }
}

fn place(of: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default()
}
