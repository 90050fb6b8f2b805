//! What the sign-in page posts: who it is, and what the tokens are to say.
//!
//! The form: `request` (the authorization request's query, checked again), `sub` or `deny`, `session_expiry_in` (seconds
//! from now; empty for no claim), `access_token_lifetime` (seconds).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use url::form_urlencoded;

use super::authorization_decision::{Decision, decide};
use super::authorization_request::AuthorizationRequest;
use super::authorization_response::{failure, success};
use super::authorize;
use super::op_session::{self, SignIn};
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::pages;
use crate::dev_provider::provider::{Inner, Provider};
use crate::random::RandomUnavailable;

pub(crate) const PATH: &str = "/sign-in";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, form: Incoming) -> Response {
    let mut inner = provider.lock();
    let answer = respond(&provider, &mut inner, form);
    answer.unwrap_or_else(|error| OAuthError::from(error).into_response())
}

fn respond(
    provider: &Provider,
    inner: &mut Inner,
    form: Incoming,
) -> Result<Response, RandomUnavailable> {
    let text = |name: &str| form.parameter(name).ok().flatten().map(str::to_owned);
    let query = text("request").unwrap_or_default();
    let (sub, denied) = (text("sub"), text("deny").is_some());
    let Ok(session_expiry_in) = seconds(text("session_expiry_in").as_deref()) else {
        return Ok(pages::error(
            "The seconds until session_expiry must be a whole number, or nothing.",
        ));
    };
    let Ok(Some(lifetime @ 1..)) = seconds(text("access_token_lifetime").as_deref()) else {
        return Ok(pages::error(
            "The access token lifetime must be a number of seconds, 1 or more.",
        ));
    };
    let incoming = Incoming {
        parameters: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        ..form
    };
    let request = match AuthorizationRequest::parse(provider, inner, &incoming) {
        Ok(request) => request,
        Err(rejection) => return Ok(authorize::reject(provider, inner, rejection)),
    };
    if denied {
        let error = OAuthError::new("access_denied", "the person refused");
        return Ok(failure(provider, inner, &request.redirect_uri, request.state, error));
    }
    let Some(sub) = sub.filter(|sub| inner.user(sub).is_some()) else {
        return Ok(pages::error("There is no such person."));
    };
    let session =
        op_session::current(provider, inner, &incoming).filter(|session| session.sub == sub);
    if let Decision::Ask { current: Some(session) } = decide(&request, session, provider.now()) {
        return success(provider, inner, &request, session);
    }
    let lifetime = Duration::from_secs(u64::try_from(lifetime).unwrap_or(1));
    let sign_in = SignIn {
        sub,
        session_expiry: session_expiry_in
            .map(|seconds| provider.now().seconds().saturating_add(seconds)),
        access_token_lifetime: Some(lifetime)
            .filter(|typed| *typed != inner.settings.access_token_lifetime),
    };
    authorize::sign_in_and_answer(provider, inner, &incoming, &request, sign_in)
}

/// Nothing, or a whole number, which may be negative: a session that is over before it begins is worth a try.
fn seconds(text: Option<&str>) -> Result<Option<i64>, std::num::ParseIntError> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::parse).transpose()
}
