//! Why a session ended.

use std::fmt;

use super::deadline::Refusal;

/// Why a session ended. Every ended session has exactly one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The ceiling that the OpenID Provider asserted (`session_expiry`) was reached, less the leeway.
    Ceiling,
    /// The session was not used for as long as the idle limit.
    IdleLimit,
    /// The session was as old as the absolute limit.
    AbsoluteLimit,
    /// The user signed out here.
    LoggedOut,
    /// The user signed out at the provider, which said so (Back-Channel Logout 1.0).
    BackchannelLogout,
    /// A new sign-in in the same browser took the session's place.
    Replaced,
    /// The user signed in once more than [`max_sessions_per_user`](crate::OidcAuthBuilder::max_sessions_per_user) allows, and
    /// this was the oldest session.
    SessionLimit,
    /// A refreshed ID Token carried a malformed `session_expiry` and the policy is to refuse those.
    MalformedSessionExpiry,
    /// A refreshed ID Token did not verify, or did not continue the one of the login (OpenID Connect Core 12.2): the provider
    /// has just described somebody else.
    Continuity,
    /// The provider refused the refresh token, and the configuration ends the session then.
    RefreshRejected,
    /// The application ended the session.
    EndedByApplication,
    /// The client hung up before it could take the new session.
    NotDelivered,
    /// The session is gone from the store and nothing says why.
    Revoked,
}

impl EndReason {
    /// A stable code for logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ceiling => "ceiling",
            Self::IdleLimit => "idle_limit",
            Self::AbsoluteLimit => "absolute_limit",
            Self::LoggedOut => "logged_out",
            Self::BackchannelLogout => "backchannel_logout",
            Self::Replaced => "replaced",
            Self::SessionLimit => "session_limit",
            Self::MalformedSessionExpiry => "malformed_session_expiry",
            Self::Continuity => "continuity",
            Self::RefreshRejected => "refresh_rejected",
            Self::EndedByApplication => "ended_by_application",
            Self::NotDelivered => "not_delivered",
            Self::Revoked => "revoked",
        }
    }

    /// Whether somebody ended the session before its time, whatever id it has at the moment.
    pub(crate) const fn is_revocation(self) -> bool {
        match self {
            Self::LoggedOut
            | Self::BackchannelLogout
            | Self::MalformedSessionExpiry
            | Self::Continuity
            | Self::RefreshRejected
            | Self::EndedByApplication
            | Self::Revoked => true,
            Self::Ceiling
            | Self::IdleLimit
            | Self::AbsoluteLimit
            | Self::Replaced
            | Self::SessionLimit
            | Self::NotDelivered => false,
        }
    }

    /// Whether the session ended by itself, because its time had come.
    pub(crate) const fn is_limit(self) -> bool {
        matches!(self, Self::Ceiling | Self::IdleLimit | Self::AbsoluteLimit)
    }

    /// What a request that meets the ended session is told, by the codes of [`Refusal::reason`].
    pub(crate) const fn refusal(self) -> Refusal {
        match self {
            Self::Ceiling => Refusal::CeilingReached,
            Self::IdleLimit => Refusal::IdleLimit,
            Self::AbsoluteLimit => Refusal::AbsoluteLimit,
            Self::Continuity => Refusal::Continuity,
            Self::RefreshRejected => Refusal::RefreshRejected,
            Self::MalformedSessionExpiry => Refusal::MalformedSessionExpiry,
            _ => Refusal::Revoked,
        }
    }
}

impl From<Refusal> for EndReason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::CeilingReached => Self::Ceiling,
            Refusal::IdleLimit => Self::IdleLimit,
            Refusal::AbsoluteLimit => Self::AbsoluteLimit,
            Refusal::Continuity => Self::Continuity,
            Refusal::RefreshRejected => Self::RefreshRejected,
            Refusal::MalformedSessionExpiry => Self::MalformedSessionExpiry,
            Refusal::Revoked => Self::Revoked,
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}
