//! UserInfo for a live session, asked anew.
//!
//! 1. The access token, by the rules of `access_token`: past the deadline nothing is asked.
//! 2. UserInfo about the session's `sub`. If it answers 401, once more with an access token that is refreshed for it, should
//!    there be one: the provider may have withdrawn the first before its time, or not said how long it lives.
//! 3. After each wait, the deadline again: what comes after it is handed out to nobody (ceiling rule 9).

use std::sync::Arc;

use secrecy::SecretString;

use super::access_token::{self, AccessTokenError};
use super::refresh_on_demand::replace_access_token;
use super::relying_party::RelyingParty;
use crate::protocol::claims::Claims;
use crate::provider;
use crate::session::live_session::LiveSession;

/// Why there is no UserInfo. Also a response: see [`code`](Self::code) for its `error`.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserInfoRequestError {
    /// There is no access token to ask with, or the session is over.
    #[error("UserInfo can't be asked without an access token")]
    AccessToken(#[source] AccessTokenError),
    /// The provider's metadata names no UserInfo endpoint.
    #[error("the provider has no UserInfo endpoint")]
    NoEndpoint,
    /// The provider can't be reached or is overloaded.
    #[error("the provider is unavailable")]
    ProviderUnavailable(#[source] provider::UserInfoError),
    /// The provider refused, or answered with something that can't be used.
    #[error("the provider's answer cannot be used")]
    InvalidResponse(#[source] provider::UserInfoError),
}

impl UserInfoRequestError {
    /// A stable code: that of the [`AccessTokenError`], or `userinfo_no_endpoint`, `provider_unavailable`,
    /// `invalid_userinfo_response`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AccessToken(error) => error.code(),
            Self::NoEndpoint => "userinfo_no_endpoint",
            Self::ProviderUnavailable(_) => "provider_unavailable",
            Self::InvalidResponse(_) => "invalid_userinfo_response",
        }
    }
}

/// What UserInfo says about the session's user at this moment.
pub(crate) async fn user_info(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
) -> Result<Claims, UserInfoRequestError> {
    let token = access_token::access_token(rp, session).await;
    let token = token.map_err(UserInfoRequestError::AccessToken)?;
    let token = SecretString::from(token.expose_secret());
    let mut claims = ask(rp, session, &token).await?;
    if let Err(provider::UserInfoError::Status { status: 401, .. }) = &claims {
        match replace_access_token(rp, session, token).await {
            Ok(another) => {
                let another = SecretString::from(another.expose_secret());
                claims = ask(rp, session, &another).await?;
            }
            Err(error) if error.needs_a_login() => {
                return Err(UserInfoRequestError::AccessToken(error));
            }
            // The 401 says more.
            Err(_) => {}
        }
    }
    claims.map_err(classify)?.ok_or(UserInfoRequestError::NoEndpoint)
}

/// Steps 2 and 3.
async fn ask(
    rp: &RelyingParty,
    session: &LiveSession,
    token: &SecretString,
) -> Result<Result<Option<Claims>, provider::UserInfoError>, UserInfoRequestError> {
    let versioned = session.entry().state();
    let claims = rp.provider.userinfo(token, versioned.state.claims.sub()).await;
    access_token::readmit(rp, session).await.map_err(UserInfoRequestError::AccessToken)?;
    Ok(claims)
}

fn classify(error: provider::UserInfoError) -> UserInfoRequestError {
    use provider::UserInfoError as Asked;
    match error {
        Asked::Discovery(_) | Asked::Http(_) | Asked::Status { status: 429 | 500.., .. } => {
            UserInfoRequestError::ProviderUnavailable(error)
        }
        _ => UserInfoRequestError::InvalidResponse(error),
    }
}
