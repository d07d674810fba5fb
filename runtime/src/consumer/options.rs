//! How a group handles its events.

use crate::event::StoredEvent;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// How a group handles its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which events are handled one after the other.
    pub order: Order,
    /// What happens when an event cannot be handled.
    pub retry: Retry,
    /// Where a group begins that has never run.
    pub start: Start,
    /// The longest that one attempt may take; then it is broken off and counts as failed.
    pub at_most: Duration,
    /// How many events are handled at the same time.
    pub parallel: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            order: Order::Tenant,
            retry: Retry::default(),
            start: Start::Beginning,
            at_most: Duration::from_secs(60),
            parallel: 16,
        }
    }
}

/// Which events are handled one after the other; all others may be handled at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Those of one tenant.
    Tenant,
    /// Those of one stream of a tenant. Events without a stream are in order among each other.
    Stream,
    /// Those of a tenant that share a tag of this prefix: `account` for tags like `account:a1`. An event with two such tags
    /// is in order with the events of both; events without any are in order among each other.
    Tag(Cow<'static, str>),
    /// None: each event by itself.
    Event,
}

/// Something whose events are in order.
pub(super) type Key = Arc<str>;

impl Order {
    /// The keys of an event.
    pub(super) fn keys(&self, event: &StoredEvent) -> Vec<Key> {
        let tenant = event.tenant.as_str();
        // No key of one tenant is the beginning of another's: the length stands before it.
        let key = |rest: &str| Key::from(format!("{}:{tenant}{rest}", tenant.len()));
        match self {
            Self::Tenant => vec![key("")],
            Self::Stream => vec![key(&event.stream.as_ref().map(|stream| format!("/{stream}")).unwrap_or_default())],
            Self::Tag(prefix) => {
                let of = |tag: &str| tag.strip_prefix(&**prefix).is_some_and(|rest| rest.starts_with(':'));
                let mut keys: Vec<Key> =
                    event.tags.iter().filter(|tag| of(tag.as_str())).map(|tag| key(&format!("/{tag}"))).collect();
                keys.sort();
                keys.dedup();
                if keys.is_empty() {
                    keys.push(key(""));
                }
                keys
            }
            Self::Event => Vec::new(),
        }
    }
}

/// What happens when an event cannot be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often it is tried in all, once at least.
    pub attempts: u32,
    /// The pause after the first attempt. Each is twice as long as the one before, and jittered: between half of it and all.
    pub from: Duration,
    /// The longest pause.
    pub to: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 10, from: Duration::from_millis(200), to: Duration::from_secs(60) }
    }
}

impl Retry {
    /// The pause after so many failed attempts; none if that was the last.
    pub(crate) fn pause(&self, failed: u32) -> Option<Duration> {
        if failed >= self.attempts {
            return None;
        }
        let factor = 2_u32.saturating_pow(failed.saturating_sub(1));
        let longest = self.from.saturating_mul(factor).min(self.to);
        Some(longest.mul_f64(0.5 + fastrand::f64() / 2.0))
    }
}

/// Where a group begins that has never run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first event there is.
    Beginning,
    /// With what is appended from now on.
    Now,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::tests::event;
    use crate::event::Tag;

    #[test]
    fn pauses_grow_up_to_the_longest_and_end_with_the_attempts() {
        let retry = Retry { attempts: 40, from: Duration::from_millis(100), to: Duration::from_secs(2) };
        for (failed, longest) in [(1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000), (39, 2000)] {
            let pause = retry.pause(failed).map(|pause| pause.as_millis()).unwrap_or_default();
            assert!(pause >= longest / 2 && pause <= longest, "{failed}: {pause}");
        }
        assert_eq!(retry.pause(40), None);
        assert_eq!(Retry { attempts: 0, ..retry }.pause(1), None);
    }

    #[test]
    fn keys_say_what_is_in_order() {
        let mut one = event("acme", "A", &["account:1", "account:2", "accounts:3", "x:1"]);
        one.stream = Some("s".to_owned());
        let keys = |order: &Order, event: &StoredEvent| order.keys(event);
        assert_eq!(keys(&Order::Event, &one).len(), 0);
        assert_eq!(keys(&Order::Tag("account".into()), &one).len(), 2);
        for order in [Order::Tenant, Order::Stream, Order::Tag("account".into()), Order::Tag("none".into())] {
            let mut other = one.clone();
            other.tags.push(Tag::new("y:1"));
            assert_eq!(keys(&order, &one), keys(&order, &other), "{order:?}: it is in order with itself");
            other.tenant = crate::event::Tenant::new("acme/");
            for key in keys(&order, &other) {
                assert!(!keys(&order, &one).contains(&key), "{order:?}: tenants are apart");
            }
        }
    }
}
