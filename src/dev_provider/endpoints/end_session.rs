//! The end session endpoint (RP-Initiated Logout 1.0), by GET or POST.
//!
//! 1. A request without a valid `id_token_hint` is confirmed by the person first (section 2).
//! 2. The provider's session ends: the hint's `sid`, and the browser's.
//! 3. `post_logout_redirect_uri` is followed only if it is registered, character for character, for the client that the
//!    hint or `client_id` names (section 3); `state` goes along.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use url::{Url, form_urlencoded};

use super::{id_token_hint, op_session};
use crate::dev_provider::incoming::{Incoming, Repeated};
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::{Endpoint, guard, pages, reply};

pub(crate) const PATH: &str = "/end-session";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::EndSession, request, |provider, request| {
        let answer = respond(provider, &mut provider.lock(), request);
        answer.unwrap_or_else(|Repeated| pages::error("A parameter is there more than once."))
    })
    .await
}

fn respond(
    provider: &Provider,
    inner: &mut Inner,
    request: &Incoming,
) -> Result<Response, Repeated> {
    let hint = request.parameter("id_token_hint")?;
    let hint = match hint.map(|hint| id_token_hint::verified(provider, inner, hint)) {
        Some(None) => {
            return Ok(pages::error("The id_token_hint is not an ID Token of this provider."));
        }
        hint => hint.flatten(),
    };
    let client_id = request.parameter("client_id")?;
    if let (Some(hint), Some(client_id)) = (&hint, client_id)
        && hint.client_id != client_id
    {
        return Ok(pages::error("The client_id is not that of the id_token_hint."));
    }
    let client = hint.as_ref().map(|hint| hint.client_id.as_str()).or(client_id);
    let client = client.and_then(|id| inner.client(id));
    let target = request.parameter("post_logout_redirect_uri")?;
    let registered =
        client.map(|client| client.post_logout_redirect_uris.clone()).unwrap_or_default();
    if target.is_some_and(|target| !registered.iter().any(|uri| uri == target)) {
        return Ok(pages::error("The post_logout_redirect_uri is not registered for this client."));
    }
    let state = request.parameter("state")?;
    if hint.is_none() && request.parameter("confirmed")?.is_none() {
        return Ok(pages::confirm_logout(&request.parameters));
    }
    if let Some(sid) = hint.and_then(|hint| hint.sid) {
        inner.sessions.retain(|_, session| session.sid != sid);
    }
    op_session::end(provider, inner, request);
    let location = target.and_then(|target| with_state(target, state));
    let response = location.map_or_else(pages::signed_out, |location| reply::see_other(&location));
    Ok(op_session::without_cookie(provider, response))
}

/// The URI as it is registered, with `state` added to its query.
fn with_state(target: &str, state: Option<&str>) -> Option<String> {
    let mut url = Url::parse(target).ok()?;
    let Some(state) = state else {
        return Some(target.to_owned());
    };
    let pair = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    let query = url.query().map_or_else(|| pair.clone(), |query| format!("{query}&{pair}"));
    url.set_query(Some(&query));
    Some(url.into())
}
