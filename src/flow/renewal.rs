//! Renewal of the ceiling by refresh: an option (IPSIE SL1, ceiling rule 10).

use std::sync::Arc;

use super::refresh;
use super::refreshed_id_token;
use super::relying_party::RelyingParty;
use crate::policy::{Assertion, Renewal, RenewalEvidence, renewal_due};
use crate::protocol::id_token::VerifiedIdToken;
use crate::session::live_session::LiveSession;
use crate::session::state::{Refresh, SessionState};

/// Starts the background refresh if this request is the first in the last part of the ceiling's span.
#[inline]
pub(crate) fn start_if_due(rp: &Arc<RelyingParty>, session: &LiveSession) {
    if rp.config.ceiling.renewal == Renewal::Off {
        return;
    }
    if is_due(rp, &session.entry().state().state) {
        refresh::renew_in_background(rp, session.entry());
    }
}

pub(crate) fn is_due(rp: &RelyingParty, state: &SessionState) -> bool {
    rp.config.ceiling.renewal == Renewal::ByRefresh
        && !state.renewal_tried
        && matches!(state.tokens.refresh, Refresh::Token { .. })
        && renewal_due(state.session_expires_at, state.ceiling_since, rp.config.clock.now())
}

/// What lets a later end be adopted; `None`: the ceiling stays.
pub(crate) fn evidence(
    rp: &RelyingParty,
    state: &SessionState,
    id_token: &VerifiedIdToken,
) -> Option<RenewalEvidence> {
    if rp.config.ceiling.renewal == Renewal::Off {
        return None;
    }
    let audience = refreshed_id_token::audience(rp, &state.claims);
    let previous = Assertion {
        issuer: &rp.config.issuer,
        subject: state.claims.sub(),
        audience: &audience,
        issued_at: state.id_token_issued_at,
        auth_time: state.auth_time,
    };
    let refreshed = Assertion {
        issuer: id_token.issuer(),
        subject: id_token.subject(),
        audience: id_token.audience(),
        issued_at: id_token.issued_at(),
        auth_time: id_token.auth_time(),
    };
    RenewalEvidence::check(&previous, &refreshed)
        .map_err(|why| tracing::debug!(code = why.code(), "no renewal: {why}"))
        .ok()
}
