//! What becomes of the session that a browser had before a login.

use std::sync::Arc;

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::protocol::id_token::VerifiedIdToken;
use crate::session::ending::Revocation;
use crate::session::entry::Entry;
use crate::session::index::Handle;
use crate::spawn;

/// The session that this browser has already, live or over.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) entry: Arc<Entry>,
    /// `None`: it is live.
    pub(crate) over: Option<EndReason>,
}

/// A new session takes the place of what the browser had: a session, or the trace of one that had `moved` to a new id before
/// this browser heard of it. A client that hangs up stops nothing half-way.
pub(crate) async fn give_way(
    rp: &Arc<RelyingParty>,
    previous: Option<Previous>,
    moved: Option<Handle>,
) {
    let task = Arc::clone(rp);
    let work = async move {
        if let Some(previous) = previous {
            previous.gives_way(&task).await;
        }
        if let Some(handle) = moved {
            moved_gives_way(&task, handle).await;
        }
    };
    // Cut off (the runtime is shutting down): the old session's own lifetime finishes the job.
    let _ = spawn::to_the_end(&*rp.config.spawn, work).await;
}

async fn moved_gives_way(rp: &Arc<RelyingParty>, handle: Handle) {
    let (moved, mut ended) = (Revocation::of_all(vec![handle.key()]), Vec::new());
    let reason = EndReason::Replaced;
    if let Err(error) = rp.sessions.revoke(&[moved], reason, &mut ended).await {
        end::log_not_deleted(&error);
    }
    for session in ended {
        end::tell(rp, reason, session.summary.sub, session.summary.sid);
    }
}

impl Previous {
    /// One that was over anyway ends for its own reason.
    async fn gives_way(self, rp: &Arc<RelyingParty>) {
        let (reason, ending) = match self.over {
            Some(reason) => (reason, Ending::RevokeTokens),
            None => (EndReason::Replaced, Ending::KeepTokens),
        };
        end::end(rp, &self.entry, reason, ending).await;
        // It may have moved to a new id meanwhile, and ends there (ceiling rule 18).
        let mut entry = self.entry;
        while entry.is_moving() {
            rp.refreshes.settled(entry.cookie().finder()).await;
            let Some(next) = entry.successor() else { return };
            end::end(rp, &next, EndReason::Replaced, Ending::KeepTokens).await;
            entry = next;
        }
    }

    /// Ceiling rule 5: an older session of this browser for the same issuer and sub does not outlive the refusal.
    pub(super) async fn ends_with(self, rp: &Arc<RelyingParty>, id_token: &VerifiedIdToken) {
        if self.entry.state().state.claims.sub() == id_token.subject() {
            end::end(rp, &self.entry, EndReason::Ceiling, Ending::RevokeTokens).await;
        }
    }
}
