//! The token's times. `clock_tolerance` is granted once to each, in the token's favour.

use super::{IdTokenError, IdTokenExpectations};
use crate::clock::UnixTime;
use crate::protocol::claims::Claims;

/// OIDC Core 3.1.3.7 step 9: "The current time MUST be before the time represented by the exp Claim."
pub(super) fn expiry(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let exp = required(claims, "exp")?;
    if expected.now < exp.saturating_add(expected.clock_tolerance) {
        Ok(())
    } else {
        Err(IdTokenError::Expired)
    }
}

/// RFC 7519 section 4.1.5: the current time must be after or equal to `nbf`.
pub(super) fn not_before(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    match optional(claims, "nbf")? {
        Some(nbf) if is_future(nbf, expected) => Err(IdTokenError::NotYetValid),
        _ => Ok(()),
    }
}

/// OIDC Core 3.1.3.7 step 10. `iat` is required (OIDC Core 2).
pub(super) fn issue_time(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<UnixTime, IdTokenError> {
    let iat = required(claims, "iat")?;
    if is_future(iat, expected) {
        return Err(IdTokenError::IssuedInFuture);
    }
    let oldest = expected.max_token_age.saturating_add(expected.clock_tolerance);
    if iat < expected.now.saturating_sub(oldest) {
        return Err(IdTokenError::IssuedTooLongAgo);
    }
    Ok(iat)
}

/// OIDC Core 3.1.3.7 step 13. Also without `max_age` it must not lie in the future: it decides whether a logout by `sub` ends
/// the session.
pub(super) fn authentication_time(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<Option<UnixTime>, IdTokenError> {
    let Some(max_age) = expected.max_age else {
        let auth_time = optional(claims, "auth_time")?;
        return match auth_time {
            Some(time) if is_future(time, expected) => Err(IdTokenError::AuthenticatedInFuture),
            _ => Ok(auth_time),
        };
    };
    let auth_time =
        optional(claims, "auth_time")?.ok_or(IdTokenError::AuthenticationTimeMissing)?;
    if is_future(auth_time, expected) {
        return Err(IdTokenError::AuthenticatedInFuture);
    }
    let oldest = max_age.saturating_add(expected.clock_tolerance);
    if auth_time < expected.now.saturating_sub(oldest) {
        return Err(IdTokenError::AuthenticatedTooLongAgo);
    }
    Ok(Some(auth_time))
}

fn is_future(time: UnixTime, expected: &IdTokenExpectations<'_>) -> bool {
    time > expected.now.saturating_add(expected.clock_tolerance)
}

fn required(claims: &Claims, name: &'static str) -> Result<UnixTime, IdTokenError> {
    optional(claims, name)?.ok_or(IdTokenError::Time(name))
}

fn optional(claims: &Claims, name: &'static str) -> Result<Option<UnixTime>, IdTokenError> {
    claims.numeric_date(name).map_err(|_| IdTokenError::Time(name))
}
