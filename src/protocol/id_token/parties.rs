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

/// OIDC Core 3.1.3.7 step 3: a string or an array of strings; one of them is this client, and every other one is trusted.
pub(super) fn audience(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<Vec<String>, IdTokenError> {
    let audience = claims.audience().ok_or(IdTokenError::Audience)?;
    if !audience.iter().any(|one| one == expected.client_id) {
        return Err(IdTokenError::Audience);
    }
    let is_known =
        |one: &String| one == expected.client_id || expected.trusted_audiences.contains(one);
    if !audience.iter().all(is_known) {
        return Err(IdTokenError::ExtraAudience);
    }
    Ok(audience)
}

/// OIDC Core 3.1.3.7 steps 4 and 5. `azp` may be absent if this client is the only audience.
pub(super) fn authorized_party(
    claims: &Claims,
    audience: &[String],
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let is_ours = match claims.contains("azp") {
        true => claims.get_str("azp") == Some(expected.client_id),
        false => audience.iter().all(|one| one == expected.client_id),
    };
    if is_ours { Ok(()) } else { Err(IdTokenError::AuthorizedParty) }
}

/// OIDC Core 2, but for the ASCII.
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
