//! An event as a line of the log: the kind in `event`, the code in `code`, the session's reference in `session`.

use std::error::Error;

use super::event::EventKind;

/// Nothing is formatted unless somebody listens.
pub(super) fn write(kind: &EventKind, cause: Option<&(dyn Error + 'static)>) {
    let event = kind.code();
    match kind {
        EventKind::SignedIn { session } => {
            let session = session.reference.as_str();
            tracing::info!(code = event, event, session, "a session has begun");
        }
        EventKind::TokensRefreshed { session } => {
            let session = session.reference.as_str();
            tracing::debug!(code = event, event, session, "a session has new tokens");
        }
        EventKind::RefreshFailed { session, code } => {
            let session = session.reference.as_str();
            tracing::warn!(code, event, session, error = cause, "the tokens were not refreshed");
        }
        EventKind::SessionEnded { session, reason } => {
            let (session, reason) = (session.reference.as_str(), reason.code());
            tracing::info!(code = event, event, session, reason, "a session has ended");
        }
        EventKind::StoreConflict { session } => {
            let session = session.reference.as_str();
            tracing::debug!(code = event, event, session, "two changed a session at once");
        }
        kind => of_no_session(kind, cause),
    }
}

fn of_no_session(kind: &EventKind, error: Option<&(dyn Error + 'static)>) {
    let event = kind.code();
    match kind {
        EventKind::SignInRefused { code } => {
            tracing::warn!(code, event, error, "a sign-in did not lead to a session");
        }
        EventKind::SessionGone { reason } => {
            let reason = reason.code();
            tracing::info!(code = event, event, reason, "a session is gone from the store");
        }
        EventKind::LogoutTokenAccepted {} => {
            tracing::info!(code = event, event, "the provider has ended sessions");
        }
        EventKind::LogoutTokenRefused { code } => {
            tracing::warn!(code, event, error, "a back-channel logout was refused");
        }
        EventKind::ReplaySeen { code } => {
            tracing::warn!(code, event, error, "what is good once was sent again");
        }
        EventKind::CrossSiteRefused { code: detail } => {
            tracing::warn!(code = event, event, detail, "a request from another site was refused");
        }
        EventKind::ProviderUnavailable { document, pause } => {
            let seconds = pause.as_secs();
            let text = "the provider could not be asked";
            tracing::warn!(code = event, event, document, seconds, error, "{text}");
        }
        EventKind::ProviderAvailable { document } => {
            let text = "the provider can be asked again";
            tracing::info!(code = event, event, document, "{text}");
        }
        // The others are of a session.
        _ => tracing::error!(code = event, event, error, "the session store could not be asked"),
    }
}
