//! Logout: here first, then at the provider (OpenID Connect RP-Initiated Logout 1.0).
//!
//! 1. The session is ended in the store. If the store fails, that is said: the browser is signed out, and the session may live
//!    on elsewhere. A marker that the store has taken stays, and ends the session at its next refresh or move.
//! 2. The refresh token is revoked in the background (RFC 7009).
//! 3. The provider's `end_session_endpoint`, if it has one, gets what is in this table. It is a URL to navigate to if that stays
//!    below 2 KB, else a form to post (section 2): Entra ID and IIS refuse longer URLs.
//!
//! | parameter | with an ID Token | without one: the session is gone |
//! |---|---|---|
//! | `client_id` | yes | yes |
//! | `id_token_hint` | the latest ID Token | – |
//! | `post_logout_redirect_uri`, `state` | the exact URI, a random state | –: some providers (Hydra) show an error page instead of ending their session if there is no hint with it |
//!
//! Without a hint the provider asks its user, and keeps the browser afterwards.

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

/// How the logout goes on at the provider.
pub(crate) struct AtProvider {
    /// Below 2 KB. If there is a form, it lacks the hint, and the provider asks its user.
    pub(crate) url: Url,
    /// What is too long for a URL.
    pub(crate) form: Option<LogoutForm>,
}

/// A form to be posted by the browser.
pub(crate) struct LogoutForm {
    pub(crate) action: Url,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// What a logout came to.
pub(crate) struct LoggedOut {
    /// Whether the session has ended here; it goes on, until a logout that is tried again, if the store failed.
    pub(crate) here: Result<(), StoreError>,
    /// How the logout goes on at the provider, if it has a place for that.
    pub(crate) at_provider: Option<AtProvider>,
}

/// Ends the session. The provider is to end its own even if the store has failed.
pub(crate) async fn logout(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) -> LoggedOut {
    let ended = end::try_end_with_successors(rp, entry, EndReason::LoggedOut).await;
    let (here, last) = match ended {
        Ok(ended) => (Ok(()), ended.last),
        Err(error) => (Err(error), Arc::clone(entry)),
    };
    let state = last.state();
    let hint = state.state.id_token.expose_secret();
    LoggedOut { here, at_provider: at_provider(rp, Some(hint)).await }
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
pub(crate) async fn without_session(rp: &RelyingParty) -> Option<AtProvider> {
    at_provider(rp, None).await
}

/// A provider that can't be asked for its metadata leaves the logout a local one.
async fn at_provider(rp: &RelyingParty, id_token: Option<&str>) -> Option<AtProvider> {
    let metadata = match rp.provider.metadata().await {
        Ok(metadata) => metadata,
        Err(error) => {
            tracing::warn!(code = error.code(), "logout stays local: {error}");
            return None;
        }
    };
    let endpoint = metadata.end_session_endpoint.clone()?;
    Some(AtProvider::new(endpoint, parameters(rp, id_token)))
}

/// Without a hint the client id alone.
fn parameters(rp: &RelyingParty, id_token: Option<&str>) -> Vec<(&'static str, String)> {
    let mut parameters = vec![(CLIENT_ID, rp.config.client_id.clone())];
    if let Some(id_token) = id_token {
        parameters.push(("id_token_hint", id_token.to_owned()));
        parameters.push(("post_logout_redirect_uri", rp.config.base.home()));
        if let Ok(state) = random::base64url::<16>(&*rp.config.random) {
            parameters.push(("state", state.to_string()));
        }
    }
    parameters
}

impl AtProvider {
    fn new(endpoint: Url, parameters: Vec<(&'static str, String)>) -> Self {
        let url = with_query(&endpoint, &parameters);
        if url.as_str().len() <= LONGEST_URL {
            return Self { url, form: None };
        }
        let client_id: Vec<_> =
            parameters.iter().filter(|(name, _)| *name == CLIENT_ID).cloned().collect();
        let url = with_query(&endpoint, &client_id);
        Self { url, form: Some(LogoutForm { action: endpoint, fields: parameters }) }
    }
}

fn with_query(endpoint: &Url, parameters: &[(&'static str, String)]) -> Url {
    let mut url = endpoint.clone();
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

const CLIENT_ID: &str = "client_id";
/// Some servers refuse what is longer than 2 KB.
const LONGEST_URL: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at_provider(endpoint: &str, hint: usize) -> AtProvider {
        let parameters = vec![(CLIENT_ID, "me".to_owned()), ("id_token_hint", "h".repeat(hint))];
        AtProvider::new(Url::parse(endpoint).unwrap(), parameters)
    }

    #[test]
    fn what_does_not_fit_into_a_url_is_a_form() {
        const ENDPOINT: &str = "https://op.example/end?p=policy";
        let head = format!("{ENDPOINT}&client_id=me&id_token_hint=").len();
        let fits = at_provider(ENDPOINT, LONGEST_URL - head);
        assert_eq!((fits.url.as_str().len(), fits.form.is_none()), (LONGEST_URL, true));
        assert!(fits.url.as_str().starts_with(ENDPOINT));
        let longer = at_provider(ENDPOINT, LONGEST_URL - head + 1);
        assert_eq!(longer.url.as_str(), format!("{ENDPOINT}&client_id=me"));
        let form = longer.form.unwrap();
        assert_eq!(form.action.as_str(), ENDPOINT);
        assert_eq!(
            form.fields.iter().map(|field| field.0).collect::<Vec<_>>(),
            [CLIENT_ID, "id_token_hint"]
        );
    }
}
