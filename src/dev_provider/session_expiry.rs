//! What the ID Token says about the end of the session.

use std::time::Duration;

use crate::clock::UnixTime;

/// Which `session_expiry` ID Tokens carry: the end of the session in absolute Unix seconds (IPSIE SL1).
///
/// | mode | claim | same E at a silent sign-in of the same browser |
/// |---|---|---|
/// | [`PerSession`](Self::PerSession) | fixed when the person signs in at the provider | yes, until that E; `prompt=login` makes a new one |
/// | [`AfterIssue`](Self::AfterIssue) | `iat` plus the duration | no |
/// | [`At`](Self::At), [`Raw`](Self::Raw), [`Twice`](Self::Twice) | as given | as given |
/// | [`Absent`](Self::Absent) | none | – |
///
/// All but the first also override what was typed in on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionExpiryMode {
    /// The sign-in page offers this many seconds (or, for `None`, an empty field, which means no claim), the person may
    /// change them, and the session of the provider keeps the result.
    PerSession(Option<Duration>),
    /// This long after the `iat` of each ID Token, in whole seconds.
    AfterIssue(Duration),
    /// This value.
    At(i64),
    /// No claim.
    Absent,
    /// This text in place of the value, whatever it is: `null`, `"1893456000"`, `1.5`, `[]`.
    Raw(String),
    /// The claim twice, with these two texts as values.
    Twice(String, String),
}

impl SessionExpiryMode {
    /// The claim's values as JSON texts (none, one or two) for an ID Token issued at `now`; `session` is what the
    /// provider's session holds.
    pub(crate) fn values(&self, now: UnixTime, session: &[String]) -> Vec<String> {
        match self {
            Self::PerSession(_) => session.to_vec(),
            Self::AfterIssue(after) => vec![now.saturating_add(*after).seconds().to_string()],
            Self::At(at) => vec![at.to_string()],
            Self::Absent => Vec::new(),
            Self::Raw(text) => vec![text.clone()],
            Self::Twice(first, second) => vec![first.clone(), second.clone()],
        }
    }

    /// What a sign-in at `now` fixes for the provider's session when the person is not asked.
    pub(crate) fn offered(&self, now: UnixTime) -> Option<i64> {
        match self {
            Self::PerSession(after) => after.map(|after| now.saturating_add(after).seconds()),
            _ => None,
        }
    }
}
