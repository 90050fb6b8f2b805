//! The handle by which a test or a demo changes what the provider does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::jwt::OldKey;
use super::provider::Provider;
use super::record::RecordedRequest;
use super::{DevClient, DevProviderError, DevUser, Endpoint, Fault, SessionExpiryMode};

/// Controls a provider; clones control the same one. All settings take effect with the next request.
#[derive(Clone)]
pub struct DevProviderControl {
    pub(crate) provider: Arc<Provider>,
}

impl std::fmt::Debug for DevProviderControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevProviderControl").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

impl DevProviderControl {
    pub(crate) fn new(provider: Arc<Provider>) -> Self {
        Self { provider }
    }

    pub(crate) fn stop(&self) {
        self.provider.stopped.send_replace(true);
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Makes the authorization endpoint answer at once with a redirect, as if the person with this `sub` had signed in:
    /// no page. A person who is not known is added. The provider's own session works as with the page: a browser that
    /// sends its cookie again gets the same `auth_time`, `sid` and `session_expiry` unless `prompt=login` or `max_age`
    /// ask for more, and `prompt=none` without it is refused with `login_required`.
    pub fn authorize_as(&self, sub: impl Into<String>) {
        let sub = sub.into();
        let mut inner = self.provider.lock();
        if inner.user(&sub).is_none() {
            inner.users.push(Arc::new(DevUser::new(&*sub)));
        }
        inner.settings.authorize_as = Some(sub);
    }

    /// Goes back to the sign-in page.
    pub fn authorize_by_page(&self) {
        self.provider.lock().settings.authorize_as = None;
    }

    /// What ID Tokens say about the end of the session at a sign-in.
    pub fn set_session_expiry(&self, mode: SessionExpiryMode) {
        self.provider.lock().settings.session_expiry = mode;
    }

    /// What ID Tokens say about the end of the session on a refresh. `None` (the default) and
    /// [`SessionExpiryMode::PerSession`] repeat what the sign-in's ID Token said.
    pub fn set_refresh_session_expiry(&self, mode: Option<SessionExpiryMode>) {
        self.provider.lock().settings.refresh_session_expiry = mode;
    }

    /// How long access tokens live from now on, in whole seconds.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.provider.lock().settings.access_token_lifetime = lifetime;
    }

    /// Adds a claim to every ID Token, or replaces one.
    pub fn set_id_token_claim(&self, name: impl Into<String>, value: impl Into<Value>) {
        self.provider.lock().settings.id_token_claims.insert(name.into(), value.into());
    }

    /// Forgets what [`set_id_token_claim`](Self::set_id_token_claim) added.
    pub fn clear_id_token_claims(&self) {
        self.provider.lock().settings.id_token_claims.clear();
    }

    /// Leaves `expires_in` out of token responses (RFC 6749 section 5.1 only recommends it).
    pub fn omit_expires_in(&self, omit: bool) {
        self.provider.lock().settings.omit_expires_in = omit;
    }

    /// Whether ID Tokens come without `sid`, as of a provider without sessions that clients can name.
    pub fn omit_sid(&self, omit: bool) {
        self.provider.lock().settings.omit_sid = omit;
    }

    /// Leaves `refresh_token` out of token responses; on refresh the old one then stays valid.
    pub fn omit_refresh_token(&self, omit: bool) {
        self.provider.lock().settings.omit_refresh_token = omit;
    }

    /// Makes one thing wrong, in place of the one before; `None` makes everything right.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.provider.lock().settings.fault = fault;
    }

    /// Makes the token endpoint answer every request with this `error` and `error_description` (400, but 401 for
    /// `invalid_client`), until [`accept_token_requests`](Self::accept_token_requests). The code or refresh token is not looked
    /// at.
    pub fn refuse_token_requests(&self, error: impl Into<String>, description: impl Into<String>) {
        self.provider.lock().settings.token_error = Some((error.into(), description.into()));
    }

    /// Forgets what [`refuse_token_requests`](Self::refuse_token_requests) has set.
    pub fn accept_token_requests(&self) {
        self.provider.lock().settings.token_error = None;
    }

    /// Waits this long, by the provider's clock, before a request to `endpoint` is looked at.
    pub fn set_delay(&self, endpoint: Endpoint, delay: Duration) {
        self.provider.lock().settings.delays.insert(endpoint, delay);
    }

    /// Closes the connection on every request, without a reply, until it is called with `false`. Nothing is forgotten.
    pub fn set_down(&self, down: bool) {
        self.provider.lock().settings.down = down;
    }

    /// Signs with a new key from now on, and returns its `kid`.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::SigningKey`] or [`DevProviderError::Random`] if no key can be made.
    pub fn rotate_keys(&self, old: OldKey) -> Result<String, DevProviderError> {
        self.provider.lock().keys.rotate(old, self.provider.random.as_ref())
    }

    /// Adds a client, in place of the one with the same id.
    pub fn add_client(&self, client: DevClient) {
        let mut inner = self.provider.lock();
        inner.clients.retain(|known| known.id != client.id);
        inner.clients.push(Arc::new(client));
    }

    /// Adds a person, in place of the one with the same `sub`.
    pub fn add_user(&self, user: DevUser) {
        let mut inner = self.provider.lock();
        inner.users.retain(|known| known.sub != user.sub);
        inner.users.push(Arc::new(user));
    }

    /// The `sid` of every session that the person has at the provider.
    pub fn sessions(&self, sub: &str) -> Vec<String> {
        let inner = self.provider.lock();
        let of_person = inner.sessions.values().filter(|session| session.sub == sub);
        of_person.map(|session| session.sid.clone()).collect()
    }

    /// Ends the person's sessions at the provider; grants and their tokens stay.
    pub fn end_sessions(&self, sub: &str) {
        self.provider.lock().sessions.retain(|_, session| session.sub != sub);
    }

    /// Revokes all that the person granted: refreshing gives `invalid_grant`, UserInfo 401.
    pub fn revoke_grants(&self, sub: &str) {
        self.provider.lock().grants.revoke_of(sub);
    }

    /// Withdraws all access tokens of the person: UserInfo gives 401, refreshing works.
    pub fn revoke_access_tokens(&self, sub: &str) {
        self.provider.lock().grants.revoke_access_tokens_of(sub);
    }

    /// How many requests the endpoint has got.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.provider.lock().record.count(endpoint)
    }

    /// The last request to the endpoint.
    pub fn last_request(&self, endpoint: Endpoint) -> Option<RecordedRequest> {
        self.provider.lock().record.last(endpoint)
    }

    /// Sets all counters to 0, and forgets the last requests and the revoked tokens.
    pub fn clear_requests(&self) {
        self.provider.lock().record.clear();
    }

    /// Every token that a client asked the revocation endpoint to revoke, in that order.
    pub fn revoked_tokens(&self) -> Vec<String> {
        self.provider.lock().record.revoked.clone()
    }

    /// The last 10,000 codes, access tokens, refresh tokens and ID Tokens handed out, oldest first: what must not be in
    /// a log.
    pub fn issued_values(&self) -> Vec<String> {
        self.provider.lock().record.all_issued()
    }
}
