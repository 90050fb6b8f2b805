//! Settings of the builder that concern sessions: how long they live, and what goes with them.

use std::time::Duration;

use super::builder::OidcAuthBuilder;
use crate::policy::{MalformedPolicy, RefreshRejected, Renewal};

impl OidcAuthBuilder {
    /// A session that is not used for this long ends: 1 s or more, default 1 day.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = Some(limit);
        self
    }

    /// A session ends this long after its login, used or not: 1 s or more, default 3 days.
    pub fn absolute_limit(mut self, limit: Duration) -> Self {
        self.absolute_limit = Some(limit);
        self
    }

    /// How many sessions a user (a `sub`) may have at once: 1 or more, default 100. A login beyond it ends the user's oldest
    /// session, with the reason [`SessionLimit`](crate::EndReason::SessionLimit); no login is refused for it. So one account
    /// cannot fill a store.
    ///
    /// It holds over every store and all nodes, also for logins that run at the same time, when the last of them is answered.
    /// Refresh tokens of the ended sessions are not revoked: some providers revoke with them what the new session lives on.
    pub fn max_sessions_per_user(mut self, sessions: usize) -> Self {
        self.store_settings.max_per_user = sessions;
        self
    }

    /// How long before `session_expiry` a session ends: 30 s (the default) or more.
    pub fn session_expiry_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// As [`session_expiry_leeway`](Self::session_expiry_leeway), below 30 s.
    ///
    /// # Security
    ///
    /// With less leeway than the clocks are apart a session outlives what the provider allows.
    pub fn insecure_session_expiry_leeway(mut self, leeway: Duration) -> Self {
        self.insecure_leeway = Some(leeway);
        self
    }

    /// What to do about a `session_expiry` that is present but malformed. Default: the login is refused. There is no policy
    /// that takes it for "no limit".
    pub fn malformed_session_expiry(mut self, policy: MalformedPolicy) -> Self {
        self.malformed = policy;
        self
    }

    /// Whether a login without `session_expiry` is refused. Default `false`: the local limits hold.
    pub fn require_session_expiry(mut self, required: bool) -> Self {
        self.require_session_expiry = required;
        self
    }

    /// Whether the ceiling may move later by a refresh (IPSIE SL1). Default: never.
    pub fn renewal(mut self, renewal: Renewal) -> Self {
        self.renewal = renewal;
        self
    }

    /// What becomes of a session whose refresh the provider refuses for a reason that only a new login can help
    /// (`invalid_grant`, `interaction_required` and others; see [`RefreshRejected`]). Default
    /// [`KeepSession`](RefreshRejected::KeepSession): it goes on until its deadline, without new access tokens.
    ///
    /// ```
    /// use axum_oidc_session::{OidcAuth, RefreshRejected};
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client")
    ///     .on_refresh_rejected(RefreshRejected::EndSession);
    /// ```
    pub fn on_refresh_rejected(mut self, policy: RefreshRejected) -> Self {
        self.on_refresh_rejected = policy;
        self
    }

    /// Whether handlers may extract [`tower_sessions::Session`] for data of their own. Default `false`.
    ///
    /// It shows the application's data only. A save merges by key; a save to a session that is gone makes none. `flush` and
    /// `delete` sign the user out here, `cycle_id` moves the session to a new cookie, `set_expiry` can only shorten.
    pub fn application_data(mut self, enabled: bool) -> Self {
        self.application_data = enabled;
        self
    }

    /// Whether UserInfo is asked at login, if the provider has it. Default `true`.
    pub fn user_info(mut self, enabled: bool) -> Self {
        self.user_info = enabled;
        self
    }

    /// Whether the refresh token is revoked at the provider (RFC 7009) when its session ends: at logout, in a refresh, when a
    /// request meets the ended session, and by the sweep of a [`MemoryStore`](crate::MemoryStore). Default `true`. What other
    /// stores can and cannot do is told in [`manual::stores`](crate::manual::stores).
    pub fn revoke_tokens_at_end(mut self, enabled: bool) -> Self {
        self.revoke_tokens = enabled;
        self
    }

    /// Whether responses to requests with a live session say how many seconds it has left: `Session-Expires-In: 1234`. Default
    /// `false`.
    ///
    /// The seconds are those until the deadline that is in force when the handler has answered; a request that ends the session
    /// gets none. Nor does a response that shared caches may keep, because the handler says so in a `Cache-Control` of its own
    /// without `private` or `no-store`: the number is one user's.
    pub fn session_expires_in_header(mut self, enabled: bool) -> Self {
        self.pages.expires_in_header = enabled;
        self
    }

    /// Whether the answer to a logout tells the browser to drop what it has cached of this origin: `Clear-Site-Data: "cache"`.
    /// Default `false`. A handler that ends its session ([`AuthSession::end`](crate::AuthSession::end), `flush` of the application
    /// data) is a logout, too.
    ///
    /// For applications whose handlers let browsers keep pages (`Cache-Control: private, max-age=…`); what the crate marks
    /// `no-store` is in no cache. It clears everything of the origin, style sheets and images too, may hold the answer up for
    /// seconds in a browser with a large cache, and does nothing on plain http except on loopback.
    pub fn clear_browser_cache_at_logout(mut self, enabled: bool) -> Self {
        self.pages.clear_cache = enabled;
        self
    }

    /// Lets requests with unsafe methods and WebSocket handshakes from other sites through.
    ///
    /// # Security
    ///
    /// `SameSite=Lax` alone does not protect against other applications on the same site. Do this only if the application has a
    /// protection of its own.
    pub fn insecure_allow_cross_site_requests(mut self) -> Self {
        self.refuse_cross_site = false;
        self
    }
}
