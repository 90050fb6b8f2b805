//! A session whose cookie nobody has yet.
//!
//! The client may hang up at any moment until the response is there. Wherever that drops what was to be sent, the session ends,
//! and its tokens are revoked: nobody could use it, and nobody would end it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::live_session::LiveSession;

/// Ends its session unless it is [delivered](Self::delivered).
pub(crate) struct NewSession {
    rp: Arc<RelyingParty>,
    session: LiveSession,
    is_delivered: AtomicBool,
}

impl NewSession {
    pub(super) fn new(rp: &Arc<RelyingParty>, session: LiveSession) -> Self {
        Self { rp: Arc::clone(rp), session, is_delivered: AtomicBool::new(false) }
    }

    /// The `sub` of its user.
    pub(crate) fn subject(&self) -> String {
        self.session.entry().state().state.claims.sub().to_owned()
    }

    /// The response is being made: its session, and whether this is the first response that has it.
    pub(crate) fn delivered(&self) -> (&LiveSession, bool) {
        let is_first = !self.is_delivered.swap(true, Ordering::Relaxed);
        (&self.session, is_first)
    }
}

impl Drop for NewSession {
    fn drop(&mut self) {
        if *self.is_delivered.get_mut() {
            return;
        }
        let (rp, session) = (Arc::clone(&self.rp), self.session.clone());
        let spawn = Arc::clone(&rp.config.spawn);
        spawn.spawn(Box::pin(async move {
            let reason = EndReason::NotDelivered;
            end::end(&rp, session.entry(), reason, Ending::RevokeTokens).await;
        }));
    }
}

impl fmt::Debug for NewSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewSession").finish_non_exhaustive()
    }
}
