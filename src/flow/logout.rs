//! Logout: here first, then at the provider (OpenID Connect RP-Initiated Logout 1.0).
//!
//! 1. The session is ended in the store. If the store fails, that is said: the browser is signed out, and the session may live
//!    on elsewhere. A marker that the store has taken stays, and ends the session at its next refresh or move.
//! 2. The refresh token is revoked in the background (RFC 7009).
//! 3. The provider's `end_session_endpoint`, if it has one, gets the latest ID Token as `id_token_hint`, the exact
//!    `post_logout_redirect_uri`, the client id and a `state`.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use url::Url;

use super::end;
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::random;
use crate::session::contract::StoreError;
use crate::session::entry::Entry;
use crate::session::index::Handle;
use crate::session::revocation::Revocation;

/// What a logout came to.
#[derive(Debug)]
pub(crate) struct LoggedOut {
    /// Whether the session has ended here; it goes on, until a logout that is tried again, if the store failed.
    pub(crate) here: Result<(), StoreError>,
    /// Where the logout goes on at the provider.
    pub(crate) url: Option<Url>,
}

/// Ends the session. The provider is to end its own even if the store has failed.
pub(crate) async fn logout(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) -> LoggedOut {
    let ended = end::try_end_with_successors(rp, entry, EndReason::LoggedOut).await;
    let (here, last) = match ended {
        Ok(ended) => (Ok(()), ended.last),
        Err(error) => (Err(error), Arc::clone(entry)),
    };
    let state = last.state();
    LoggedOut { here, url: end_session_url(rp, Some(state.state.id_token.expose_secret())).await }
}

/// Ends a session whose cookie has given way to another on some node; its ID Token is out of reach here.
///
/// # Errors
///
/// The store failed; the session goes on.
pub(crate) async fn logout_moved(rp: &Arc<RelyingParty>, handle: Handle) -> Result<(), StoreError> {
    let moved = Revocation::of_all(vec![handle.key()]);
    end::revoke(rp, vec![moved], EndReason::LoggedOut).await.map(drop)
}

/// A session that is gone here may still be alive at the provider, which asks its user then.
pub(crate) async fn without_session(rp: &RelyingParty) -> Option<Url> {
    end_session_url(rp, None).await
}

/// A provider that can't be asked for its metadata leaves the logout a local one.
async fn end_session_url(rp: &RelyingParty, id_token: Option<&str>) -> Option<Url> {
    let metadata = match rp.provider.metadata().await {
        Ok(metadata) => metadata,
        Err(error) => {
            tracing::warn!(code = error.code(), "logout stays local: {error}");
            return None;
        }
    };
    let mut url = metadata.end_session_endpoint.clone()?;
    let mut query = url.query_pairs_mut();
    if let Some(id_token) = id_token.filter(|hint| hint.len() <= LONGEST_HINT) {
        query.append_pair("id_token_hint", id_token);
    }
    query
        .append_pair("client_id", &rp.config.client_id)
        .append_pair("post_logout_redirect_uri", &rp.config.base.home());
    if let Ok(state) = random::base64url::<16>(&*rp.config.random) {
        query.append_pair("state", &state);
    }
    drop(query);
    Some(url)
}

/// Longer URLs are refused by servers; without the hint the provider asks its user.
const LONGEST_HINT: usize = 6000;
