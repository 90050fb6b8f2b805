//! Moments in which the provider is left alone, after it gave no tokens for the refresh of a session.
//!
//! 8. Who asks in the meantime gets the same error at once. The pause is 1 s, twice as long after each failure that follows,
//!    at most 30 s; or as long as the provider asks (`Retry-After`), at most 5 minutes. It ends with the next tokens. It is a
//!    pause of this session in this process: another session's refresh finds out by itself, and the record holds nothing of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::access_token::AccessTokenError;
use crate::clock::Clock;
use crate::session::id::Finder;

/// By session.
#[derive(Default)]
pub(crate) struct RefreshPauses(Mutex<HashMap<Finder, Pause>>);

struct Pause {
    /// By the monotonic clock.
    until: Duration,
    backoff: Duration,
    /// What began it.
    error: AccessTokenError,
}

impl RefreshPauses {
    /// Begins a pause after `error`, at least as long as the provider `asked` for.
    pub(super) fn begin(
        &self,
        session: Finder,
        error: &AccessTokenError,
        asked: Option<Duration>,
        clock: &dyn Clock,
    ) {
        let now = clock.monotonic();
        let mut pauses = self.lock();
        if pauses.len() == pauses.capacity() {
            pauses.retain(|_, pause| now < pause.until.saturating_add(REMEMBERED));
        }
        let last = pauses.get(&session).map(|pause| pause.backoff);
        let backoff = last.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        let until = now.saturating_add(backoff.max(asked));
        pauses.insert(session, Pause { until, backoff, error: error.clone() });
    }

    /// The error of the pause that is on.
    pub(super) fn current(&self, session: Finder, clock: &dyn Clock) -> Option<AccessTokenError> {
        let pauses = self.lock();
        let pause = pauses.get(&session).filter(|pause| clock.monotonic() < pause.until)?;
        Some(pause.error.clone())
    }

    /// The provider has given tokens.
    pub(super) fn end(&self, session: Finder) {
        self.lock().remove(&session);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Finder, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RefreshPauses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RefreshPauses")
    }
}

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
const LONGEST_ASKED: Duration = Duration::from_secs(300);
/// How long after a pause the next failure makes a longer one.
const REMEMBERED: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::random::SystemRandom;
    use crate::session::id::SessionCookie;

    fn session() -> Finder {
        SessionCookie::generate(&SystemRandom).unwrap().finder()
    }

    const DOWN: AccessTokenError = AccessTokenError::ProviderUnavailable;

    /// How long the pause that begins now is, in seconds.
    fn length(pauses: &RefreshPauses, session: Finder, clock: &ManualClock) -> u64 {
        let mut seconds = 0;
        while pauses.current(session, clock).is_some() {
            clock.advance(Duration::from_secs(1));
            seconds += 1;
        }
        seconds
    }

    #[test]
    fn each_failure_doubles_the_pause_until_tokens_come() {
        let (pauses, clock) = (RefreshPauses::default(), ManualClock::at(0));
        let (session, other) = (session(), session());
        for expected in [1, 2, 4, 8, 16, 30, 30] {
            pauses.begin(session, &DOWN, None, &clock);
            assert!(pauses.current(other, &clock).is_none());
            assert_eq!(length(&pauses, session, &clock), expected);
        }
        pauses.end(session);
        pauses.begin(session, &DOWN, None, &clock);
        assert_eq!(length(&pauses, session, &clock), 1);
    }

    #[test]
    fn a_provider_that_asks_for_more_gets_it_within_reason() {
        let (pauses, clock) = (RefreshPauses::default(), ManualClock::at(0));
        for (asked, expected) in [(0, 1), (60, 60), (9_999, 300)] {
            let session = session();
            pauses.begin(session, &DOWN, Some(Duration::from_secs(asked)), &clock);
            assert_eq!(length(&pauses, session, &clock), expected);
        }
    }
}
