//! Whether an access token is still good, by its own expiry.
//!
//! 1. It is due for a refresh in the last min(60 s, a quarter of its life), and still usable then.
//! 2. It is expired from its expiry on.
//! 3. Without an expiry (the token response had no `expires_in`, RFC 6749 section 5.1) it is fresh: it is refreshed when it is
//!    asked for, not by the clock.
//! 4. The expiry that is reported is never later than the session's deadline; whether a refresh is due is judged by the
//!    token's own.

use std::time::Duration;

use crate::clock::UnixTime;

use super::deadline::Deadline;

/// What a refresh that the provider refused means for the session, where only a new login can help: the provider's error is
/// `invalid_grant`, `interaction_required`, `login_required`, `consent_required`, `account_selection_required`,
/// `unauthorized_client`, `invalid_token` or `access_denied`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshRejected {
    /// The session goes on without new access tokens: who asks for one gets 401 `refresh_rejected`.
    #[default]
    KeepSession,
    /// The session ends, with the reason `refresh_rejected`.
    EndSession,
}

/// What the clock says about an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Usable, no refresh needed.
    Fresh,
    /// Usable, but about to expire: to be refreshed. If that fails for now, it may still be handed out.
    Due,
    /// No longer usable.
    Expired,
}

/// Judges a token that was issued at `issued_at` and expires at `expires_at`.
pub(crate) fn refresh_due(
    issued_at: UnixTime,
    expires_at: Option<UnixTime>,
    now: UnixTime,
) -> Freshness {
    let Some(expires_at) = expires_at else {
        return Freshness::Fresh;
    };
    if now >= expires_at {
        Freshness::Expired
    } else if now >= expires_at.saturating_sub(margin(issued_at, expires_at)) {
        Freshness::Due
    } else {
        Freshness::Fresh
    }
}

/// The expiry that is told to others: the earlier of the token's own and the session's deadline.
pub(crate) fn reported_expiry(expires_at: Option<UnixTime>, deadline: Deadline) -> UnixTime {
    expires_at.map_or(deadline.at, |own| own.min(deadline.at))
}

fn margin(issued_at: UnixTime, expires_at: UnixTime) -> Duration {
    let quarter = expires_at.seconds_since(issued_at).max(0) / 4;
    Duration::from_secs(u64::try_from(quarter).unwrap_or(0)).min(LONGEST_MARGIN)
}

const LONGEST_MARGIN: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::deadline::Limit;

    fn time(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn the_margin_is_a_minute_or_a_quarter_of_the_life() {
        for (life, left, freshness) in [
            (3600, 3600, Freshness::Fresh),
            (3600, 61, Freshness::Fresh),
            (3600, 60, Freshness::Due),
            (3600, 1, Freshness::Due),
            (3600, 0, Freshness::Expired),
            (3600, -1, Freshness::Expired),
            (240, 61, Freshness::Fresh),
            (240, 60, Freshness::Due),
            (40, 11, Freshness::Fresh),
            (40, 10, Freshness::Due),
            (3, 1, Freshness::Fresh),
            (3, 0, Freshness::Expired),
            (0, 0, Freshness::Expired),
            (-5, 1, Freshness::Fresh),
            (-5, 0, Freshness::Expired),
        ] {
            let judged = refresh_due(time(10_000 - life), Some(time(10_000)), time(10_000 - left));
            assert_eq!(judged, freshness, "life {life}, left {left}");
        }
    }

    #[test]
    fn without_an_expiry_a_token_is_fresh() {
        for now in [i64::MIN, 0, i64::MAX] {
            assert_eq!(refresh_due(time(0), None, time(now)), Freshness::Fresh);
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(time);
        for issued in extremes {
            for expires in extremes {
                for now in extremes {
                    let expired = refresh_due(issued, Some(expires), now) == Freshness::Expired;
                    assert_eq!(expired, now >= expires);
                }
            }
        }
    }

    #[test]
    fn the_reported_expiry_is_never_past_the_deadline() {
        let deadline = Deadline { at: time(1000), limit: Limit::Ceiling };
        for (own, reported) in
            [(Some(999), 999), (Some(1000), 1000), (Some(1001), 1000), (None, 1000)]
        {
            assert_eq!(reported_expiry(own.map(time), deadline), time(reported));
        }
    }
}
