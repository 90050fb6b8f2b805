//! The authorization request and its checks, in this order:
//!
//! 1. `client_id` is known and `redirect_uri` is one of the client's, character for character; otherwise a page says
//!    so and nothing is sent anywhere (RFC 6749 section 4.1.2.1).
//! 2. No parameter twice (RFC 6749 section 3.1).
//! 3. No `request` or `request_uri`, `response_type=code`, `response_mode` absent or `query`.
//! 4. `scope` contains `openid`.
//! 5. `code_challenge` with `code_challenge_method=S256` (RFC 7636, RFC 9700 section 2.1.1).
//! 6. `prompt` and `max_age` are well formed; `prompt=none` is alone (OpenID Connect Core 1.0 section 3.1.2.1).
//! 7. `claims` is a JSON object (Core 5.5). Of it `acr` for the ID Token is honoured, before `acr_values`.
//!
//! `display`, `ui_locales` and what is unknown are tolerated.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::{AuthorizationFault, DevClient, Fault, MetadataFault};

use super::id_token_hint;

/// A request that may be answered with a code.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: Arc<DevClient>,
    pub(crate) redirect_uri: String,
    pub(crate) scope: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: String,
    pub(crate) prompt: Vec<String>,
    pub(crate) max_age: Option<i64>,
    pub(crate) login_hint: Option<String>,
    /// The first that `claims` or `acr_values` asks for, which is granted.
    pub(crate) acr: Option<String>,
    /// The `sub` of `id_token_hint`.
    pub(crate) hinted_sub: Option<String>,
}

/// Why there is no [`AuthorizationRequest`].
#[derive(Debug)]
pub(crate) enum Rejection {
    /// Told to the person, as there is nowhere to redirect to.
    Page(&'static str),
    /// Told to the client.
    Redirect { redirect_uri: String, state: Option<String>, error: OAuthError },
}

impl AuthorizationRequest {
    pub(crate) fn parse(
        provider: &Provider,
        inner: &Inner,
        request: &Incoming,
    ) -> Result<Self, Rejection> {
        let client_id = request.parameter("client_id").ok().flatten();
        let client = client_id.and_then(|id| inner.client(id));
        let client = client
            .ok_or(Rejection::Page("The client_id is missing, or no such client is registered."))?;
        let redirect_uri = request.parameter("redirect_uri").ok().flatten();
        let redirect_uri = redirect_uri
            .filter(|uri| client.redirect_uris.iter().any(|registered| registered == uri))
            .ok_or(Rejection::Page(
                "The redirect_uri is missing, or it is not registered for this client.",
            ))?;
        let redirect_uri = redirect_uri.to_owned();
        let rest = Self::parse_rest(provider, inner, request, client, redirect_uri.clone());
        rest.map_err(|error| Rejection::Redirect {
            redirect_uri,
            state: request.parameter("state").ok().flatten().map(str::to_owned),
            error,
        })
    }

    fn parse_rest(
        provider: &Provider,
        inner: &Inner,
        request: &Incoming,
        client: Arc<DevClient>,
        redirect_uri: String,
    ) -> Result<Self, OAuthError> {
        let text = |name: &str| request.parameter(name).map(|value| value.map(str::to_owned));
        let words = |name: &str| text(name).map(|value| split(value.as_deref()));
        for (name, _) in &request.parameters {
            request.parameter(name)?;
        }
        check_fixed_parameters(request)?;
        let scope = words("scope")?;
        if !scope.iter().any(|value| value == "openid") {
            return Err(OAuthError::new("invalid_scope", "the scope must contain openid"));
        }
        let code_challenge = text("code_challenge")?;
        let code_challenge = code_challenge
            .filter(|_| request.parameter("code_challenge_method").ok().flatten() == Some("S256"))
            .filter(|challenge| challenge.len() == S256_LENGTH)
            .ok_or(OAuthError::invalid_request(
                "a code_challenge with the method S256 is required",
            ))?;
        let hint =
            text("id_token_hint")?.map(|hint| id_token_hint::verified(provider, inner, &hint));
        let hinted_sub = match hint {
            None => None,
            Some(Some(hint)) => Some(hint.sub),
            Some(None) => {
                return Err(OAuthError::invalid_request(
                    "the id_token_hint is not an ID Token of this provider",
                ));
            }
        };
        Ok(Self {
            client,
            redirect_uri,
            scope,
            state: text("state")?,
            nonce: text("nonce")?,
            code_challenge,
            prompt: prompt(words("prompt")?)?,
            max_age: max_age(text("max_age")?.as_deref())?.filter(|_| {
                !inner.has_fault(Fault::Authorization(AuthorizationFault::IgnoresMaxAge))
            }),
            login_hint: text("login_hint")?,
            acr: acr_claim(inner, text("claims")?.as_deref())?
                .or(words("acr_values")?.into_iter().next()),
            hinted_sub,
        })
    }

    pub(crate) fn has_prompt(&self, value: &str) -> bool {
        self.prompt.iter().any(|prompt| prompt == value)
    }
}

fn check_fixed_parameters(request: &Incoming) -> Result<(), OAuthError> {
    if request.parameter("request")?.is_some() {
        return Err(OAuthError::new("request_not_supported", "request objects are not supported"));
    }
    if request.parameter("request_uri")?.is_some() {
        return Err(OAuthError::new(
            "request_uri_not_supported",
            "request objects are not supported",
        ));
    }
    match request.parameter("response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err(OAuthError::new(
                "unsupported_response_type",
                "the response_type must be code",
            ));
        }
        None => return Err(OAuthError::invalid_request("the response_type is missing")),
    }
    match request.parameter("response_mode")? {
        None | Some("query") => Ok(()),
        Some(_) => Err(OAuthError::invalid_request("the response_mode must be query")),
    }
}

fn prompt(values: Vec<String>) -> Result<Vec<String>, OAuthError> {
    let known =
        |value: &String| matches!(value.as_str(), "none" | "login" | "consent" | "select_account");
    if !values.iter().all(known) {
        return Err(OAuthError::invalid_request("the prompt is not a known one"));
    }
    if values.len() > 1 && values.iter().any(|value| value == "none") {
        return Err(OAuthError::invalid_request("prompt=none must be alone"));
    }
    Ok(values)
}

fn max_age(value: Option<&str>) -> Result<Option<i64>, OAuthError> {
    let parsed = value.map(|value| value.parse().ok().filter(|seconds| *seconds >= 0));
    parsed
        .map(|seconds| {
            seconds.ok_or(OAuthError::invalid_request("max_age must be a number of seconds"))
        })
        .transpose()
}

/// `id_token.acr` of the `claims` parameter: its `value`, or the first of its `values` (Core 5.5.1).
fn acr_claim(inner: &Inner, claims: Option<&str>) -> Result<Option<String>, OAuthError> {
    let supported = !inner.has_fault(Fault::Metadata(MetadataFault::NoClaimsParameter));
    let Some(claims) = claims.filter(|_| supported) else { return Ok(None) };
    let claims: Map<String, Value> = serde_json::from_str(claims)
        .map_err(|_| OAuthError::invalid_request("claims must be a JSON object"))?;
    let acr = claims.get("id_token").and_then(|claims| claims.get("acr"));
    let acr = acr.and_then(|acr| acr.get("value").or_else(|| acr.get("values")?.get(0)));
    Ok(acr.and_then(Value::as_str).map(str::to_owned))
}

fn split(value: Option<&str>) -> Vec<String> {
    value
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The length of a SHA-256 in base64url without padding.
const S256_LENGTH: usize = 43;
