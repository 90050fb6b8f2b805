//! One node exchanges the code of a login attempt.
//!
//! A browser may send a callback twice, and two nodes may get it. The provider accepts a code once, and most of them revoke
//! what it brought when it comes again (RFC 6749 section 4.1.2): the session would lose its refresh token. So a node that does
//! not have the store for itself takes the lease of the session that the attempt makes:
//!
//! 1. The node that gets it, and finds no such session, exchanges the code. It holds the lease until the session is stored.
//! 2. Any other node waits until the lease is free: by then the code was exchanged, or that node is gone.
//!
//! The lease leaves no row in the store, so a stranger's callback costs no durable write.
//!
//! A node that has the store for itself takes no lease. It asks the store all the same: the process before it may have exchanged
//! the code.

use std::sync::Arc;
use std::time::Duration;

use super::relying_party::RelyingParty;
use crate::session::attempt::LoginAttempt;
use crate::session::contract::StoreError;
use crate::session::lease::Lease;

/// What a callback may do with its code.
pub(super) enum Claim {
    /// Exchange it. There is no lease where no other node can have the attempt.
    Ours(Option<Lease>),
    /// Nothing: another node, or the process before this one, has exchanged it.
    Exchanged,
}

/// Waits while another node exchanges the code.
///
/// # Errors
///
/// The store gives no answer: the code is not exchanged, and the callback can be sent again.
pub(super) async fn claim(
    rp: &Arc<RelyingParty>,
    attempt: &LoginAttempt,
) -> Result<Claim, StoreError> {
    let (handle, mut has_waited) = (attempt.handle(), false);
    if !rp.sessions.is_shared() {
        let is_exchanged = rp.sessions.has_ever_begun(handle).await?;
        return Ok(if is_exchanged { Claim::Exchanged } else { Claim::Ours(None) });
    }
    loop {
        let lease = rp.sessions.lease(handle).await?;
        match lease {
            Some(_) if has_waited || rp.sessions.has_begun(handle).await? => {
                return Ok(Claim::Exchanged);
            }
            Some(lease) => return Ok(Claim::Ours(Some(lease))),
            None => has_waited = true,
        }
        rp.config.clock.sleep(PAUSE).await;
    }
}

const PAUSE: Duration = Duration::from_millis(50);
