//! `grant_type=refresh_token` (RFC 6749 section 6), with rotation.
//!
//! Every refresh token is good once. A second use means that two parties have it: the whole family is revoked (RFC 9700
//! section 4.14.2).

use axum::response::Response;

use super::issue::{self, Occasion};
use crate::dev_provider::DevClient;
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};

pub(crate) fn respond(
    provider: &Provider,
    inner: &mut Inner,
    client: &DevClient,
    request: &Incoming,
) -> Result<Response, OAuthError> {
    let value = request.parameter("refresh_token")?;
    let value = value.ok_or(OAuthError::invalid_request("the refresh_token is missing"))?;
    let unknown = OAuthError::invalid_grant("the refresh token is unknown or revoked");
    let token = inner.grants.refresh_tokens.get(value).ok_or(unknown)?;
    let (id, spent) = (token.grant, token.spent);
    let grant = inner.grants.grant(id).ok_or(unknown)?;
    if grant.client_id != client.id {
        return Err(OAuthError::invalid_grant("the refresh token was issued to another client"));
    }
    if spent {
        inner.grants.revoke(id);
        return Err(OAuthError::invalid_grant(
            "the refresh token was used before; its family is revoked",
        ));
    }
    let mut wanted = request.parameter("scope")?.unwrap_or_default().split_whitespace();
    if wanted.any(|scope| !grant.scope.iter().any(|granted| granted == scope)) {
        return Err(OAuthError::new("invalid_scope", "the scope is wider than what was granted"));
    }
    let keeps = inner.settings.omit_refresh_token;
    if let Some(token) = inner.grants.refresh_tokens.get_mut(value) {
        token.spent = !keeps;
    }
    issue::tokens(provider, inner, client, id, Occasion::Refresh)
}
