//! How the broken store notes uses.

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Change, IndexKey, Part, Saved, StoreError, StoredSession, Touch,
};

use super::breach::Breach;
use super::broken_store::BrokenStore;

impl BrokenStore {
    pub(super) async fn broken_touch(
        &self,
        id: &Id,
        mut touch: Touch,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        let now = self.time(now);
        let Some(seen) = self.inner.fetch(id, now).await? else {
            if self.is(Breach::TouchRevives) {
                self.revive(id);
            }
            let touched = self.inner.touch(id, touch, now).await?;
            return Ok(if self.is(Breach::TouchOfNothingIsStale) { Saved::Stale } else { touched });
        };
        match self.breach {
            Breach::TouchKeepsTheLater => touch.expires_at = touch.expires_at.max(seen.expires_at),
            Breach::TouchLeavesTheSummary => touch.summary.clone_from(&seen.listing.summary),
            Breach::TouchLeavesTheExpiry => touch.expires_at = seen.expires_at,
            Breach::TouchComparesNoVersion => touch.expected = seen.auth.version,
            Breach::TouchComparesTheOtherVersion => {
                let application = seen.application.as_ref();
                if application.is_some_and(|part| part.version == touch.expected) {
                    touch.expected = seen.auth.version;
                }
            }
            Breach::StaleTouchWrites if touch.expected != seen.auth.version => {
                self.write_touch(seen, &touch);
                return Ok(Saved::Stale);
            }
            Breach::TouchInTwoSteps if touch.expected == seen.auth.version => {
                tokio::task::yield_now().await;
                let Some(now_there) = self.inner.fetch(id, now).await? else {
                    return Ok(Saved::Gone);
                };
                self.write_touch(now_there, &touch);
                return Ok(Saved::Done);
            }
            Breach::TouchesAreHeard => {
                // A save of what is there, and back.
                let content = seen.auth.content.clone();
                let change = Change::new(Part::Auth, seen.auth.version, content);
                let _heard = self.inner.save_if(id, change, now).await?;
                self.inner.tamper(seen.clone());
            }
            _ => {}
        }
        let touched = self.inner.touch(id, touch, now).await?;
        if let Some(stored) = self.inner.fetch(id, now).await? {
            self.spoil(stored);
        }
        let is_gone = self.is(Breach::TouchOfAnotherVersionIsGone) && touched == Saved::Stale;
        Ok(if is_gone { Saved::Gone } else { touched })
    }

    /// Whatever the version.
    fn write_touch(&self, mut stored: StoredSession, touch: &Touch) {
        stored.listing.summary = touch.summary.clone();
        stored.expires_at = touch.expires_at;
        self.inner.tamper(stored);
    }

    /// What a touch should have left alone.
    fn spoil(&self, mut stored: StoredSession) {
        match self.breach {
            Breach::TouchCountsUp => stored.auth.version += 1,
            Breach::TouchMovesTheKeys => stored.listing.index.sid = IndexKey([0; 16]),
            _ => return,
        }
        self.inner.tamper(stored);
    }
}
