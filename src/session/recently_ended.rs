//! Sessions that ended in this process a while ago.
//!
//! | which | why they are kept |
//! |---|---|
//! | those that gave way, to themselves under a new id or to another one | a store of sealed records forgets them at once. A request with the old cookie may still be under way: it must not remove the newer cookie, and a logout follows the session to its new id |
//! | those whose time had come and that the store did not delete | whoever finds the record again meets the session that has ended, and does not tell of its end anew |

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::entry::Entry;
use super::id::{Finder, SessionCookie};
use crate::clock::UnixTime;

/// Those of the last ten minutes. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct RecentlyEnded(Arc<Mutex<Known>>);

/// With when it is to be forgotten.
type Known = HashMap<Finder, (Arc<Entry>, UnixTime)>;

impl RecentlyEnded {
    pub(crate) fn note(&self, entry: &Arc<Entry>, now: UnixTime) {
        let mut known = self.lock();
        let kept = || (Arc::clone(entry), now.saturating_add(KEPT));
        known.entry(entry.cookie().finder()).or_insert_with(kept);
    }

    pub(crate) fn find(&self, cookie: &SessionCookie, now: UnixTime) -> Option<Arc<Entry>> {
        let known = self.lock();
        let (entry, _) = known.get(&cookie.finder()).filter(|(_, forget_at)| *forget_at > now)?;
        entry.cookie().is(cookie.as_sent()).then(|| Arc::clone(entry))
    }

    /// Frees those that are not needed any more; asked about once a minute.
    pub(crate) fn forget_expired(&self, now: UnixTime) {
        self.lock().retain(|_, (_, forget_at)| *forget_at > now);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RecentlyEnded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecentlyEnded")
    }
}

const KEPT: Duration = Duration::from_secs(600);
