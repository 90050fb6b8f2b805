//! The sessions of the signed-in user.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::AuthSession;
use crate::clock::UnixTime;
use crate::flow::user_sessions;
use crate::session::contract::StoreError;
use crate::session::index::Handle;
use crate::session::listed::ListedSession;

/// One of a user's sessions, as it is listed.
///
/// What is listed is as old as the last write: the last use is noted once a minute at most.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserSession {
    /// Names the session to [`AuthSession::end_session`]. It opens nothing, and is not its cookie.
    pub id: String,
    /// Whether it is the session of the request that asks.
    pub is_current: bool,
    /// When the user signed in.
    pub signed_in_at: UnixTime,
    /// When it was last used.
    pub last_used_at: UnixTime,
    /// When it will be over if it is not used again.
    pub expires_at: UnixTime,
    /// What the user signed in with, as far as the browser said, such as `Firefox on Linux`.
    pub device: Option<String>,
}

impl UserSession {
    pub(crate) fn new(listed: ListedSession, own: Option<Handle>) -> Self {
        Self {
            id: URL_SAFE_NO_PAD.encode(listed.handle.to_bytes()),
            is_current: own == Some(listed.handle),
            signed_in_at: listed.logged_in_at,
            last_used_at: listed.last_used_at,
            expires_at: listed.expires_at,
            device: listed.device,
        }
    }
}

impl AuthSession {
    /// The live sessions of this user here, this one included; the one that was used last first.
    ///
    /// ```
    /// use axum_oidc_session::{AuthSession, error::StoreError};
    ///
    /// async fn devices(session: AuthSession) -> Result<String, StoreError> {
    ///     let devices = session.sessions().await?.into_iter().filter_map(|session| session.device);
    ///     Ok(devices.collect::<Vec<_>>().join(", "))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked.
    pub async fn sessions(&self) -> Result<Vec<UserSession>, StoreError> {
        let listed = user_sessions::list(&self.rp, self.claims().sub()).await?;
        let own = Some(self.handle());
        Ok(listed.into_iter().map(|session| UserSession::new(session, own)).collect())
    }

    /// Ends one session of this user, named by [`UserSession::id`]; it may be this one. `false`: this user has no such session.
    ///
    /// When this has returned, no request with that session is admitted, on any node.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked, and the session goes on. If it is this one, it is as with [`end`](Self::end).
    pub async fn end_session(&self, id: &str) -> Result<bool, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(handle) = bytes.map(Handle::from_bytes) else { return Ok(false) };
        if handle == self.handle() {
            return self.end().await.map(|()| true);
        }
        user_sessions::end_one(&self.rp, self.claims().sub(), handle).await
    }

    /// Ends all sessions of this user but this one; how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked, and some of the sessions go on.
    pub async fn end_other_sessions(&self) -> Result<usize, StoreError> {
        user_sessions::end_others(&self.rp, self.claims().sub(), self.handle()).await
    }

    fn handle(&self) -> Handle {
        self.seen.state.handle
    }
}
