//! The events.

use std::fmt;
use std::time::Duration;

use crate::clock::UnixTime;
use crate::policy::EndReason;
use crate::protocol::oauth_error::OAuthError;

/// Something that an operator or an auditor wants to know of; see [`on_event`](crate::OidcAuthBuilder::on_event) and
/// [`manual::events`](crate::manual::events).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// When, by the clock of this process.
    pub at: UnixTime,
    /// What.
    pub kind: EventKind,
}

/// What an [`Event`] tells. The fields called `code` are those of [`manual::errors_and_codes`](crate::manual::errors_and_codes).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// A login led to a session.
    #[non_exhaustive]
    SignedIn {
        /// The session that has begun.
        session: EventSession,
    },
    /// A login began or ended with an error page, also if nobody was there any more to see it; or its code was refused, and the
    /// provider is asked for another one: it may yet lead to a session.
    #[non_exhaustive]
    SignInRefused {
        /// Why.
        code: &'static str,
        /// What the provider said, if it was the provider that refused: its `error` and `error_description`.
        provider: Option<OAuthError>,
    },
    /// The session has new tokens.
    #[non_exhaustive]
    TokensRefreshed {
        /// Whose tokens.
        session: EventSession,
    },
    /// The session has no new tokens; it goes on. One that began without a refresh token is none.
    #[non_exhaustive]
    RefreshFailed {
        /// Whose tokens.
        session: EventSession,
        /// Why.
        code: &'static str,
        /// What the provider said, if it was the provider that refused: its `error` and `error_description`.
        provider: Option<OAuthError>,
    },
    /// The session is over: expired or revoked, as the reason says.
    #[non_exhaustive]
    SessionEnded {
        /// The session that was.
        session: EventSession,
        /// Why.
        reason: EndReason,
    },
    /// A request came with a session cookie and its marker, and the store has no such session: it ran out, or it was ended before,
    /// here or on another node, and that was told. It proves nothing: whoever makes up two cookies causes it.
    #[non_exhaustive]
    SessionGone {
        /// Which limit has come meanwhile, by the browser's word (the cookie `N_m`); else [`EndReason::Revoked`].
        reason: EndReason,
    },
    /// The provider has ended sessions (Back-Channel Logout 1.0); each has an event of its own.
    #[non_exhaustive]
    LogoutTokenAccepted {},
    /// A logout token was refused, or could not be carried out.
    #[non_exhaustive]
    LogoutTokenRefused {
        /// Why.
        code: &'static str,
    },
    /// Something that is good once was sent again: a login attempt, or a logout token.
    #[non_exhaustive]
    ReplaySeen {
        /// `login_attempt_used` or `logout_token_replayed`.
        code: &'static str,
    },
    /// An unsafe request of another site was refused.
    #[non_exhaustive]
    CrossSiteRefused {
        /// `cross_site_fetch` or `cross_site_origin`.
        code: &'static str,
    },
    /// The session store could not be asked, or did not take what it was given.
    #[non_exhaustive]
    StoreUnavailable {},
    /// Two changed the same session at once; the change is made again on top of the other.
    #[non_exhaustive]
    StoreConflict {
        /// Which session.
        session: EventSession,
    },
    /// The provider's metadata or keys could not be had, and nothing is asked again for a while; or its token endpoint does not
    /// answer any more.
    #[non_exhaustive]
    ProviderUnavailable {
        /// `metadata`, `keys` or `token_endpoint`.
        document: &'static str,
        /// How long nothing is asked. Zero for the token endpoint, which is asked whenever it is needed.
        pause: Duration,
    },
    /// They can be had again, or it answers again.
    #[non_exhaustive]
    ProviderAvailable {
        /// `metadata`, `keys` or `token_endpoint`.
        document: &'static str,
    },
}

impl EventKind {
    /// A stable code for each kind.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignInRefused { .. } => "sign_in_refused",
            Self::TokensRefreshed { .. } => "tokens_refreshed",
            Self::RefreshFailed { .. } => "refresh_failed",
            Self::SessionEnded { .. } => "session_ended",
            Self::SessionGone { .. } => "session_gone",
            Self::LogoutTokenAccepted {} => "backchannel_logout",
            Self::LogoutTokenRefused { .. } => "logout_token_refused",
            Self::ReplaySeen { .. } => "replay_seen",
            Self::CrossSiteRefused { .. } => "cross_site_request",
            Self::StoreUnavailable {} => "store_unavailable",
            Self::StoreConflict { .. } => "store_conflict",
            Self::ProviderUnavailable { .. } => "provider_unavailable",
            Self::ProviderAvailable { .. } => "provider_available",
        }
    }

    /// More closely: why something was refused, failed or ended, or what it is about. One of a fixed set of codes; empty where
    /// there is no more to say.
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::SignInRefused { code, .. }
            | Self::RefreshFailed { code, .. }
            | Self::LogoutTokenRefused { code }
            | Self::ReplaySeen { code }
            | Self::CrossSiteRefused { code } => code,
            Self::SessionEnded { reason, .. } | Self::SessionGone { reason } => reason.code(),
            Self::ProviderUnavailable { document, .. } | Self::ProviderAvailable { document } => {
                document
            }
            Self::SignedIn { .. }
            | Self::TokensRefreshed { .. }
            | Self::LogoutTokenAccepted {}
            | Self::StoreUnavailable {}
            | Self::StoreConflict { .. } => "",
        }
    }

    /// The session that it is about.
    pub const fn session(&self) -> Option<&EventSession> {
        match self {
            Self::SignedIn { session }
            | Self::TokensRefreshed { session }
            | Self::RefreshFailed { session, .. }
            | Self::SessionEnded { session, .. }
            | Self::StoreConflict { session } => Some(session),
            _ => None,
        }
    }
}

/// The session that an event is about. `Debug` shows its reference alone.
#[derive(Clone)]
#[non_exhaustive]
pub struct EventSession {
    /// Sixteen hexadecimal digits that are the same in all events of this session, on every node, also after its id has changed.
    /// Nothing is opened or found by them.
    pub reference: String,
    /// Who is signed in: `sub` of the ID Token. Personal data, perhaps.
    pub subject: String,
    /// The provider's session, if it named one: `sid` of the ID Token.
    pub sid: Option<String>,
    /// When the session began.
    pub signed_in_at: UnixTime,
    /// The ceiling in force. `None`: there is none, or the session was ended without being read (its user signed out elsewhere).
    pub ceiling: Option<UnixTime>,
}

impl fmt::Debug for EventSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventSession")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}
