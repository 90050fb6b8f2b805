//! The authorization response: a redirect with `code`, `state` and `iss` (RFC 6749 section 4.1.2, RFC 9207), or with
//! `error`.

use std::time::Duration;

use axum::response::Response;
use url::Url;

use super::authorization_request::AuthorizationRequest;
use crate::dev_provider::grant::{Code, Grant, OpSession};
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::reply::see_other;
use crate::dev_provider::{AuthorizationFault, Fault, MetadataFault};
use crate::random::RandomUnavailable;

/// The query of a response, in order.
type Parameters = Vec<(&'static str, String)>;

/// Answers with a code for `session`.
pub(crate) fn success(
    provider: &Provider,
    inner: &mut Inner,
    request: &AuthorizationRequest,
    session: OpSession,
) -> Result<Response, RandomUnavailable> {
    let code = provider.secret_value()?;
    let grant = Grant {
        client_id: request.client.id.clone(),
        session,
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        acr: request.acr.clone(),
        asserted_expiry: Vec::new(),
    };
    inner.grants.prune(provider.now());
    inner.record.issued(&code);
    inner.grants.codes.insert(
        code.clone(),
        Code {
            grant,
            redirect_uri: request.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            expires_at: provider.now().saturating_add(CODE_LIFETIME),
            used_for: None,
        },
    );
    let mut parameters = vec![("code", code)];
    parameters.extend(request.state.clone().map(|state| ("state", state)));
    parameters.extend(iss(provider, inner));
    if let Some(Fault::Authorization(fault)) = inner.settings.fault {
        alter(&mut parameters, fault);
    }
    Ok(redirect(&request.redirect_uri, &parameters))
}

/// Answers with an error.
pub(crate) fn failure(
    provider: &Provider,
    inner: &Inner,
    redirect_uri: &str,
    state: Option<String>,
    error: OAuthError,
) -> Response {
    let mut parameters: Parameters = vec![("error", error.code.to_owned())];
    parameters.push(("error_description", error.description.to_owned()));
    parameters.extend(state.map(|state| ("state", state)));
    parameters.extend(iss(provider, inner));
    redirect(redirect_uri, &parameters)
}

fn iss(provider: &Provider, inner: &Inner) -> Option<(&'static str, String)> {
    let announced = !inner.has_fault(Fault::Metadata(MetadataFault::NoIssParameter));
    announced.then(|| ("iss", provider.issuer.clone()))
}

fn alter(parameters: &mut Parameters, fault: AuthorizationFault) {
    match fault {
        AuthorizationFault::WrongIss => set(parameters, "iss", "https://another-issuer.example"),
        AuthorizationFault::MissingIss => remove(parameters, "iss"),
        AuthorizationFault::WrongState => set(parameters, "state", "another-state"),
        AuthorizationFault::MissingState => remove(parameters, "state"),
        AuthorizationFault::MissingCode => remove(parameters, "code"),
        AuthorizationFault::UnknownCode => set(parameters, "code", "a-code-that-nobody-issued"),
        AuthorizationFault::DuplicateCode => repeat(parameters, "code"),
        AuthorizationFault::DuplicateState => repeat(parameters, "state"),
        AuthorizationFault::DuplicateIss => repeat(parameters, "iss"),
        AuthorizationFault::ErrorAndCode => parameters.push(("error", "access_denied".to_owned())),
        AuthorizationFault::AccessDenied => hostile_error(parameters, "access_denied"),
        AuthorizationFault::LoginRequired => hostile_error(parameters, "login_required"),
        AuthorizationFault::ServerError => hostile_error(parameters, "server_error"),
        AuthorizationFault::TemporarilyUnavailable => {
            hostile_error(parameters, "temporarily_unavailable")
        }
        AuthorizationFault::IgnoresMaxAge => {}
        AuthorizationFault::HostileError => hostile_error(parameters, HOSTILE),
    }
}

fn set(parameters: &mut Parameters, name: &'static str, value: &str) {
    remove(parameters, name);
    parameters.push((name, value.to_owned()));
}

fn remove(parameters: &mut Parameters, name: &str) {
    parameters.retain(|(key, _)| *key != name);
}

fn repeat(parameters: &mut Parameters, name: &str) {
    let again = parameters.iter().find(|(key, _)| *key == name).cloned();
    parameters.extend(again);
}

fn hostile_error(parameters: &mut Parameters, error: &str) {
    remove(parameters, "code");
    set(parameters, "error", error);
    set(parameters, "error_description", HOSTILE);
    set(parameters, "error_uri", "javascript:alert(1)");
}

/// The redirect URI's own query stays (RFC 6749 section 3.1.2).
fn redirect(redirect_uri: &str, parameters: &Parameters) -> Response {
    match Url::parse(redirect_uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(parameters);
            see_other(url.as_str())
        }
        Err(_) => crate::dev_provider::pages::error("The registered redirect_uri is not a URL."),
    }
}

/// Markup and a line break, for those who print or log it as it is.
const HOSTILE: &str = "<script>alert('error_description')</script>\r\nSet-Cookie: injected=1";
const CODE_LIFETIME: Duration = Duration::from_secs(60);
