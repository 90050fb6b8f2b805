//! The authorization endpoint (OpenID Connect Core 1.0 section 3.1.2), by GET or POST.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use url::form_urlencoded;

use super::authorization_decision::{Decision, decide};
use super::authorization_request::{AuthorizationRequest, Rejection};
use super::authorization_response::{failure, success};
use super::op_session::{self, SignIn};
use crate::dev_provider::grant::OpSession;
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::{Endpoint, guard, pages};
use crate::random::RandomUnavailable;

pub(crate) const PATH: &str = "/authorize";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::Authorization, request, |provider, incoming| {
        let mut inner = provider.lock();
        let answer = respond(provider, &mut inner, incoming);
        answer.unwrap_or_else(|error| OAuthError::from(error).into_response())
    })
    .await
}

fn respond(
    provider: &Provider,
    inner: &mut Inner,
    incoming: &Incoming,
) -> Result<Response, RandomUnavailable> {
    let request = match AuthorizationRequest::parse(provider, inner, incoming) {
        Ok(request) => request,
        Err(rejection) => return Ok(reject(provider, inner, rejection)),
    };
    let chosen = inner.settings.authorize_as.clone();
    let session = op_session::current(provider, inner, incoming);
    let session = session.filter(|session| chosen.as_ref().is_none_or(|sub| *sub == session.sub));
    match (decide(&request, session, provider.now()), chosen) {
        (Decision::Silent(session), _) => success(provider, inner, &request, session),
        (Decision::Refuse(error), _) => {
            Ok(failure(provider, inner, &request.redirect_uri, request.state, error))
        }
        (Decision::Ask { current: Some(session) }, Some(_)) => {
            success(provider, inner, &request, session)
        }
        (Decision::Ask { current: None }, Some(sub)) => {
            let session_expiry = inner.settings.session_expiry.offered(provider.now());
            let sign_in = SignIn { sub, session_expiry, access_token_lifetime: None };
            sign_in_and_answer(provider, inner, incoming, &request, sign_in)
        }
        (Decision::Ask { current }, None) => Ok(ask(inner, incoming, &request, current)),
    }
}

/// Begins a session and answers with a code for it.
pub(crate) fn sign_in_and_answer(
    provider: &Provider,
    inner: &mut Inner,
    incoming: &Incoming,
    request: &AuthorizationRequest,
    sign_in: SignIn,
) -> Result<Response, RandomUnavailable> {
    let (session, cookie) = op_session::begin(provider, inner, incoming, sign_in)?;
    let response = success(provider, inner, request, session)?;
    Ok(op_session::with_cookie(provider, response, &cookie))
}

/// Tells the client, or else the person, what is wrong with the request.
pub(crate) fn reject(provider: &Provider, inner: &Inner, rejection: Rejection) -> Response {
    match rejection {
        Rejection::Page(text) => pages::error(text),
        Rejection::Redirect { redirect_uri, state, error } => {
            failure(provider, inner, &redirect_uri, state, error)
        }
    }
}

/// The sign-in page; it carries the request along, to be checked again.
fn ask(
    inner: &Inner,
    incoming: &Incoming,
    request: &AuthorizationRequest,
    current: Option<OpSession>,
) -> Response {
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&incoming.parameters).finish();
    pages::sign_in(&pages::SignInPage {
        request: &query,
        parameters: &incoming.parameters,
        client_id: &request.client.id,
        users: &inner.users,
        login_hint: request.login_hint.as_deref().or(request.hinted_sub.as_deref()),
        current_sub: current.as_ref().map(|session| session.sub.as_str()),
        settings: &inner.settings,
    })
}
