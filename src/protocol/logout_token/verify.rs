//! The proof that a logout token was checked, and the order of the checks.

use openidconnect::core::CoreJsonWebKeySet;

use super::{LogoutTokenError, LogoutTokenExpectations, event, lifetime, parties};
use crate::clock::UnixTime;
use crate::protocol::claims::Claims;
use crate::protocol::jwt::UnverifiedJwt;

/// A logout token that has passed every check of this module. [`verify`](Self::verify) is its only constructor.
pub(crate) struct VerifiedLogoutToken {
    claims: Claims,
    issued_at: UnixTime,
    expires_at: UnixTime,
}

impl VerifiedLogoutToken {
    /// Checks `raw` against `expected`: form, signature, then claims.
    ///
    /// # Errors
    ///
    /// One variant a check. On one that [`may_be_cured_by_newer_keys`](LogoutTokenError::may_be_cured_by_newer_keys) the caller
    /// refetches the JWK Set and tries once more.
    pub(crate) fn verify(
        raw: &str,
        keys: &CoreJsonWebKeySet,
        expected: &LogoutTokenExpectations<'_>,
    ) -> Result<Self, LogoutTokenError> {
        let jwt = UnverifiedJwt::parse(raw).map_err(LogoutTokenError::Malformed)?;
        if !jwt.has_type(&TYPES) {
            return Err(LogoutTokenError::TokenType);
        }
        let payload = jwt.verify_signature(keys, expected.algorithm)?;
        let (claims, _) = payload.claims().map_err(LogoutTokenError::Claims)?;

        parties::issuer(&claims, expected)?;
        parties::audience(&claims, expected)?;
        event::event(&claims)?;
        event::no_nonce(&claims)?;
        parties::who(&claims)?;
        event::token_id(&claims)?;
        lifetime::not_before(&claims, expected)?;
        let issued_at = lifetime::issue_time(&claims, expected)?;
        let expires_at = lifetime::expiry(&claims, issued_at, expected)?;

        Ok(Self { claims, issued_at, expires_at })
    }

    /// Whose sessions end; with a [`sid`](Self::sid), too, whose that one session is. One of the two is always there.
    pub(crate) fn sub(&self) -> Option<&str> {
        self.claims.get_str("sub")
    }

    /// The session that ends. Without one all sessions of the [`sub`](Self::sub) end (section 2.4).
    pub(crate) fn sid(&self) -> Option<&str> {
        self.claims.sid()
    }

    /// The token's own identifier, unique for the issuer, never empty.
    pub(crate) fn jti(&self) -> &str {
        self.claims.get_str("jti").unwrap_or_default()
    }

    /// By the provider's clock.
    pub(crate) fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The first second at which the token is refused for its age, tolerance included: until then its `jti` must be
    /// remembered.
    pub(crate) fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

/// Section 2.4 recommends the latter.
const TYPES: [&str; 2] = ["JWT", "logout+jwt"];
