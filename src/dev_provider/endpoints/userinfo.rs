//! The UserInfo endpoint (OpenID Connect Core 1.0 section 5.3, RFC 6750).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::response::Response;
use serde_json::{Map, Value};

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::jwt::{MEGABYTE, OTHER_SUB};
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::{Endpoint, Fault, UserInfoFault, guard, reply};

pub(crate) const PATH: &str = "/userinfo";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::UserInfo, request, |provider, request| {
        let inner = provider.lock();
        let fault = match inner.settings.fault {
            Some(Fault::UserInfo(fault)) => Some(fault),
            _ => None,
        };
        let claims = claims(provider, &inner, request);
        let Some(mut claims) = claims.filter(|_| fault != Some(UserInfoFault::Unauthorized)) else {
            return unauthorized();
        };
        if let Some(fault) = fault {
            alter(&mut claims, fault, provider);
        }
        reply::no_store(reply::json(StatusCode::OK, Value::Object(claims).to_string()))
    })
    .await
}

fn claims(provider: &Provider, inner: &Inner, request: &Incoming) -> Option<Map<String, Value>> {
    let (scheme, token) = request.authorization()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(())?;
    let token = inner.grants.access_tokens.get(token.trim())?;
    (provider.now() < token.expires_at).then_some(())?;
    let grant = inner.grants.grant(token.grant)?;
    let mut claims = Map::new();
    if let Some(user) = inner.user(&grant.session.sub) {
        claims.extend(
            user.claims_for(&grant.scope).map(|(name, value)| (name.clone(), value.clone())),
        );
        claims.extend(user.userinfo_claims.clone());
    }
    claims.insert("sub".to_owned(), grant.session.sub.as_str().into());
    Some(claims)
}

fn alter(claims: &mut Map<String, Value>, fault: UserInfoFault, provider: &Provider) {
    let in_a_year = provider.now().seconds().saturating_add(YEAR);
    match fault {
        UserInfoFault::WrongSub => drop(claims.insert("sub".to_owned(), OTHER_SUB.into())),
        UserInfoFault::MissingSub => drop(claims.remove("sub")),
        UserInfoFault::SessionExpiry => {
            drop(claims.insert("session_expiry".to_owned(), in_a_year.into()))
        }
        UserInfoFault::Huge => {
            drop(claims.insert("padding".to_owned(), "x".repeat(MEGABYTE).into()))
        }
        UserInfoFault::Unauthorized => {}
    }
}

fn unauthorized() -> Response {
    let body = r#"{"error":"invalid_token"}"#;
    let mut response = reply::no_store(reply::json(StatusCode::UNAUTHORIZED, body));
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

const YEAR: i64 = 31_536_000;
