//! The intent of a refresh: saved before the refresh token is sent, so that whoever comes after a death knows of it.
//!
//! 1. A token whose answer was lost is sent once more at most.
//! 2. An intent after which nothing was sent is none, and is taken back. So is one that the store may have saved without
//!    saying so, as long as the lease is held: until then nobody else can have saved another. After that it counts as sent.

use std::sync::Arc;

use secrecy::SecretString;

use super::access_token::AccessTokenError;
use super::given_up;
use super::refresh_answer::is_same;
use super::relying_party::RelyingParty;
use super::update::{Patience, update};
use crate::session::entry::Entry;
use crate::session::lease::Lease;
use crate::session::state::{Refresh, SessionState};

/// What is about to be sent, and what was there before.
pub(super) struct Intent {
    pub(super) token: SecretString,
    /// How often it had been sent without an answer.
    pub(super) sent_before: u8,
    renewal_tried: bool,
}

/// Why nothing may be sent.
pub(super) struct NotIntended {
    pub(super) error: AccessTokenError,
    /// The store may have saved it all the same.
    pub(super) unanswered: Option<Intent>,
    /// Otherwise the refresh token was given up before.
    pub(super) is_news: bool,
}

/// Saves that the refresh token is about to be sent.
pub(super) async fn intend(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    is_renewal: bool,
) -> Result<Intent, NotIntended> {
    let (mut intent, mut is_news) = (None, true);
    let saved = update(rp, entry, Patience::Short, |state| {
        let Refresh::Token { token, unanswered: sent_before } = state.tokens.refresh.clone() else {
            is_news = false;
            return given_up::judge(&state.tokens.refresh);
        };
        let renewal_tried = state.renewal_tried;
        state.renewal_tried |= is_renewal;
        if sent_before >= MOST_SENDS {
            state.tokens.refresh = Refresh::AnswerLost { token };
            intent = None;
            return Ok(());
        }
        intent = Some(Intent { token: token.clone(), sent_before, renewal_tried });
        state.tokens.refresh = Refresh::Token { token, unanswered: sent_before + 1 };
        Ok(())
    });
    let (error, unanswered) = match (saved.await, intent) {
        (Ok(()), Some(intent)) => return Ok(intent),
        (Ok(()), None) => (AccessTokenError::RefreshAnswerLost, None),
        (Err(error @ AccessTokenError::StoreUnavailable), unanswered) => (error, unanswered),
        (Err(error), _) => (error, None),
    };
    Err(NotIntended { error, unanswered, is_news })
}

impl Intent {
    /// Nothing was sent. Another node's intent, saved since, stays.
    pub(super) async fn take_back(&self, rp: &Arc<RelyingParty>, entry: &Arc<Entry>) {
        let restored = update(rp, entry, Patience::Short, |state| {
            if let Some(unanswered) = self.count_in(state) {
                *unanswered = unanswered.saturating_sub(1);
                state.renewal_tried = self.renewal_tried;
            }
            Ok(())
        });
        drop(restored.await);
    }

    /// Nothing was sent, and nobody knows whether the store has the intent: it is asked until it answers. The save that is
    /// made in any case is also the end of one that is still on its way.
    pub(super) fn take_back_in_background(
        self,
        rp: &Arc<RelyingParty>,
        entry: &Arc<Entry>,
        lease: Lease,
    ) {
        let (task, entry) = (Arc::clone(rp), Arc::clone(entry));
        rp.config.spawn.spawn(Box::pin(async move {
            let restored = update(&task, &entry, Patience::UntilDeadline, |state| {
                if !lease.is_held() {
                    // What is there may be another node's.
                    return Err(AccessTokenError::StoreUnavailable);
                }
                if let Some(unanswered) = self.count_in(state)
                    && *unanswered == self.sent_before + 1
                {
                    *unanswered = self.sent_before;
                    state.renewal_tried = self.renewal_tried;
                }
                Ok(())
            });
            drop(restored.await);
        }));
    }

    /// How often the token has been sent, as far as the state is still about it.
    fn count_in<'a>(&self, state: &'a mut SessionState) -> Option<&'a mut u8> {
        match &mut state.tokens.refresh {
            Refresh::Token { token, unanswered } if is_same(token, &self.token) => Some(unanswered),
            _ => None,
        }
    }
}

/// After a death or a lost reply the refresh token is sent once more.
const MOST_SENDS: u8 = 2;
