//! The token endpoint (RFC 6749 section 3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::{client_authentication, code_grant, refresh_grant};
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::{self, OAuthError};
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{Endpoint, Fault, TokenFault, guard};

pub(crate) const PATH: &str = "/token";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    let endpoint = match request.parameter("grant_type") {
        Ok(Some("authorization_code")) => Endpoint::TokenAuthorizationCode,
        Ok(Some("refresh_token")) => Endpoint::TokenRefreshToken,
        _ => Endpoint::Token,
    };
    guard::answer(&provider, endpoint, request, |provider, request| {
        let refusal = provider.lock().settings.token_error.clone();
        match refusal {
            Some((error, description)) => oauth_error::response(&error, &description),
            None => respond(provider, request).unwrap_or_else(OAuthError::into_response),
        }
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
    match inner.settings.fault {
        Some(Fault::Token(TokenFault::InvalidGrant)) => {
            return Err(OAuthError::invalid_grant(HOSTILE));
        }
        Some(Fault::Token(TokenFault::InvalidClient)) => {
            return Err(OAuthError::invalid_client(HOSTILE));
        }
        _ => {}
    }
    let client = client_authentication::authenticate(&inner, request)?;
    match request.parameter("grant_type")? {
        Some("authorization_code") => code_grant::respond(provider, &mut inner, &client, request),
        Some("refresh_token") => refresh_grant::respond(provider, &mut inner, &client, request),
        Some(_) => Err(OAuthError::new("unsupported_grant_type", "no such grant type")),
        None => Err(OAuthError::invalid_request("the grant_type is missing")),
    }
}

const HOSTILE: &str = "<script>alert('error_description')</script>";
