//! Who issued the token, for whom, about whom.

use super::{IdTokenError, IdTokenExpectations};
use crate::protocol::claims::Claims;

/// OIDC Core 3.1.3.7 step 2: equal as strings; no URL is normalised.
pub(super) fn issuer(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    if claims.get_str("iss") == Some(expected.issuer) { Ok(()) } else { Err(IdTokenError::Issuer) }
}

/// OIDC Core 3.1.3.7 step 3: a string or an array of strings, and every one of them is this client.
pub(super) fn audience(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<Vec<String>, IdTokenError> {
    let audience = claims.audience().ok_or(IdTokenError::Audience)?;
    if !audience.iter().any(|one| one == expected.client_id) {
        return Err(IdTokenError::Audience);
    }
    if audience.iter().any(|one| one != expected.client_id) {
        return Err(IdTokenError::ExtraAudience);
    }
    Ok(audience)
}

/// OIDC Core 3.1.3.7 steps 4 and 5. With a single audience `azp` may be absent.
pub(super) fn authorized_party(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    if !claims.contains("azp") || claims.get_str("azp") == Some(expected.client_id) {
        Ok(())
    } else {
        Err(IdTokenError::AuthorizedParty)
    }
}

/// OIDC Core 2.
pub(super) fn subject(claims: &Claims) -> Result<(), IdTokenError> {
    claims.well_formed_sub().map(|_| ()).ok_or(IdTokenError::Subject)
}

/// Back-Channel Logout 2.1: a string. One that is none could never be logged out.
pub(super) fn session_id(claims: &Claims) -> Result<(), IdTokenError> {
    if !claims.contains("sid") || claims.sid().is_some() {
        Ok(())
    } else {
        Err(IdTokenError::SessionId)
    }
}
