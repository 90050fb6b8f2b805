//! What becomes of the session that a browser had before a login.

use std::sync::Arc;

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::protocol::id_token::VerifiedIdToken;
use crate::session::entry::Entry;

/// The session that this browser has already, live or over.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) entry: Arc<Entry>,
    /// `None`: it is live.
    pub(crate) over: Option<EndReason>,
}

impl Previous {
    /// A new session takes its place. One that was over anyway ends for its own reason.
    pub(crate) async fn gives_way(self, rp: &Arc<RelyingParty>) {
        let (reason, ending) = match self.over {
            Some(reason) => (reason, Ending::RevokeTokens),
            None => (EndReason::Replaced, Ending::KeepTokens),
        };
        end::end(rp, &self.entry, reason, ending).await;
    }

    /// Ceiling rule 5: an older session of this browser for the same issuer and sub does not outlive the refusal.
    pub(super) async fn ends_with(self, rp: &Arc<RelyingParty>, id_token: &VerifiedIdToken) {
        if self.entry.state().state.claims.sub() == id_token.subject() {
            end::end(rp, &self.entry, EndReason::Ceiling, Ending::RevokeTokens).await;
        }
    }
}
