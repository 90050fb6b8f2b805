//! Sessions that ran out unused: the browser drops the cookie at the deadline, so no request meets them any more.
//!
//! 1. The sweep of the memory store finds them within a minute. Each is told like any other end, and its refresh token is
//!    revoked (ceiling rule 17).
//! 2. One token after another: a night's end of all sessions is no storm at the provider. After [`MOST_FAILURES`] failures in a
//!    row the rest is left to run out.
//! 3. A store of sealed records drops them at their deadline, and without the cookie nothing opens them: there the tokens run
//!    out by themselves.

use std::sync::Arc;

use secrecy::SecretString;

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::provider::TokenTypeHint;
use crate::store::memory::RanOut;

/// From now on they are noticed.
pub(crate) fn watch(rp: &Arc<RelyingParty>) {
    let weak = Arc::downgrade(rp);
    rp.sessions.on_run_out(Box::new(move |ran_out| {
        if let Some(rp) = weak.upgrade() {
            notice(&rp, ran_out);
        }
    }));
}

fn notice(rp: &Arc<RelyingParty>, ran_out: Vec<RanOut>) {
    let mut tokens = Vec::new();
    for (entry, reason) in ran_out {
        end::noticed(rp, &entry, reason, Ending::KeepTokens);
        tokens.extend(entry.state().state.tokens.refresh.to_revoke().cloned());
    }
    if rp.config.revoke_tokens && !tokens.is_empty() {
        let task = Arc::clone(rp);
        rp.config.spawn.spawn(Box::pin(async move { revoke(&task, tokens).await }));
    }
}

/// Rule 2.
async fn revoke(rp: &RelyingParty, tokens: Vec<SecretString>) {
    let (mut failures, mut left) = (0, tokens.len());
    for token in tokens {
        left -= 1;
        match rp.provider.revoke(&token, TokenTypeHint::RefreshToken).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                let (code, error): (_, &(dyn std::error::Error + 'static)) = (error.code(), &error);
                tracing::warn!(code, error, "a token was not revoked at the provider");
            }
        }
        if failures == MOST_FAILURES && left > 0 {
            let code = "revocation_given_up";
            tracing::warn!(code, left, "the tokens of sessions that ran out are not revoked");
            return;
        }
    }
}

const MOST_FAILURES: u32 = 5;
