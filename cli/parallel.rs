//! The same work on many things, on all cores: ground floor, as every room may have much to do.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// As much as the main thread has: what is emitted recurses.
const STACK: usize = 8 * 1024 * 1024;

/// How many workers have something to compute on.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What `work` gives for each of the items, in their order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return done };
            done.push((number, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        // A system that gives us no more threads leaves more to those there are.
        let begin = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, share).ok();
        let others: Vec<_> = (1..workers.min(items.len())).filter_map(begin).collect();
        let mut done = share();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What both give, the first worked out beside the second.
pub fn side_by_side<A: Send, B>(aside: impl Fn() -> A + Sync, work: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let begun = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &aside);
        let worked = work();
        // Without a thread it comes behind.
        let beside = begun.map_or_else(|_| aside(), |it| it.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (beside, worked)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for workers in [0, 1, 3, 64] {
            assert_eq!(
                in_parallel(&items, workers, |item| item * 2),
                items.iter().map(|item| item * 2).collect::<Vec<_>>()
            );
        }
        assert!(in_parallel(&items[..0], 4, |item| *item).is_empty());
    }

    #[test]
    fn both_results_come_back() {
        let name = String::from("aside");
        assert_eq!(side_by_side(|| name.len(), || "beside"), (5, "beside"));
    }
}
