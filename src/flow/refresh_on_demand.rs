//! A refresh that the application asks for: a resource server refused the access token, or the provider did not say how long
//! it lives.
//!
//! 1. Past the deadline, and after a revocation: refused, as any access token (ceiling rule 9).
//! 2. At most one a second and session: within a second after a refresh the tokens that are there are returned. The second is
//!    exact where this process made the refresh; one of another node is known by the whole seconds of the wall clock, and two
//!    of them count as one.
//! 3. Otherwise the access token that is there is replaced, by one refresh for all who saw that one, on whichever node.
//! 4. Nothing is served in its place if that fails: who asks knows that it is of no use. During a pause nothing is sent.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use super::access_token::{
    AccessToken, AccessTokenError, claim_end, hand_out, is_expired, readmit,
};
use super::given_up;
use super::refresh::{Purpose, join};
use super::refresh_answer::is_same;
use super::relying_party::RelyingParty;
use crate::clock::{Clock, UnixTime};
use crate::session::entry::Entry;
use crate::session::id::Finder;
use crate::session::live_session::LiveSession;

/// Another access token than the one that is there.
pub(crate) async fn refresh_access_token(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
) -> Result<AccessToken, AccessTokenError> {
    let seen = session.entry().state().state.tokens.access_token.clone();
    replace_access_token(rp, session, seen).await
}

/// Another access token than `seen`.
pub(crate) async fn replace_access_token(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
    seen: SecretString,
) -> Result<AccessToken, AccessTokenError> {
    let replaced = replace(rp, session, seen).await;
    replaced.inspect_err(|error| claim_end(session, error))
}

async fn replace(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
    seen: SecretString,
) -> Result<AccessToken, AccessTokenError> {
    let mut refused = None;
    for _ in 0..MOST_TRIES {
        let live = readmit(rp, session).await?;
        let current = live.entry().state();
        let tokens = &current.state.tokens;
        let is_other = !is_same(&tokens.access_token, &seen) || is_recent(rp, live.entry());
        if is_expired(rp, &live) {
            // One that is expired as soon as it comes is not asked for again.
            if refused
                .replace(tokens.access_token.clone())
                .is_some_and(|before| !is_same(&tokens.access_token, &before))
            {
                break;
            }
        } else if is_other {
            return Ok(hand_out(tokens, &live));
        }
        let refreshed = match given_up::check(rp, live.entry()).await {
            // Otherwise it may have been a move to a new id that was waited for: the next look tells.
            Ok(()) => join(rp, live.entry(), Purpose::InPlaceOf(seen.clone())).await,
            given_up => given_up,
        };
        // The end of the session counts first.
        readmit(rp, session).await?;
        refreshed?;
    }
    Err(AccessTokenError::ProviderUnavailable)
}

/// Rule 2.
fn is_recent(rp: &RelyingParty, entry: &Entry) -> bool {
    let state = entry.state();
    let Some(refreshed_at) = state.state.tokens.refreshed_at() else { return false };
    let clock = &*rp.config.clock;
    match rp.last_refreshes.since(entry.cookie().finder(), refreshed_at, clock) {
        Some(since) => since < SECOND,
        None => (-1..=1).contains(&clock.now().seconds_since(refreshed_at)),
    }
}

/// When this process refreshed which session last: by the monotonic clock, and by the wall clock as the session has it.
#[derive(Default)]
pub(crate) struct LastRefreshes(Mutex<HashMap<Finder, (Duration, UnixTime)>>);

impl LastRefreshes {
    pub(super) fn note(&self, session: Finder, refreshed_at: UnixTime, clock: &dyn Clock) {
        let now = clock.monotonic();
        let mut known = self.lock();
        if known.len() == known.capacity() {
            known.retain(|_, (at, _)| now.saturating_sub(*at) < REMEMBERED);
        }
        known.insert(session, (now, refreshed_at));
    }

    /// How long ago it was, if it was the one of `refreshed_at`.
    fn since(
        &self,
        session: Finder,
        refreshed_at: UnixTime,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        let (at, known) = self.lock().get(&session).copied()?;
        (known == refreshed_at).then(|| clock.monotonic().saturating_sub(at))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Finder, (Duration, UnixTime)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LastRefreshes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LastRefreshes")
    }
}

const MOST_TRIES: usize = 3;
const SECOND: Duration = Duration::from_secs(1);
/// Longer than the seconds of the wall clock that count as one.
const REMEMBERED: Duration = Duration::from_secs(5);
