//! The switch: at most one fault is on.

use super::super::Endpoint;
use super::{
    AuthorizationFault, BrokenReply, IdTokenFault, JwksFault, MetadataFault, RefreshFault,
    TokenFault, UserInfoFault,
};

/// One thing that the provider gets wrong until it is told otherwise.
///
/// Everything else about the answers stays right, so that a test that sees a refusal knows its reason.
///
/// ```
/// use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, IdTokenFault};
///
/// let forged = Fault::IdToken(IdTokenFault::WrongIssuer);
/// let lost = Fault::Reply(Endpoint::TokenRefreshToken, BrokenReply::Close);
/// assert_ne!(forged, lost);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The reply of one endpoint is broken as HTTP or as a document.
    Reply(Endpoint, BrokenReply),
    /// The discovery document is well formed and says something wrong.
    Metadata(MetadataFault),
    /// The key set is well formed and of no use, or odd.
    Jwks(JwksFault),
    /// The authorization response.
    Authorization(AuthorizationFault),
    /// Every ID Token, at sign-in and on refresh.
    IdToken(IdTokenFault),
    /// The token response, at sign-in and on refresh.
    Token(TokenFault),
    /// The response to a refresh.
    Refresh(RefreshFault),
    /// The UserInfo response.
    UserInfo(UserInfoFault),
}

/// An enum of faults, and the list of all of them for tests that go through every one.
macro_rules! faults {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    };
}

pub(super) use faults;
