//! Ending sessions without their cookie: for administrators, and for signals from elsewhere.

use super::OidcAuth;
use crate::flow::user_sessions;
use crate::http::extract::UserSession;
use crate::session::contract::StoreError;

impl OidcAuth {
    /// The live sessions of a user; the one that was used last first.
    ///
    /// `sub` is the user's identifier at the provider.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked.
    pub async fn sessions_of(&self, sub: &str) -> Result<Vec<UserSession>, StoreError> {
        let listed = user_sessions::list(&self.rp, sub).await?;
        Ok(listed.into_iter().map(|session| UserSession::new(session, None)).collect())
    }

    /// Ends all sessions of a user, on all nodes; how many there were. A login of theirs that is under way leads to no
    /// session, a login that begins later does.
    ///
    /// Where sessions are not in use in this process their refresh tokens can't be read, and are not revoked: the
    /// store holds them sealed with the browser's cookie.
    ///
    /// ```
    /// use axum_oidc_session::{OidcAuth, error::StoreError};
    ///
    /// async fn block(auth: &OidcAuth, sub: &str) -> Result<usize, StoreError> {
    ///     auth.end_sessions_of(sub).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked, and some of the sessions may go on. Try again.
    pub async fn end_sessions_of(&self, sub: &str) -> Result<usize, StoreError> {
        user_sessions::end_all_of(&self.rp, sub).await
    }

    /// Ends the session that the provider calls `sid`, on all nodes, also if its login is still under way; how many there were.
    /// A login that begins later leads to a session, also with the same `sid`.
    ///
    /// # Errors
    ///
    /// As [`end_sessions_of`](Self::end_sessions_of).
    pub async fn end_sessions_with_sid(&self, sid: &str) -> Result<usize, StoreError> {
        user_sessions::end_by_sid(&self.rp, sid).await
    }
}
