//! The proof that an ID Token was checked, and the order of the checks.

use openidconnect::core::CoreJsonWebKeySet;
use secrecy::SecretString;

use super::{Continuity, IdTokenError, IdTokenExpectations, binding, lifetime, parties};
use crate::clock::UnixTime;
use crate::protocol::claims::Claims;
use crate::protocol::jwt::{SessionExpiryText, UnverifiedJwt};
use crate::protocol::logout_token;

/// An ID Token that has passed every check of this module. [`verify`](Self::verify) is its only constructor.
pub(crate) struct VerifiedIdToken {
    raw: SecretString,
    claims: Claims,
    audience: Vec<String>,
    issued_at: UnixTime,
    auth_time: Option<UnixTime>,
    session_expiry: SessionExpiryText,
}

impl VerifiedIdToken {
    /// Checks `raw` against `expected`: form, signature, then claims.
    ///
    /// # Errors
    ///
    /// One variant a check. On one that [`may_be_cured_by_newer_keys`](IdTokenError::may_be_cured_by_newer_keys) the caller
    /// refetches the JWK Set and tries once more.
    pub(crate) fn verify(
        raw: &str,
        keys: &CoreJsonWebKeySet,
        expected: &IdTokenExpectations<'_>,
    ) -> Result<Self, IdTokenError> {
        let jwt = UnverifiedJwt::parse(raw).map_err(IdTokenError::Malformed)?;
        if !jwt.has_type(&TYPES) {
            return Err(IdTokenError::TokenType);
        }
        let payload = jwt.verify_signature(keys, expected.algorithm)?;
        let (claims, session_expiry) = payload.claims().map_err(IdTokenError::Claims)?;
        no_logout_token(&claims)?;

        parties::issuer(&claims, expected)?;
        let audience = parties::audience(&claims, expected)?;
        parties::authorized_party(&claims, &audience, expected)?;
        parties::subject(&claims)?;
        parties::session_id(&claims)?;
        lifetime::expiry(&claims, expected)?;
        lifetime::not_before(&claims, expected)?;
        let issued_at = lifetime::issue_time(&claims, expected)?;
        binding::nonce(&claims, expected)?;
        binding::context_class(&claims, expected)?;
        binding::methods(&claims, expected)?;
        let auth_time = lifetime::authentication_time(&claims, expected)?;
        binding::access_token_hash(&claims, expected)?;

        Ok(Self { raw: raw.into(), claims, audience, issued_at, auth_time, session_expiry })
    }

    /// The token as it was received, for `id_token_hint`.
    pub(crate) fn raw(&self) -> &SecretString {
        &self.raw
    }

    /// All claims.
    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn issuer(&self) -> &str {
        self.claims.issuer()
    }

    pub(crate) fn subject(&self) -> &str {
        self.claims.sub()
    }

    pub(crate) fn audience(&self) -> &[String] {
        &self.audience
    }

    pub(crate) fn authorized_party(&self) -> Option<&str> {
        self.claims.get_str("azp")
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        self.claims.get_str("nonce")
    }

    pub(crate) fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    pub(crate) fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// `session_expiry` as it was written; what it means is for the ceiling's rules to say.
    pub(crate) fn session_expiry(&self) -> &SessionExpiryText {
        &self.session_expiry
    }

    /// What a later ID Token of the same session must continue.
    pub(crate) fn continuity(&self) -> Continuity<'_> {
        Continuity {
            issuer: self.issuer(),
            subject: self.subject(),
            audience: &self.audience,
            authorized_party: self.authorized_party(),
            nonce: self.nonce(),
            auth_time: self.auth_time,
        }
    }
}

/// A logout token that is not typed differs from a refreshed ID Token, which needs no `nonce`, in its event alone.
fn no_logout_token(claims: &Claims) -> Result<(), IdTokenError> {
    if logout_token::names_the_event(claims) { Err(IdTokenError::LogoutToken) } else { Ok(()) }
}

/// "A JWT" (RFC 7519 section 5.1), or what some providers call an ID Token.
const TYPES: [&str; 2] = ["JWT", "id+jwt"];
