//! Who issued the token, for whom, about whom.

use super::{LogoutTokenError, LogoutTokenExpectations};
use crate::protocol::claims::Claims;

/// Section 2.6 step 4: equal as strings; no URL is normalised.
pub(super) fn issuer(
    claims: &Claims,
    expected: &LogoutTokenExpectations<'_>,
) -> Result<(), LogoutTokenError> {
    if claims.get_str("iss") == Some(expected.issuer) {
        Ok(())
    } else {
        Err(LogoutTokenError::Issuer)
    }
}

/// Section 2.6 step 4, as for ID Tokens (OIDC Core 3.1.3.7 steps 3 to 5): one audience is this client, every other one is
/// trusted. If there are others, `azp` is this client; it may be absent, for no text asks for it in a logout token.
pub(super) fn audience(
    claims: &Claims,
    expected: &LogoutTokenExpectations<'_>,
) -> Result<(), LogoutTokenError> {
    let audience = claims.audience().ok_or(LogoutTokenError::Audience)?;
    if !audience.iter().any(|one| one == expected.client_id) {
        return Err(LogoutTokenError::Audience);
    }
    let mut others = audience.iter().filter(|one| *one != expected.client_id).peekable();
    let has_others = others.peek().is_some();
    if !others.all(|one| expected.trusted_audiences.contains(one)) {
        return Err(LogoutTokenError::ExtraAudience);
    }
    if has_others && claims.contains("azp") && claims.get_str("azp") != Some(expected.client_id) {
        return Err(LogoutTokenError::AuthorizedParty);
    }
    Ok(())
}

/// Section 2.6 step 5. One that is there must be of use: what an ID Token may say, and never empty, which would name every
/// session without one.
pub(super) fn who(claims: &Claims) -> Result<(), LogoutTokenError> {
    let (has_sub, has_sid) = (claims.contains("sub"), claims.contains("sid"));
    if has_sub && claims.well_formed_sub().is_none() {
        return Err(LogoutTokenError::Subject);
    }
    if has_sid && claims.sid().is_none_or(str::is_empty) {
        return Err(LogoutTokenError::SessionId);
    }
    if has_sub || has_sid { Ok(()) } else { Err(LogoutTokenError::NoSubject) }
}
