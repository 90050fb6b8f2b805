//! The sessions of a user: listed, and ended.

use std::sync::Arc;

use super::end;
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::contract::{IndexKey, Marker, StoreError};
use crate::session::index::Handle;
use crate::session::listed::ListedSession;
use crate::session::revocation::Revocation;

/// The sessions of `sub`.
pub(crate) async fn list(rp: &RelyingParty, sub: &str) -> Result<Vec<ListedSession>, StoreError> {
    rp.sessions.list(sub).await.inspect_err(|error| end::tell_store_error(rp, error))
}

/// Ends one session of `sub`. `false`: that user has no such session.
pub(crate) async fn end_one(
    rp: &Arc<RelyingParty>,
    sub: &str,
    handle: Handle,
) -> Result<bool, StoreError> {
    let listed = list(rp, sub).await?;
    if !listed.iter().any(|session| session.handle == handle) {
        return Ok(false);
    }
    end_all(rp, vec![handle]).await?;
    Ok(true)
}

/// Ends all sessions of `sub` but one; how many.
pub(crate) async fn end_others(
    rp: &Arc<RelyingParty>,
    sub: &str,
    own: Handle,
) -> Result<usize, StoreError> {
    let listed = list(rp, sub).await?;
    let others = listed.into_iter().map(|session| session.handle).filter(|handle| *handle != own);
    end_all(rp, others.collect()).await
}

async fn end_all(rp: &Arc<RelyingParty>, handles: Vec<Handle>) -> Result<usize, StoreError> {
    if handles.is_empty() {
        return Ok(0);
    }
    let keys = handles.into_iter().map(Handle::key).collect();
    revoke(rp, Revocation::of_all(keys), EndReason::LoggedOut).await
}

/// After a login of `sub`: ends the oldest of their sessions that are more than the configuration allows. However many logins
/// run at once, on whatever nodes, the one that looks last sees all, and all agree on which are the oldest.
///
/// One that another login ends while its own is being answered ends all the same: no login is refused, and no marker is kept. None
/// ends itself: where the clocks of nodes differ, one session too many may be left until the next login, and so may a store
/// that fails.
pub(crate) async fn end_surplus(
    rp: &Arc<RelyingParty>,
    sub: &str,
    (own, leaving): (Handle, Option<Handle>),
) {
    let most = rp.config.max_sessions_per_user;
    match rp.sessions.surplus(sub, (own, leaving), most).await {
        Ok(surplus) if surplus.is_empty() => {}
        Ok(surplus) => {
            let surplus = Revocation::of_found(surplus);
            // What fails is reported there.
            drop(revoke(rp, surplus, EndReason::SessionLimit).await);
        }
        Err(error) => end::tell_store_error(rp, &error),
    }
}

/// Ends all sessions of `sub`, and every login of theirs that is under way; how many sessions.
pub(crate) async fn end_all_of(rp: &Arc<RelyingParty>, sub: &str) -> Result<usize, StoreError> {
    end_until_now(rp, rp.sessions.indexer().by_sub(sub)).await
}

/// Ends the session that the provider calls `sid`, also if its login is under way. A login that begins later may come with the
/// same `sid`: the provider's own session may go on.
pub(crate) async fn end_by_sid(rp: &Arc<RelyingParty>, sid: &str) -> Result<usize, StoreError> {
    end_until_now(rp, rp.sessions.indexer().by_sid(sid)).await
}

/// Ends what is there or under way, whenever the user proved who they are.
async fn end_until_now(rp: &Arc<RelyingParty>, keys: Vec<IndexKey>) -> Result<usize, StoreError> {
    let revocation = Revocation::of_all(keys).but_later(rp.config.clock.now(), Marker::NEVER);
    revoke(rp, revocation, EndReason::EndedByApplication).await
}

async fn revoke(
    rp: &Arc<RelyingParty>,
    revocation: Revocation,
    reason: EndReason,
) -> Result<usize, StoreError> {
    end::revoke(rp, vec![revocation], reason).await
}
