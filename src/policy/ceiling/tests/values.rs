//! Values in short.

use std::time::Duration;

use crate::clock::UnixTime;
use crate::policy::ceiling::{
    Ceiling, CeilingPolicy, CeilingRefusal, MalformedPolicy, RefreshedAssertion, at_refresh,
    fix_at_login,
};
use crate::protocol::session_expiry::SessionExpiry;
use crate::protocol::{MalformedSessionExpiry, SessionExpiryClaim};

pub(super) const IAT: i64 = 1_893_452_400;
pub(super) const MALFORMED: [MalformedSessionExpiry; 9] = [
    MalformedSessionExpiry::Null,
    MalformedSessionExpiry::Bool,
    MalformedSessionExpiry::String,
    MalformedSessionExpiry::NotAnInteger,
    MalformedSessionExpiry::NotPositive,
    MalformedSessionExpiry::TooLarge,
    MalformedSessionExpiry::Array,
    MalformedSessionExpiry::Object,
    MalformedSessionExpiry::Duplicate,
];

pub(super) fn time(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

pub(super) fn at(seconds: i64) -> Ceiling {
    Ceiling::At(time(seconds))
}

pub(super) fn asserted(seconds: i64) -> SessionExpiryClaim {
    SessionExpiryClaim::Asserted(SessionExpiry::new(seconds).unwrap())
}

pub(super) fn capped(seconds: u64) -> CeilingPolicy {
    let malformed = MalformedPolicy::Cap(Duration::from_secs(seconds));
    CeilingPolicy { malformed, ..CeilingPolicy::default() }
}

pub(super) fn login(
    claim: SessionExpiryClaim,
    now: i64,
    policy: &CeilingPolicy,
) -> Result<Ceiling, CeilingRefusal> {
    fix_at_login(&claim, time(IAT), time(now), policy)
}

pub(super) fn refresh(
    current: Ceiling,
    claim: SessionExpiryClaim,
    policy: &CeilingPolicy,
) -> Result<Ceiling, CeilingRefusal> {
    at_refresh(current, &RefreshedAssertion { claim, issued_at: time(IAT) }, policy, None)
}
