//! The revocation endpoint (RFC 7009): a refresh token takes its family along, an access token goes alone.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::client_authentication;
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{Endpoint, guard, reply};

pub(crate) const PATH: &str = "/revoke";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::Revocation, request, |provider, request| {
        respond(provider, request).unwrap_or_else(OAuthError::into_response)
    })
    .await
}

fn respond(provider: &Provider, request: &Incoming) -> Result<Response, OAuthError> {
    let mut inner = provider.lock();
    if !request.is_form {
        return Err(OAuthError::invalid_request(
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    let client = client_authentication::authenticate(&inner, request)?;
    let token =
        request.parameter("token")?.ok_or(OAuthError::invalid_request("the token is missing"))?;
    let refresh = inner.grants.refresh_tokens.get(token).map(|token| token.grant);
    let access = inner.grants.access_tokens.get(token).map(|token| token.grant);
    let owner = refresh.or(access).and_then(|id| inner.grants.grant(id));
    if owner.is_some_and(|grant| grant.client_id != client.id) {
        return Err(OAuthError::invalid_grant("the token was issued to another client"));
    }
    inner.record.revoked.push(token.to_owned());
    match refresh {
        Some(id) => inner.grants.revoke(id),
        None => drop(inner.grants.access_tokens.remove(token)),
    }
    // A token that is not known is as good as revoked (RFC 7009 section 2.2).
    Ok(reply::no_store(StatusCode::OK.into_response()))
}
