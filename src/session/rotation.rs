//! Changes that the application asks for: another id, an earlier end.

use std::sync::Arc;

use super::application::Changes;
use super::entry::{Entry, LiveSession};
use super::sessions::{Backend, CreateError, MERGE_ATTEMPTS, Sessions};
use super::store::{Saved, StoreError};
use crate::clock::UnixTime;
use crate::policy::EndReason;

impl Sessions {
    /// Moves a session to a new id, with what a request changed in the application's data; `None`: it has ended. Nothing is
    /// found under the old id any more. No refresh may be under way.
    pub(crate) async fn rotate(
        &self,
        entry: &Arc<Entry>,
        changes: &Changes,
    ) -> Result<Option<LiveSession>, CreateError> {
        if !self.claim(entry).await? {
            return Ok(None);
        }
        // Nothing is saved to the old session any more: what it holds now is final.
        let (state, application) = (entry.state(), changes.apply(&entry.application()));
        let live = self.create_for(Some(entry.as_ref()), state.state.clone(), application).await?;
        live.entry().touched(entry.last_used_at());
        entry.succeeded_by(live.entry());
        self.end(entry, EndReason::Replaced).await?;
        Ok(Some(live))
    }

    /// Makes the old session of a rotation ours alone; `false`: it has ended.
    async fn claim(&self, entry: &Arc<Entry>) -> Result<bool, StoreError> {
        if let Backend::Embedded(_) = &self.backend {
            return Ok(entry.end(EndReason::Replaced));
        }
        // Whoever saves first owns the old session: a logout that was faster leaves nothing to save to.
        for _ in 0..MERGE_ATTEMPTS {
            if !self.reload(entry).await? {
                return Ok(false);
            }
            let current = entry.state();
            match self.save(entry, current.version, current.state.clone()).await? {
                Saved::Done => return Ok(true),
                Saved::Gone => return Ok(false),
                Saved::Stale => {}
            }
        }
        Ok(false)
    }

    /// Ends the session at `at` if it would end later. `false`: it is gone.
    pub(crate) async fn shorten(&self, entry: &Entry, at: UnixTime) -> Result<bool, StoreError> {
        loop {
            let current = entry.state();
            if current.state.shortened_to.is_some_and(|earlier| earlier <= at) {
                return Ok(true);
            }
            let mut state = current.state.clone();
            state.shortened_to = Some(at);
            match self.save(entry, current.version, state).await? {
                Saved::Done => return Ok(true),
                Saved::Gone => return Ok(false),
                Saved::Stale => {
                    if !self.reload(entry).await? {
                        return Ok(false);
                    }
                }
            }
        }
    }
}
