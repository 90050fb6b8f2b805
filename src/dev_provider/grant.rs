//! What the provider keeps: its own sessions, codes, grants and tokens.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::UnixTime;

/// A session at the provider: one person signed in with one browser.
#[derive(Clone, Debug)]
pub(crate) struct OpSession {
    pub(crate) sid: String,
    pub(crate) sub: String,
    pub(crate) auth_time: UnixTime,
    /// Fixed at the sign-in ([`SessionExpiryMode::PerSession`](super::SessionExpiryMode::PerSession)).
    pub(crate) session_expiry: Option<i64>,
    /// As typed in on the sign-in page, if changed there.
    pub(crate) access_token_lifetime: Option<Duration>,
}

impl OpSession {
    pub(crate) fn is_live(&self, now: UnixTime) -> bool {
        self.session_expiry.is_none_or(|expiry| now.seconds() < expiry)
    }
}

/// What a person granted to a client; all its tokens form one family.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) session: OpSession,
    pub(crate) scope: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: Option<String>,
    /// The values of `session_expiry` in the sign-in's ID Token.
    pub(crate) asserted_expiry: Vec<String>,
}

/// An authorization code (RFC 6749 section 4.1.2).
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) expires_at: UnixTime,
    /// Set by the first use; a second use revokes this grant.
    pub(crate) used_for: Option<GrantId>,
}

/// Which grant a token belongs to.
pub(crate) type GrantId = u64;

/// An access token.
#[derive(Debug)]
pub(crate) struct AccessToken {
    pub(crate) grant: GrantId,
    pub(crate) expires_at: UnixTime,
}

/// A refresh token; once spent, its next use is a sign of theft (RFC 9700 section 4.14.2).
#[derive(Debug)]
pub(crate) struct RefreshToken {
    pub(crate) grant: GrantId,
    pub(crate) spent: bool,
}

/// All grants and their tokens, by value.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    next: GrantId,
    grants: HashMap<GrantId, Grant>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
}

impl Grants {
    pub(crate) fn add(&mut self, grant: Grant) -> GrantId {
        self.next += 1;
        self.grants.insert(self.next, grant);
        self.next
    }

    /// The grant, unless it was revoked.
    pub(crate) fn grant(&self, id: GrantId) -> Option<&Grant> {
        self.grants.get(&id)
    }

    pub(crate) fn remember_expiry(&mut self, id: GrantId, asserted: Vec<String>) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.asserted_expiry = asserted;
        }
    }

    /// Revokes the family: the grant and all its tokens.
    pub(crate) fn revoke(&mut self, id: GrantId) {
        self.grants.remove(&id);
        self.access_tokens.retain(|_, token| token.grant != id);
        self.refresh_tokens.retain(|_, token| token.grant != id);
    }

    /// Revokes every grant of that person.
    pub(crate) fn revoke_of(&mut self, sub: &str) {
        let of_person = |(id, grant): (&GrantId, &Grant)| (grant.session.sub == sub).then_some(*id);
        let ids: Vec<GrantId> = self.grants.iter().filter_map(of_person).collect();
        ids.into_iter().for_each(|id| self.revoke(id));
    }

    /// Revokes the access tokens of that person; their grants stay.
    pub(crate) fn revoke_access_tokens_of(&mut self, sub: &str) {
        let grants = &self.grants;
        let is_theirs = |id: GrantId| grants.get(&id).is_some_and(|grant| grant.session.sub == sub);
        self.access_tokens.retain(|_, token| !is_theirs(token.grant));
    }

    /// Forgets codes and access tokens that are over, and grants that nothing leads to any more.
    pub(crate) fn prune(&mut self, now: UnixTime) {
        self.codes.retain(|_, code| now < code.expires_at);
        self.access_tokens.retain(|_, token| now < token.expires_at);
        let mut used: Vec<GrantId> =
            self.refresh_tokens.values().map(|token| token.grant).collect();
        used.extend(self.access_tokens.values().map(|token| token.grant));
        used.extend(self.codes.values().filter_map(|code| code.used_for));
        used.sort_unstable();
        self.grants.retain(|id, _| used.binary_search(id).is_ok());
    }
}
