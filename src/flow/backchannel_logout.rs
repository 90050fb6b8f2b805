//! Back-Channel Logout 1.0: from a logout token to ended sessions.
//!
//! 1. The logout token is verified (section 2.6 steps 1 to 7). If its key is unknown, the JWK Set is fetched once more, within
//!    the bounds of `provider::jwks`.
//! 2. Nobody else is at work on the same token, on any node, and it was not carried out before (step 8): nothing remembers its
//!    `jti`.
//! 3. If it has both, `sid` and `sub`, they are of one user: otherwise it is not known who was meant, and nothing ends.
//! 4. The sessions end (section 2.7): with a `sid` that one, otherwise all of the `sub`. That none is left is a success. A login
//!    that is under way leads to no session; which later login does is said by the markers that stay. The provider's own session
//!    may go on, so that the user comes back with the same `sid`.
//! 5. The `jti` is remembered last. If the store fails before, the answer is 400 and the provider's next try does the whole
//!    work; that it is done twice changes nothing.
//!
//! The work is done in a task of its own, which also tells of it: a provider that hangs up leaves no half of a logout.

use std::sync::Arc;

use super::backchannel_logout_error::BackchannelLogoutError;
use super::end;
use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::events::EventKind;
use crate::policy::EndReason;
use crate::protocol::logout_token::{LogoutTokenExpectations, VerifiedLogoutToken};
use crate::session::revocation::Revocation;
use crate::spawn;

/// Ends the sessions that the logout token `raw` is about.
pub(crate) async fn run(rp: &Arc<RelyingParty>, raw: String) -> Result<(), BackchannelLogoutError> {
    let task = Arc::clone(rp);
    let received_at = rp.config.clock.now();
    let work = async move {
        let done = carry_out(&task, &raw, received_at).await;
        match &done {
            Ok(()) => task.config.tell(EventKind::LogoutTokenAccepted {}),
            Err(error) => tell_refused(&task, error),
        }
        done
    };
    let done = spawn::to_the_end(&*rp.config.spawn, work).await;
    done.unwrap_or_else(|| {
        let error = BackchannelLogoutError::Interrupted;
        tell_refused(rp, &error);
        Err(error)
    })
}

/// Tells that there was no logout; what [`run`] gives back it has told already.
pub(crate) fn tell_refused(rp: &RelyingParty, error: &BackchannelLogoutError) {
    let code = error.code();
    let kind = match error {
        BackchannelLogoutError::Replayed => EventKind::ReplaySeen { code },
        _ => EventKind::LogoutTokenRefused { code },
    };
    rp.config.tell_with(kind, error);
}

async fn carry_out(
    rp: &Arc<RelyingParty>,
    raw: &str,
    received_at: UnixTime,
) -> Result<(), BackchannelLogoutError> {
    let token = verify(rp, raw).await?;
    end_sessions(rp, &token, received_at).await
}

/// Step 1.
async fn verify(
    rp: &RelyingParty,
    raw: &str,
) -> Result<VerifiedLogoutToken, BackchannelLogoutError> {
    let expected = LogoutTokenExpectations {
        issuer: &rp.config.issuer,
        client_id: &rp.config.client_id,
        trusted_audiences: &rp.config.tokens.trusted_audiences,
        algorithm: rp.config.tokens.algorithm,
        clock_tolerance: rp.config.tokens.clock_tolerance,
        now: rp.config.clock.now(),
    };
    Ok(rp.provider.verify_logout_token(raw, &expected).await?)
}

/// Steps 2 to 5.
async fn end_sessions(
    rp: &Arc<RelyingParty>,
    token: &VerifiedLogoutToken,
    received_at: UnixTime,
) -> Result<(), BackchannelLogoutError> {
    let told = |error| {
        end::tell_store_error(rp, &error);
        BackchannelLogoutError::Store(error)
    };
    let lease = rp.sessions.lease_of_token(token.jti()).await.map_err(told)?;
    let lease = lease.ok_or(BackchannelLogoutError::Busy)?;
    if rp.sessions.is_carried_out(token.jti()).await.map_err(told)? {
        return Err(BackchannelLogoutError::Replayed);
    }
    if let (Some(sid), Some(sub)) = (token.sid(), token.sub())
        && rp.sessions.sid_is_of_others(sid, sub).await.map_err(told)?
    {
        return Err(BackchannelLogoutError::SidOfAnotherUser);
    }
    let revocations = revocations(rp, token, received_at);
    let ended = end::revoke(rp, revocations, EndReason::BackchannelLogout).await;
    ended.map_err(BackchannelLogoutError::Store)?;
    if !lease.is_held() {
        // The store was so slow that another node may be at work by now; the provider tries again.
        return Err(BackchannelLogoutError::Busy);
    }
    rp.sessions.note_carried_out(token.jti(), token.expires_at()).await.map_err(told)
}

/// Step 4.
///
/// | claims | ends |
/// |---|---|
/// | `sid` | the session with that `sid` |
/// | `sub` | the sessions of that user |
/// | both | the session of that user with that `sid`; and those that have no `sid` to tell them apart by |
///
/// Of these, one passes whose login began after the token was received, by our clock, or whose `auth_time` is later than the
/// token's `iat`, by the provider's.
fn revocations(
    rp: &RelyingParty,
    token: &VerifiedLogoutToken,
    received_at: UnixTime,
) -> Vec<Revocation> {
    let indexer = rp.sessions.indexer();
    let revocations = match (token.sid(), token.sub()) {
        (Some(sid), None) => vec![Revocation::of_all(indexer.by_sid(sid))],
        (Some(sid), Some(sub)) => {
            let without_sid = Revocation::of_all(indexer.without_sid(sub));
            vec![Revocation::of_user(indexer, sid, sub), without_sid]
        }
        (None, sub) => vec![Revocation::of_all(indexer.by_sub(sub.unwrap_or_default()))],
    };
    let but_later = |revocation: Revocation| revocation.but_later(received_at, token.issued_at());
    revocations.into_iter().map(but_later).collect()
}
