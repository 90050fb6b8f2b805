//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
//!
//! A code is good once, for 60 s, for the client and the redirect URI it was issued for, and for whoever knows the
//! verifier. A second use revokes what the first one brought.

use axum::response::Response;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use super::issue::{self, Occasion};
use crate::dev_provider::DevClient;
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::jwt::base64url;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};

pub(crate) fn respond(
    provider: &Provider,
    inner: &mut Inner,
    client: &DevClient,
    request: &Incoming,
) -> Result<Response, OAuthError> {
    let value =
        request.parameter("code")?.ok_or(OAuthError::invalid_request("the code is missing"))?;
    inner.grants.prune(provider.now());
    let code = inner
        .grants
        .codes
        .get(value)
        .ok_or(OAuthError::invalid_grant("the code is unknown or expired"))?;
    if code.grant.client_id != client.id {
        return Err(OAuthError::invalid_grant("the code was issued to another client"));
    }
    if let Some(grant) = code.used_for {
        inner.grants.revoke(grant);
        return Err(OAuthError::invalid_grant("the code was used before; its tokens are revoked"));
    }
    if request.parameter("redirect_uri")? != Some(&code.redirect_uri) {
        return Err(OAuthError::invalid_grant(
            "the redirect_uri is not that of the authorization request",
        ));
    }
    let verifier = request.parameter("code_verifier")?;
    let verifier = verifier.ok_or(OAuthError::invalid_grant("the code_verifier is missing"))?;
    let challenge = base64url(digest(&SHA256, verifier.as_bytes()).as_ref());
    if !bool::from(challenge.as_bytes().ct_eq(code.code_challenge.as_bytes())) {
        return Err(OAuthError::invalid_grant(
            "the code_verifier does not match the code_challenge",
        ));
    }
    let grant = code.grant.clone();
    let id = inner.grants.add(grant);
    if let Some(code) = inner.grants.codes.get_mut(value) {
        code.used_for = Some(id);
    }
    issue::tokens(provider, inner, client, id, Occasion::SignIn)
}
