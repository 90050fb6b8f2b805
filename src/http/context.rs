//! What the layer tells the extractors, in the request's extensions.

use std::sync::Arc;

use crate::flow::relying_party::RelyingParty;
use crate::policy::Refusal;
use crate::session::live_session::LiveSession;

/// The outcome of the layer's look at a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestAuth {
    pub(crate) rp: Arc<RelyingParty>,
    pub(crate) presence: Presence,
}

/// Whether the request has a session.
#[derive(Clone, Debug)]
pub(crate) enum Presence {
    /// It has one, and it was live when the request came.
    Live(LiveSession),
    /// It has none.
    Absent(Absence),
}

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nobody has signed in with this browser, or signed out again.
    NoSession,
    /// There was one, and this ended it.
    Ended(Refusal),
}
