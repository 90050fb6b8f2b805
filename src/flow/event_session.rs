//! A session as events tell of it.

use crate::events::EventSession;
use crate::session::state::SessionState;
use crate::session::summary::Summary;

pub(crate) fn of_state(state: &SessionState) -> EventSession {
    EventSession {
        reference: state.handle.reference(),
        subject: state.claims.sub().to_owned(),
        sid: state.sid.clone(),
        signed_in_at: state.logged_in_at,
        ceiling: state.session_expires_at.asserted_end(),
    }
}

/// Of a session that was found without its cookie: its ceiling can't be read.
pub(crate) fn of_summary(summary: Summary) -> EventSession {
    let Summary { handle, sub: subject, sid, logged_in_at: signed_in_at, .. } = summary;
    EventSession { reference: handle.reference(), subject, sid, signed_in_at, ceiling: None }
}
