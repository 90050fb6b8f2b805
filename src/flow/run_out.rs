//! Sessions that ran out unused: the browser drops the cookie at the deadline, so no request meets them any more.
//!
//! 1. The sweep of the memory store finds them within a minute. Each is told like any other end, and its refresh token is
//!    revoked (ceiling rule 17).
//! 2. One token after another: a night's end of all sessions is no storm at the provider. After [`MOST_FAILURES`] failures in a
//!    row the rest is left to run out.
//! 3. While its user has another live session here, the token of one that ran out is left alone: some providers revoke with it
//!    the grant that the other session lives on, such as that of a login in the same browser, which had no cookie any more to
//!    tell of the session before.
//! 4. A store of sealed records drops them at their deadline, and without the cookie nothing opens them: there the tokens run
//!    out by themselves.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use secrecy::SecretString;

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::provider::TokenTypeHint;
use crate::session::services::OnRunOut;
use crate::store::memory::RanOut;

/// From now on they are noticed.
pub(crate) fn watch(rp: &Arc<RelyingParty>) {
    let (rp_of_listener, waiting) = (Arc::downgrade(rp), Mutex::default());
    rp.sessions.on_run_out(Box::new(Listener { rp: rp_of_listener, waiting }));
}

struct Listener {
    rp: Weak<RelyingParty>,
    /// What is to be revoked once the sweep is through.
    waiting: Mutex<Vec<Token>>,
}

struct Token {
    sub: String,
    token: SecretString,
}

impl OnRunOut for Listener {
    fn ran_out(&self, sessions: Vec<RanOut>) {
        let Some(rp) = self.rp.upgrade() else { return };
        let mut tokens = Vec::new();
        for (entry, reason) in sessions {
            end::noticed(&rp, &entry, reason, Ending::KeepTokens);
            let state = &entry.state().state;
            if let Some(token) = state.tokens.refresh.to_revoke() {
                tokens.push(Token { sub: state.claims.sub().to_owned(), token: token.clone() });
            }
        }
        if rp.config.revoke_tokens {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(tokens);
        }
    }

    fn swept(&self) {
        let tokens =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(rp) = self.rp.upgrade().filter(|_| !tokens.is_empty()) else { return };
        let task = Arc::clone(&rp);
        rp.config.spawn.spawn(Box::pin(async move { revoke(&task, tokens).await }));
    }
}

/// Rule 2.
async fn revoke(rp: &RelyingParty, tokens: Vec<Token>) {
    let (mut failures, mut left) = (0, tokens.len());
    for Token { sub, token } in tokens {
        left -= 1;
        if has_another(rp, &sub).await {
            continue;
        }
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

/// Rule 3. A store that does not say may have one.
async fn has_another(rp: &RelyingParty, sub: &str) -> bool {
    rp.sessions.list(sub).await.map_or(true, |live| !live.is_empty())
}

const MOST_FAILURES: u32 = 5;
