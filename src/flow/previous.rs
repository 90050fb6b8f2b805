//! What becomes of the session that a browser had before a login.

use std::sync::Arc;

use super::end::{self, Ending};
use super::event_session;
use super::new_session::NewSession;
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::protocol::id_token::VerifiedIdToken;
use crate::session::application::ApplicationPart;
use crate::session::entry::Entry;
use crate::session::index::Handle;
use crate::spawn;

/// The session that this browser has already, live or over.
#[derive(Clone, Debug)]
pub(crate) struct Previous {
    pub(crate) entry: Arc<Entry>,
    /// `None`: it is live.
    pub(crate) over: Option<EndReason>,
}

/// A new session takes the place of what the browser had: a session, or the trace of one that had `moved` to a new id before
/// this browser heard of it. A client that hangs up stops nothing half-way.
pub(crate) async fn give_way(
    rp: &Arc<RelyingParty>,
    new: &NewSession,
    previous: Option<Previous>,
    moved: Option<Handle>,
) {
    let (task, subject) = (Arc::clone(rp), new.subject());
    let work = async move {
        if let Some(previous) = previous {
            previous.gives_way(&task, &subject).await;
        }
        if let Some(handle) = moved {
            moved_gives_way(&task, handle).await;
        }
    };
    // Cut off (the runtime is shutting down): the old session's own lifetime finishes the job.
    let _ = spawn::to_the_end(&*rp.config.spawn, work).await;
}

async fn moved_gives_way(rp: &Arc<RelyingParty>, handle: Handle) {
    let mut ended = Vec::new();
    if let Err(error) = rp.sessions.end_moved(handle, None, &mut ended).await {
        end::tell_store_error(rp, &error);
        end::log_not_deleted();
    }
    for session in ended {
        end::tell(rp, EndReason::Replaced, event_session::of_summary(session.summary));
    }
}

impl Previous {
    pub(super) fn is_live(&self) -> bool {
        self.over.is_none()
    }

    /// The `sub` of its user.
    pub(crate) fn subject(&self) -> String {
        self.entry.state().state.claims.sub().to_owned()
    }

    pub(super) fn handle(&self) -> Handle {
        self.entry.state().state.handle
    }

    /// One that was over anyway ends for its own reason. To revoke its tokens could cost those of a new session of the same
    /// user.
    async fn gives_way(self, rp: &Arc<RelyingParty>, subject: &str) {
        let is_same_user = self.entry.state().state.claims.sub() == subject;
        let ending = if is_same_user { Ending::KeepTokens } else { Ending::RevokeTokens };
        match self.over {
            Some(reason) if reason != EndReason::Replaced => {
                end::end(rp, &self.entry, reason, ending).await;
            }
            _ => end::replace(rp, &self.entry).await,
        }
        // It may have moved to a new id meanwhile, and ends there (ceiling rule 18).
        let mut entry = self.entry;
        while entry.is_moving() {
            rp.refreshes.settled(entry.cookie().finder()).await;
            let Some(next) = entry.successor() else { return };
            end::replace(rp, &next).await;
            entry = next;
        }
    }

    /// What the new session takes along: the application's data, if the session is live and its user has signed in again.
    /// Nobody else is shown it (ceiling rule 19).
    pub(super) fn application_for(&self, id_token: &VerifiedIdToken) -> ApplicationPart {
        let is_live = self.is_live() && self.entry.ended().is_none();
        if is_live && self.entry.state().state.claims.sub() == id_token.subject() {
            self.entry.application().as_ref().clone()
        } else {
            ApplicationPart::default()
        }
    }

    /// Ceiling rule 5: an older session of this browser for the same issuer and sub does not outlive the refusal.
    pub(super) async fn ends_with(self, rp: &Arc<RelyingParty>, id_token: &VerifiedIdToken) {
        if self.entry.state().state.claims.sub() == id_token.subject() {
            end::end(rp, &self.entry, EndReason::Ceiling, Ending::RevokeTokens).await;
        }
    }
}
