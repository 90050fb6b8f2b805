//! An event as a line of the log: the kind in `event`, the code in `code`, the session's reference in `session`.

use std::error::Error;

use super::event::EventKind;
use crate::protocol::oauth_error::OAuthError;

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
        EventKind::RefreshFailed { session, code, provider } => {
            let (session, error) = (session.reference.as_str(), cause);
            let (provider_error, provider_error_description) = said(provider.as_ref());
            tracing::warn!(
                code,
                event,
                session,
                provider_error,
                provider_error_description,
                error,
                "the tokens were not refreshed"
            );
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
        EventKind::SignInRefused { code, provider } => {
            let (provider_error, provider_error_description) = said(provider.as_ref());
            let text = "a sign-in did not lead to a session";
            tracing::warn!(
                code,
                event,
                provider_error,
                provider_error_description,
                error,
                "{text}"
            );
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

/// The provider's words, made fit for a log when they were read.
fn said(provider: Option<&OAuthError>) -> (Option<&str>, Option<&str>) {
    let description = provider.and_then(|refusal| refusal.error_description.as_deref());
    (provider.map(|refusal| refusal.error.as_str()), description)
}
