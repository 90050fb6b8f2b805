//! That a refreshed ID Token continues the one of the login (OIDC Core 12.2).
//!
//! 1. `iss` and `sub` are the same.
//! 2. `aud` includes the original one. Others that it names are trusted, or the token would not have been verified.
//! 3. `azp` is the same, or absent in both.
//! 4. `nonce`, if present, is the same.
//! 5. `auth_time`, if present in both, is not earlier. It is later only if the user has authenticated anew.
//!
//! `iat` is left to the check of the token itself.

use super::VerifiedIdToken;
use crate::clock::UnixTime;

/// What is remembered of a session's ID Token.
#[derive(Clone, Copy)]
pub(crate) struct Continuity<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) audience: &'a [String],
    pub(crate) authorized_party: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) auth_time: Option<UnixTime>,
}

impl VerifiedIdToken {
    /// Whether this refreshed token continues `original`.
    pub(crate) fn check_continuity(
        &self,
        original: &Continuity<'_>,
    ) -> Result<(), ContinuityError> {
        let refreshed = self.continuity();
        if refreshed.issuer != original.issuer {
            return Err(ContinuityError::Issuer);
        }
        if refreshed.subject != original.subject {
            return Err(ContinuityError::Subject);
        }
        if !original.audience.iter().all(|one| refreshed.audience.contains(one)) {
            return Err(ContinuityError::Audience);
        }
        if refreshed.authorized_party != original.authorized_party {
            return Err(ContinuityError::AuthorizedParty);
        }
        if refreshed.nonce.is_some() && refreshed.nonce != original.nonce {
            return Err(ContinuityError::Nonce);
        }
        match (original.auth_time, refreshed.auth_time) {
            (Some(original), Some(refreshed)) if refreshed < original => {
                Err(ContinuityError::AuthenticationTime)
            }
            _ => Ok(()),
        }
    }
}

/// How a refreshed ID Token differs from the one of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContinuityError {
    /// Another issuer.
    #[error("the refreshed ID Token has another issuer (iss)")]
    Issuer,
    /// Another user.
    #[error("the refreshed ID Token is about another user (sub)")]
    Subject,
    /// The original audience, or a part of it, is missing.
    #[error("the refreshed ID Token has another audience (aud)")]
    Audience,
    /// Another authorized party, or one where there was none, or none where there was one.
    #[error("the refreshed ID Token has another authorized party (azp)")]
    AuthorizedParty,
    /// Another nonce.
    #[error("the refreshed ID Token has another nonce")]
    Nonce,
    /// An authentication before the original one.
    #[error("the refreshed ID Token tells of an earlier sign-in (auth_time)")]
    AuthenticationTime,
}

impl ContinuityError {
    /// A stable reason code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Issuer => "refreshed_id_token_issuer",
            Self::Subject => "refreshed_id_token_subject",
            Self::Audience => "refreshed_id_token_audience",
            Self::AuthorizedParty => "refreshed_id_token_authorized_party",
            Self::Nonce => "refreshed_id_token_nonce",
            Self::AuthenticationTime => "refreshed_id_token_auth_time",
        }
    }
}
