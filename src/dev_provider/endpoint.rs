//! The provider's endpoints, as something to count, slow down and break.

/// One of the provider's endpoints.
///
/// [`Token`](Self::Token) is the token endpoint whatever the grant type: it counts all requests, and a delay or a fault
/// set on it holds for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `jwks_uri`
    Jwks,
    /// The authorization endpoint. The sign-in page's own form is not counted.
    Authorization,
    /// The token endpoint, any grant type.
    Token,
    /// The token endpoint with `grant_type=authorization_code`.
    TokenAuthorizationCode,
    /// The token endpoint with `grant_type=refresh_token`.
    TokenRefreshToken,
    /// The UserInfo endpoint.
    UserInfo,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The end session endpoint (RP-Initiated Logout 1.0).
    EndSession,
    /// Where [`BrokenReply::Redirect`](super::BrokenReply::Redirect) points to: a client that follows redirects shows
    /// here.
    RedirectTarget,
}

impl Endpoint {
    /// Whether what is said of this endpoint holds for a request to `other`.
    pub(crate) fn covers(self, other: Self) -> bool {
        self == other
            || (self == Self::Token
                && matches!(other, Self::TokenAuthorizationCode | Self::TokenRefreshToken))
    }
}
