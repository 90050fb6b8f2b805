//! Where the auth routes are, below the base URL.

/// The paths of the auth routes, below the base URL's path.
///
/// ```
/// use axum_oidc_session::AuthPaths;
///
/// let paths = AuthPaths { login: "/sign-in".into(), ..AuthPaths::default() };
/// assert_eq!(paths.callback, "/auth/callback");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthPaths {
    /// Starts a login. Default `/auth/login`.
    pub login: String,
    /// The redirect URI to register at the provider. Default `/auth/callback`.
    pub callback: String,
    /// Ends the session. Default `/auth/logout`.
    pub logout: String,
    /// Tells scripts about the session. Default `/auth/session`.
    pub session: String,
    /// The script for pages that watches the session. Default `/auth/session.js`.
    pub session_script: String,
    /// Receives logout tokens. Default `/auth/backchannel-logout`.
    pub backchannel_logout: String,
}

impl Default for AuthPaths {
    fn default() -> Self {
        Self {
            login: "/auth/login".to_owned(),
            callback: "/auth/callback".to_owned(),
            logout: "/auth/logout".to_owned(),
            session: "/auth/session".to_owned(),
            session_script: "/auth/session.js".to_owned(),
            backchannel_logout: "/auth/backchannel-logout".to_owned(),
        }
    }
}

impl AuthPaths {
    pub(crate) fn all(&self) -> [&str; 6] {
        [
            &self.login,
            &self.callback,
            &self.logout,
            &self.session,
            &self.session_script,
            &self.backchannel_logout,
        ]
    }
}
