//! The ceiling is fixed at login and, at a refresh, kept, lowered or (on a checked renewal) raised. The rules are numbered in
//! the folder's documentation.

use crate::clock::UnixTime;
use crate::policy::renewal::{Renewal, RenewalEvidence};
use crate::protocol::{MalformedSessionExpiry, SessionExpiryClaim};

use super::value::reached_at;
use super::{Ceiling, CeilingPolicy, CeilingRefusal, MalformedPolicy};

/// What the ID Token of a refresh response says. A response without one says nothing: the ceiling stays (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshedAssertion {
    /// Its `session_expiry`.
    pub(crate) claim: SessionExpiryClaim,
    /// Its `iat`.
    pub(crate) issued_at: UnixTime,
}

/// The ceiling of a session that begins `now` from an ID Token with this claim and `iat` (rules 1 to 4).
pub(crate) fn fix_at_login(
    claim: &SessionExpiryClaim,
    issued_at: UnixTime,
    now: UnixTime,
    policy: &CeilingPolicy,
) -> Result<Ceiling, CeilingRefusal> {
    let end = match *claim {
        SessionExpiryClaim::Asserted(expiry) => expiry.unix_time(),
        SessionExpiryClaim::Malformed(malformed) => cap(malformed, issued_at, policy)?,
        SessionExpiryClaim::Absent if policy.require => return Err(CeilingRefusal::Required),
        SessionExpiryClaim::Absent => return Ok(Ceiling::None),
    };
    let begins = issued_at.max(now);
    if reached_at(end, policy.leeway.duration()) > begins {
        Ok(Ceiling::At(end))
    } else if begins < end {
        Err(CeilingRefusal::InsideLeeway { ends_at: end })
    } else {
        Err(CeilingRefusal::AlreadyPast { ended_at: end })
    }
}

/// The ceiling after a refresh that brought an ID Token (rules 5 to 8). Whether the session is over by the new ceiling is
/// for the deadline to say.
pub(crate) fn at_refresh(
    current: Ceiling,
    refreshed: &RefreshedAssertion,
    policy: &CeilingPolicy,
    renewal: Option<RenewalEvidence>,
) -> Result<Ceiling, CeilingRefusal> {
    match (current, refreshed.claim) {
        (current, SessionExpiryClaim::Absent) => Ok(current),
        (Ceiling::None, SessionExpiryClaim::Asserted(expiry)) => {
            Ok(Ceiling::At(expiry.unix_time()))
        }
        (Ceiling::None, SessionExpiryClaim::Malformed(malformed)) => {
            cap(malformed, refreshed.issued_at, policy).map(Ceiling::At)
        }
        (Ceiling::At(_), SessionExpiryClaim::Malformed(_)) => Ok(current),
        (Ceiling::At(end), SessionExpiryClaim::Asserted(expiry)) => {
            let asserted = expiry.unix_time();
            let renewed = policy.renewal == Renewal::ByRefresh
                && renewal.is_some_and(|evidence| evidence.is_of(refreshed.issued_at));
            Ok(Ceiling::At(if renewed { asserted } else { asserted.min(end) }))
        }
    }
}

/// The end that stands in for a malformed claim, if the policy has one.
fn cap(
    malformed: MalformedSessionExpiry,
    issued_at: UnixTime,
    policy: &CeilingPolicy,
) -> Result<UnixTime, CeilingRefusal> {
    match policy.malformed {
        MalformedPolicy::Refuse => Err(CeilingRefusal::Malformed(malformed)),
        MalformedPolicy::Cap(duration) => Ok(issued_at.saturating_add(duration)),
    }
}
