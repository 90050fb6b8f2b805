//! The end of the session, for the application's own loops and tasks.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};

use super::auth_session::AuthSession;
use crate::flow::access_token::{AccessTokenError, readmit};
use crate::flow::ended;
use crate::policy::EndReason;

impl AuthSession {
    /// Returns when the session has ended, with the reason: at its deadline, or when somebody ended it, on whichever node.
    ///
    /// The deadline is that of the moment: uses of the session in other requests move the idle limit, a refresh may lower the
    /// ceiling. An end on this node is known at once; one on another node within 2 s, or within the staleness bound of
    /// [`push_invalidation`](crate::OidcAuthBuilder::push_invalidation) if that is on. While the store fails, ends on other nodes are
    /// not known until it is back; the deadline counts all the same. A session that moves to a new id (`cycle_id`) goes on; if it
    /// moved on another node, it counts as [`EndReason::Replaced`] here.
    ///
    /// Waiting is no use of the session: it keeps nothing alive. The future does not borrow from the session and can be sent to
    /// a task. Response bodies and WebSockets need none of this: see [`AuthSessionLayer`](crate::AuthSessionLayer).
    ///
    /// ```
    /// use axum_oidc_session::AuthSession;
    ///
    /// async fn subscribe(session: AuthSession) {
    ///     let ended = session.ended();
    ///     tokio::spawn(async move {
    ///         let reason = ended.await;
    ///         println!("unsubscribed: {reason}");
    ///     });
    /// }
    /// ```
    pub fn ended(&self) -> impl Future<Output = EndReason> + Send + use<> {
        ended::ended(Arc::clone(&self.rp), Arc::clone(self.live.entry()))
    }

    /// Runs `work` until it is done or the session has [ended](Self::ended); then it is dropped where it waits.
    ///
    /// ```
    /// use axum_oidc_session::AuthSession;
    ///
    /// # async fn next_job() {}
    /// async fn work(session: AuthSession) {
    ///     let outcome = session.run_until_ended(async { loop { next_job().await } });
    ///     if let Err(reason) = outcome.await {
    ///         println!("stopped: {reason}");
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Why the session ended.
    pub async fn run_until_ended<F: Future>(&self, work: F) -> Result<F::Output, EndReason> {
        // The end counts first: nothing is done for a session that is over.
        match select(pin!(self.ended()), pin!(work)).await {
            Either::Left((reason, _)) => Err(reason),
            Either::Right((output, _)) => Ok(output),
        }
    }

    /// Looks again whether the session goes on: for handlers that run for long, before they act on the claims.
    ///
    /// An end on this node is known at once, one on another node within 2 s: over a store that several processes share, the
    /// store is asked if it was last asked 1.5 s ago and its events are not heard.
    ///
    /// # Errors
    ///
    /// [`AccessTokenError::SessionExpired`], which is a response itself: 401 `session_expired`.
    /// [`AccessTokenError::StoreUnavailable`]: the store had to be asked and gives no answer; 503, and the session goes on.
    pub async fn check(&self) -> Result<(), AccessTokenError> {
        readmit(&self.rp, &self.live).await.map(drop)
    }
}
