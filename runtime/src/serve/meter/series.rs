//! One number, or one row of buckets, for each set of labels.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError, RwLock};

use metrics::atomics::AtomicU64;
use metrics::{HistogramFn, Key};

use super::text;

/// Upper bounds of the buckets of durations, in seconds.
pub(super) const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The metrics of one kind.
#[derive(Default)]
pub(super) struct Series<T>(RwLock<Known<T>>);

#[derive(Default)]
struct Known<T> {
    /// As they are asked for, whatever the order of their labels.
    keys: HashMap<Key, Arc<T>>,
    /// As they are shown, by name.
    shown: BTreeMap<String, Named<T>>,
}

/// Those of one name, by their labels in order; with each its labels as they were first given.
pub(super) type Named<T> = BTreeMap<String, (String, Arc<T>)>;

impl<T: Default> Series<T> {
    /// The one of a name and its labels; made when it is first asked for.
    pub(super) fn of(&self, key: &Key) -> Arc<T> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).keys.get(key) {
            return known.clone();
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let named = known.shown.entry(text::name(key.name())).or_default();
        let (ordered, given) = text::labels(key);
        let (_, one) = named.entry(ordered).or_insert_with(|| (given, Arc::default()));
        let one = one.clone();
        known.keys.insert(key.to_retained(), one.clone());
        one
    }

    /// Goes through them by name.
    pub(super) fn each(&self, mut show: impl FnMut(&str, &Named<T>)) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.shown.iter().for_each(|(name, series)| show(name, series));
    }
}

/// How many values were at most so great, and what they come to.
#[derive(Default)]
pub(super) struct Buckets {
    /// For each bound those above the one before, and at last those above all.
    counts: [AtomicU64; SECONDS.len() + 1],
    /// The bits of an `f64`.
    sum: AtomicU64,
}

impl Buckets {
    /// How many there are in each, without those of the others.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> {
        self.counts.iter().map(|count| count.load(Relaxed))
    }

    pub(super) fn sum(&self) -> f64 {
        f64::from_bits(self.sum.load(Relaxed))
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        // What is no number would make the sum none.
        let at = SECONDS.partition_point(|bound| *bound < value);
        if let (Some(count), false) = (self.counts.get(at), value.is_nan()) {
            count.fetch_add(1, Relaxed);
            metrics::GaugeFn::increment(&self.sum, value);
        }
    }
}
