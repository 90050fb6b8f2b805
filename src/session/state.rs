//! What is known of a signed-in user: the state of a session.
//!
//! A state is never changed in place: a refresh makes a new one, and whoever holds the old one sees the values it had.
//! Its last use is kept beside it, outside its version, so that a touch conflicts with nothing.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::index::Handle;
use crate::clock::UnixTime;
use crate::policy::{Ceiling, Deadline, Lifetime, Limit, Limits};
use crate::protocol::claims::Claims;
use crate::protocol::oauth_error::LoginNeed;
use crate::secret::exposed;

/// The part of a session that this crate owns. What each request looks at comes first: see [`Entry`](super::entry::Entry).
#[derive(Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct SessionState {
    /// The ceiling in force; "none" is written out, so that a record without the field is no session (ceiling rule 16).
    pub(crate) session_expires_at: Ceiling,
    /// When the callback of the login was answered.
    pub(crate) logged_in_at: UnixTime,
    /// An earlier end that the application set; it can only shorten.
    pub(crate) shortened_to: Option<UnixTime>,
    /// The session, whatever id it has at the time.
    pub(crate) handle: Handle,
    /// When the ceiling in force was fixed: the start of the span that renewal measures.
    pub(crate) ceiling_since: UnixTime,
    /// Counts this process's logins: of those of one second it says which was first.
    #[serde(default)]
    pub(crate) ordinal: u64,
    /// Whether renewal by refresh was tried under this ceiling; it is tried once.
    pub(crate) renewal_tried: bool,
    /// When the login attempt began.
    pub(crate) attempt_begun_at: UnixTime,
    /// `sid` of the login's ID Token: the provider's session.
    pub(crate) sid: Option<String>,
    /// Each other `sid` that a refreshed ID Token has had since, oldest first: the provider's session under its later names.
    #[serde(default)]
    pub(crate) further_sids: Box<[String]>,
    /// What the user signed in with, coarsely.
    pub(crate) device: Option<String>,
    /// The claims verified at the login.
    pub(crate) claims: Claims,
    /// The latest ID Token, as received: the hint for RP-Initiated Logout.
    #[serde(with = "exposed")]
    pub(crate) id_token: SecretString,
    /// `iat` of the latest ID Token.
    pub(crate) id_token_issued_at: UnixTime,
    /// `auth_time` of the latest ID Token that had one.
    pub(crate) auth_time: Option<UnixTime>,
    /// The tokens to call APIs with.
    pub(crate) tokens: Tokens,
}

impl SessionState {
    /// The first second at which the session is over, and the limit that says so.
    pub(crate) fn deadline(&self, last_used_at: UnixTime, limits: &Limits) -> Deadline {
        let lifetime = Lifetime {
            ceiling: self.session_expires_at,
            logged_in_at: self.logged_in_at,
            last_used_at,
        };
        let deadline = lifetime.deadline(limits);
        match self.shortened_to {
            Some(at) if at < deadline.at => Deadline { at, limit: Limit::Absolute },
            _ => deadline,
        }
    }

    /// Every `sid` that the provider's session has had; by any of them it may be ended.
    pub(crate) fn sids(&self) -> impl Iterator<Item = &str> {
        self.sid.iter().chain(&self.further_sids).map(String::as_str)
    }

    /// Notes the `sid` of a refreshed ID Token beside those that are known; of very many the oldest but the login's goes.
    pub(crate) fn note_sid(&mut self, sid: &str) {
        if self.sids().any(|known| known == sid) {
            return;
        }
        let too_many = (self.further_sids.len() + 1).saturating_sub(MOST_FURTHER_SIDS);
        let kept = self.further_sids.iter().skip(too_many).cloned();
        self.further_sids = kept.chain([sid.to_owned()]).collect();
    }

    /// Whether both have the same deadline, whenever they are used last.
    pub(crate) fn ends_as(&self, other: &Self) -> bool {
        let limits =
            |state: &Self| (state.session_expires_at, state.logged_in_at, state.shortened_to);
        limits(self) == limits(other)
    }
}

const MOST_FURTHER_SIDS: usize = 8;

/// The access token of a session and what renews it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Tokens {
    #[serde(with = "exposed")]
    pub(crate) access_token: SecretString,
    pub(crate) obtained_at: UnixTime,
    /// `None`: the provider did not say (RFC 6749 section 5.1 only recommends `expires_in`).
    pub(crate) expires_at: Option<UnixTime>,
    /// What was granted, separated by spaces: as the provider said last, or as the login asked for. Never by the configuration of
    /// the day.
    pub(crate) scope: String,
    /// Whether they came with a refresh, on whichever node, or are those of the login.
    #[serde(default)]
    pub(crate) is_refreshed: bool,
    pub(crate) refresh: Refresh,
}

impl Tokens {
    /// When they were refreshed last; `None`: they are those of the login.
    pub(crate) fn refreshed_at(&self) -> Option<UnixTime> {
        self.is_refreshed.then_some(self.obtained_at)
    }
}

/// Whether, and with what, an access token can be renewed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refresh {
    /// The provider issued no refresh token.
    Unavailable,
    /// A refresh token, and how often it was sent without an answer.
    Token {
        #[serde(with = "exposed")]
        token: SecretString,
        unanswered: u8,
    },
    /// The provider refused the refresh token; it is not sent again.
    Rejected {
        /// The provider's code for it.
        error: LoginNeed,
        /// If the token itself may still be good: it is revoked when the session ends.
        #[serde(with = "exposed::optional")]
        token: Option<SecretString>,
    },
    /// The refresh token was sent twice without an answer; it is not sent again, but revoked when the session ends.
    AnswerLost {
        #[serde(with = "exposed")]
        token: SecretString,
    },
}

impl Refresh {
    /// The token that may be sent.
    pub(crate) fn token(&self) -> Option<&SecretString> {
        match self {
            Self::Token { token, .. } => Some(token),
            Self::Unavailable | Self::Rejected { .. } | Self::AnswerLost { .. } => None,
        }
    }

    /// The token that revocation at the end of the session concerns.
    pub(crate) fn to_revoke(&self) -> Option<&SecretString> {
        match self {
            Self::Token { token, .. } | Self::AnswerLost { token } => Some(token),
            Self::Rejected { token, .. } => token.as_ref(),
            Self::Unavailable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::session::record::tests::live_state;

    #[test]
    fn a_sid_that_changes_is_noted_once_beside_the_others() {
        let mut state = live_state();
        for sid in ["a", "b", "a", "b", ""] {
            state.note_sid(sid);
        }
        assert_eq!(state.sids().collect::<Vec<_>>(), ["a", "b", ""]);
        state.sid = Some("login".to_owned());
        (0..20).for_each(|number| state.note_sid(&number.to_string()));
        let sids: Vec<_> = state.sids().collect();
        assert_eq!((sids.len(), sids[0], sids[8]), (9, "login", "19"));
    }

    #[test]
    fn an_end_that_the_application_set_can_only_shorten() {
        let limits = Limits { idle: Duration::from_secs(100), ..Limits::default() };
        let used = UnixTime::from_seconds(1_000);
        for (set_to, at, limit) in [
            (None, 1_100, Limit::Idle),
            (Some(1_099), 1_099, Limit::Absolute),
            (Some(1_100), 1_100, Limit::Idle),
            (Some(9_999), 1_100, Limit::Idle),
        ] {
            let mut state = live_state();
            state.shortened_to = set_to.map(UnixTime::from_seconds);
            let deadline = state.deadline(used, &limits);
            assert_eq!((deadline.at.seconds(), deadline.limit), (at, limit), "{set_to:?}");
        }
    }
}
