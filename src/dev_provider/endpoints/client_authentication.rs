//! Client authentication: `client_secret_basic`, `client_secret_post` and `none` (RFC 6749 section 2.3).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::Inner;
use crate::dev_provider::{DevClient, Fault, MetadataFault};

/// The client that sent `request`, if it proved it.
pub(crate) fn authenticate(
    inner: &Inner,
    request: &Incoming,
) -> Result<Arc<DevClient>, OAuthError> {
    let posted_id = request.parameter("client_id")?;
    let posted_secret = request.parameter("client_secret")?;
    let (id, secret) = match request.authorization() {
        Some(header) => {
            if posted_secret.is_some() {
                return Err(OAuthError::invalid_request("the client authenticates in two ways"));
            }
            if inner.has_fault(Fault::Metadata(MetadataFault::OnlyClientSecretPost)) {
                return Err(OAuthError::invalid_client("only client_secret_post is taken"));
            }
            let (id, secret) = basic(header)
                .ok_or(OAuthError::invalid_client("the Authorization header is malformed"))?;
            if posted_id.is_some_and(|posted| posted != id) {
                return Err(OAuthError::invalid_request(
                    "the client_id is not that of the Authorization header",
                ));
            }
            (id, Some(secret))
        }
        None => {
            let id =
                posted_id.ok_or(OAuthError::invalid_client("the client does not say who it is"))?;
            (id.to_owned(), posted_secret.map(str::to_owned))
        }
    };
    let client = inner.client(&id).ok_or(OAuthError::invalid_client("no such client"))?;
    if client.secret_in_form && request.authorization().is_some() {
        return Err(OAuthError::invalid_client("the client is registered for client_secret_post"));
    }
    let proved = match (&client.secret, &secret) {
        (None, None) => true,
        (Some(known), Some(sent)) => known.expose_secret().as_bytes().ct_eq(sent.as_bytes()).into(),
        _ => false,
    };
    proved
        .then_some(client)
        .ok_or(OAuthError::invalid_client("the client secret is wrong, missing, or too much"))
}

/// Id and secret are form-urlencoded before they are joined (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

fn decoded(text: &str) -> Option<String> {
    // As the only "key": an "=" or "&" in it would have been encoded.
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map_or(Some(String::new()), |(key, value)| value.is_empty().then(|| key.into_owned()))
}
