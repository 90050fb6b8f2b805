//! The ceiling that a plain reading of an ID Token's text wants, at a login and at a refresh.

use std::time::Duration;

use super::members::members;
use crate::clock::UnixTime;
use crate::policy::{
    Assertion, Ceiling, CeilingPolicy, CeilingRefusal, MalformedPolicy, RefreshedAssertion,
    Renewal, RenewalEvidence, at_refresh, fix_at_login,
};
use crate::protocol::session_expiry;

/// What an ID Token's `session_expiry` is.
#[derive(Clone, Copy, Debug)]
enum Plain {
    Absent,
    At(i64),
    Malformed,
}

/// A `session_expiry` that is there, once, an integer, seconds and late enough, is the ceiling; any other refuses the login, or
/// is a given time after the `iat`. At a refresh it moves the ceiling later by a proof alone.
pub(super) fn check(
    text: &str,
    claim: session_expiry::Occurrences<'_>,
    issued_at: UnixTime,
    now: UnixTime,
) {
    let plain = Plain::read(text);
    let claim = session_expiry::judge(claim);
    for policy in policies() {
        let fixed = fix_at_login(&claim, issued_at, now, &policy);
        assert_eq!(outcome(fixed), plain.at_login(&policy, issued_at, now), "{text}");
        let refreshed = RefreshedAssertion { claim, issued_at };
        for current in [None, Some(now.seconds() + 31), Some(now.seconds() + 5_000)] {
            let ceiling =
                current.map_or(Ceiling::None, |at| Ceiling::At(UnixTime::from_seconds(at)));
            for (evidence, is_proof) in [
                (None, false),
                (Some(evidence_of(issued_at.saturating_sub(SECOND))), false),
                (Some(evidence_of(issued_at)), policy.renewal == Renewal::ByRefresh),
            ] {
                let fixed = at_refresh(ceiling, &refreshed, &policy, evidence);
                let wanted = plain.at_refresh(current, &policy, issued_at, is_proof);
                assert_eq!(outcome(fixed), wanted, "{current:?} {is_proof} {text}");
            }
        }
    }
}

impl Plain {
    fn read(text: &str) -> Self {
        let members = members(text);
        let values: Vec<_> =
            members.iter().filter(|(name, _)| name == "session_expiry").map(|(_, it)| it).collect();
        match values[..] {
            [] => Self::Absent,
            [one] => match one.parse::<i64>() {
                Ok(seconds @ 1..10_000_000_000) => Self::At(seconds),
                _ => Self::Malformed,
            },
            _ => Self::Malformed,
        }
    }

    /// The end by the policy, and whether it is the provider's own word.
    fn end(self, policy: &CeilingPolicy, issued_at: UnixTime) -> Result<Option<i64>, &'static str> {
        match (self, policy.malformed) {
            (Self::Absent, _) => Ok(None),
            (Self::At(seconds), _) => Ok(Some(seconds)),
            (Self::Malformed, MalformedPolicy::Refuse) => Err("malformed"),
            (Self::Malformed, MalformedPolicy::Cap(cap)) => {
                Ok(Some(issued_at.saturating_add(cap).seconds()))
            }
        }
    }

    fn at_login(
        self,
        policy: &CeilingPolicy,
        issued_at: UnixTime,
        now: UnixTime,
    ) -> Result<Option<i64>, &'static str> {
        let begins = issued_at.max(now).seconds();
        match self.end(policy, issued_at)? {
            None if policy.require => Err("required"),
            Some(end) if end <= begins => Err("past"),
            Some(end) if end - LEEWAY <= begins => Err("inside the leeway"),
            end => Ok(end),
        }
    }

    fn at_refresh(
        self,
        current: Option<i64>,
        policy: &CeilingPolicy,
        issued_at: UnixTime,
        is_proof: bool,
    ) -> Result<Option<i64>, &'static str> {
        match (self, current) {
            (Self::At(later), Some(_)) if is_proof => Ok(Some(later)),
            (Self::At(other), Some(current)) => Ok(Some(current.min(other))),
            (Self::Absent | Self::Malformed, Some(current)) => Ok(Some(current)),
            (_, None) => self.end(policy, issued_at),
        }
    }
}

fn outcome(fixed: Result<Ceiling, CeilingRefusal>) -> Result<Option<i64>, &'static str> {
    match fixed {
        Ok(ceiling) => Ok(ceiling.asserted_end().map(UnixTime::seconds)),
        Err(CeilingRefusal::Malformed(_)) => Err("malformed"),
        Err(CeilingRefusal::Required) => Err("required"),
        Err(CeilingRefusal::InsideLeeway { .. }) => Err("inside the leeway"),
        Err(CeilingRefusal::AlreadyPast { .. }) => Err("past"),
    }
}

fn policies() -> [CeilingPolicy; 4] {
    let usual = CeilingPolicy::default();
    [
        usual,
        CeilingPolicy { require: true, ..usual },
        CeilingPolicy { malformed: MalformedPolicy::Cap(Duration::from_secs(600)), ..usual },
        CeilingPolicy { renewal: Renewal::ByRefresh, ..usual },
    ]
}

/// A proof that an ID Token of this time continues the one before.
fn evidence_of(issued_at: UnixTime) -> RenewalEvidence {
    let refreshed = Assertion {
        issuer: "https://op.example",
        subject: "ada",
        audience: &[],
        issued_at,
        auth_time: Some(UnixTime::from_seconds(1)),
    };
    let previous = Assertion { issued_at: issued_at.saturating_sub(SECOND), ..refreshed };
    RenewalEvidence::check(&previous, &refreshed).unwrap()
}

const LEEWAY: i64 = 30;
const SECOND: Duration = Duration::from_secs(1);
