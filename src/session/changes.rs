//! Saves and touches.

use std::sync::Arc;

use super::application::Changes;
use super::contract::{Saved, StoreError};
use super::entry::{Entry, Version};
use super::live_session::LiveSession;
use super::sessions::{Backend, Sessions};
use super::state::SessionState;
use crate::clock::UnixTime;

impl Sessions {
    /// Replaces the state, unless the session is gone or no longer at version `expected`.
    pub(crate) async fn save(
        &self,
        entry: &Entry,
        expected: Version,
        state: SessionState,
    ) -> Result<Saved, StoreError> {
        let sealed = match &self.backend {
            Backend::Sealed(sealed) => sealed,
            Backend::Embedded(store) => {
                store.index_further(entry, self.further_keys(&state));
                let saved = entry.commit_state(expected, state);
                if saved == Saved::Gone {
                    store.index_further(entry, Vec::new());
                }
                return Ok(saved);
            }
        };
        match sealed.save_state(entry, expected, &state).await? {
            Saved::Done => Ok(entry.adopt_state(expected, state)),
            other => Ok(other),
        }
    }

    /// Merges what a request changed in the application's data.
    pub(crate) async fn save_application(
        &self,
        entry: &Arc<Entry>,
        changes: &Changes,
    ) -> Result<Saved, StoreError> {
        let mut base = entry.application();
        for _ in 0..MERGE_ATTEMPTS {
            let next = changes.apply(&base);
            let Backend::Sealed(sealed) = &self.backend else {
                match entry.commit_application(base.version, next) {
                    Saved::Stale => base = entry.application(),
                    done => return Ok(done),
                }
                continue;
            };
            match sealed.save_application(entry, base.version, &next).await? {
                Saved::Done => {
                    entry.adopt_application(next);
                    return Ok(Saved::Done);
                }
                Saved::Gone => return Ok(Saved::Gone),
                Saved::Stale => match sealed.reset(entry).await? {
                    true => base = entry.application(),
                    false => return Ok(Saved::Gone),
                },
            }
        }
        Ok(Saved::Stale)
    }

    /// Whether sessions live in this process alone, so that nothing has to be waited for.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.backend, Backend::Embedded(_))
    }

    /// Notes the use of a session when it was admitted. The deadline moves with the idle limit only.
    pub(crate) fn touch_now(&self, live: &LiveSession) -> bool {
        let embedded = self.is_embedded();
        if embedded {
            live.entry().touched(live.admitted_at());
        }
        embedded
    }

    /// As [`touch_now`](Self::touch_now), for any store. Stale: others change the session all the time, or it has moved
    /// to a new id; nothing is lost, the next request touches.
    pub(crate) async fn touch(
        &self,
        live: &LiveSession,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        let entry = live.entry();
        if let Backend::Sealed(sealed) = &self.backend {
            let mut attempts = 1;
            loop {
                match sealed.touch(entry, now).await? {
                    Saved::Done => break,
                    Saved::Gone => return Ok(Saved::Gone),
                    Saved::Stale if attempts == TOUCH_ATTEMPTS => return Ok(Saved::Stale),
                    Saved::Stale => attempts += 1,
                }
                if !self.reset(entry).await? {
                    return Ok(if entry.is_moving() { Saved::Stale } else { Saved::Gone });
                }
            }
        }
        entry.touched(now);
        Ok(Saved::Done)
    }
}

/// How often a save of application data is merged anew before it is given up as stale.
pub(super) const MERGE_ATTEMPTS: usize = 8;
/// How often a touch is tried against what others save.
const TOUCH_ATTEMPTS: usize = 3;
