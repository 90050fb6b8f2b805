//! The token's times. `clock_tolerance` is granted once to each, in the token's favour.

use std::time::Duration;

use super::{LogoutTokenError, LogoutTokenExpectations};
use crate::clock::UnixTime;
use crate::protocol::claims::Claims;

/// RFC 7519 section 4.1.5: the current time must be after or equal to `nbf`.
pub(super) fn not_before(
    claims: &Claims,
    expected: &LogoutTokenExpectations<'_>,
) -> Result<(), LogoutTokenError> {
    match time(claims, "nbf")? {
        Some(nbf) if is_future(nbf, expected) => Err(LogoutTokenError::NotYetValid),
        _ => Ok(()),
    }
}

/// Section 2.6 step 4: `iat` is there and not in the future.
pub(super) fn issue_time(
    claims: &Claims,
    expected: &LogoutTokenExpectations<'_>,
) -> Result<UnixTime, LogoutTokenError> {
    let iat = time(claims, "iat")?.ok_or(LogoutTokenError::Time("iat"))?;
    if is_future(iat, expected) { Err(LogoutTokenError::IssuedInFuture) } else { Ok(iat) }
}

/// Section 2.6 step 4: the current time is before `exp`, and the token is not too old. Gives the first second at which it is
/// refused.
pub(super) fn expiry(
    claims: &Claims,
    issued_at: UnixTime,
    expected: &LogoutTokenExpectations<'_>,
) -> Result<UnixTime, LogoutTokenError> {
    let exp = time(claims, "exp")?;
    let max_age = if exp.is_some() { MAX_AGE } else { MAX_AGE_WITHOUT_EXP };
    let too_old = issued_at.saturating_add(max_age.saturating_add(expected.clock_tolerance));
    let expired = exp.map(|exp| exp.saturating_add(expected.clock_tolerance));
    if expired.is_some_and(|expired| expected.now >= expired) {
        return Err(LogoutTokenError::Expired);
    }
    if expected.now >= too_old {
        return Err(LogoutTokenError::IssuedTooLongAgo);
    }
    Ok(expired.map_or(too_old, |expired| expired.min(too_old)))
}

fn is_future(time: UnixTime, expected: &LogoutTokenExpectations<'_>) -> bool {
    time > expected.now.saturating_add(expected.clock_tolerance)
}

fn time(claims: &Claims, name: &'static str) -> Result<Option<UnixTime>, LogoutTokenError> {
    claims.numeric_date(name).map_err(|_| LogoutTokenError::Time(name))
}

/// How old a token without `exp` may become: five times what section 4 recommends as a lifetime.
pub(super) const MAX_AGE_WITHOUT_EXP: Duration = Duration::from_secs(600);
/// How old any token may become, whatever its `exp`: for a day its `jti` can be remembered.
pub(super) const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
