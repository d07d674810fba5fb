//! Tokens whose signature was found to hold, so that it is not worked out again for every call: at the edge, and in each service.
//!
//! Nothing else about a token is taken for granted: it is looked up by all its bytes, and every time it counts no longer than it
//! says, and no longer than the keys are in force that it was verified with.

use super::Verified;
use super::keys::{Edition, KeySet};
use crate::remembered::Remembered;
use crate::value::DateTime;
use std::sync::Arc;

/// How many bytes of tokens are remembered, and for a while as many again.
const MOST: usize = 1024 * 1024;

/// The tokens that one verifier has accepted.
pub(super) struct Accepted(Remembered<Arc<Token>>);

struct Token {
    verified: Verified,
    /// When its signature was looked at.
    at: DateTime,
    /// Among which keys; none with a secret, which never changes.
    edition: Option<Edition>,
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Accepted(…)")
    }
}

impl Accepted {
    pub(super) fn new() -> Self {
        Self(Remembered::new(MOST))
    }

    /// What the token says, if it was accepted before and counts at this moment.
    pub(super) fn find(&self, token: &str, keys: Option<&KeySet>, now: DateTime) -> Option<Verified> {
        let known = self.0.get(token)?;
        let in_force = match (keys, &known.edition) {
            (Some(keys), Some(edition)) => keys.is_in_force(edition),
            (None, None) => true,
            _ => false,
        };
        // A clock that went back may have come to before it counts.
        if in_force && known.at <= now && now < known.verified.expires {
            return Some(known.verified.clone());
        }
        self.0.forget(token);
        None
    }

    /// Remembers a token that was verified just now.
    pub(super) fn keep(&self, token: &str, verified: &Verified, edition: Option<Edition>, now: DateTime) {
        self.0.keep(token, Arc::new(Token { verified: verified.clone(), at: now, edition }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;
    use crate::event::Tenant;

    fn at(millis: i64) -> DateTime {
        DateTime::from_millis(millis)
    }

    #[test]
    fn a_token_counts_from_when_it_was_looked_at_until_it_expires() {
        let accepted = Accepted::new();
        let verified = Verified { caller: Caller::anonymous(Tenant::new("acme")), expires: at(9_000) };
        for (now, counts) in [(5_000, true), (8_999, true), (9_000, false), (4_999, false)] {
            accepted.keep("token", &verified, None, at(5_000));
            let found = accepted.find("token", None, at(now));
            assert_eq!(found.map(|found| found.caller.tenant), counts.then(|| Tenant::new("acme")), "{now}");
        }
        assert!(accepted.find("token", None, at(6_000)).is_none(), "once it does not count, it is looked at anew");
        assert!(accepted.find("toke", None, at(6_000)).is_none());
    }
}
