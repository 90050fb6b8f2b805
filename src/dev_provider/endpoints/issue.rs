//! The token response: access token, refresh token, ID Token (OpenID Connect Core 1.0 sections 3.1.3.3 and 12.2).

use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use crate::dev_provider::grant::{AccessToken, Grant, GrantId, RefreshToken};
use crate::dev_provider::jwt::{
    self, Draft, HOUR, IdTokenContext, OTHER_CLIENT, OTHER_ISSUER, OTHER_SUB, id_token_draft,
};
use crate::dev_provider::oauth_error::OAuthError;
use crate::dev_provider::provider::{Inner, Provider};
use crate::dev_provider::{DevClient, Fault, RefreshFault, TokenFault, reply};

/// Why tokens are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A code was exchanged.
    SignIn,
    /// A refresh token was.
    Refresh,
}

/// Issues the tokens of a grant that exists.
pub(crate) fn tokens(
    provider: &Provider,
    inner: &mut Inner,
    client: &DevClient,
    id: GrantId,
    occasion: Occasion,
) -> Result<Response, OAuthError> {
    let grant = inner.grants.grant(id).cloned();
    let grant = grant.ok_or(OAuthError::invalid_grant("the grant is revoked"))?;
    let now = provider.now();
    let lifetime =
        grant.session.access_token_lifetime.unwrap_or(inner.settings.access_token_lifetime);
    let access_token = provider.secret_value()?;
    let expires_at = now.saturating_add(lifetime);
    inner.grants.access_tokens.insert(access_token.clone(), AccessToken { grant: id, expires_at });
    inner.record.issued(&access_token);

    let mut response = Map::new();
    response.insert("access_token".to_owned(), access_token.as_str().into());
    response.insert("token_type".to_owned(), "Bearer".into());
    if !inner.settings.omit_expires_in {
        response.insert("expires_in".to_owned(), lifetime.as_secs().into());
    }
    response.insert("scope".to_owned(), grant.scope.join(" ").into());
    if let Some(token) = refresh_token(provider, inner, &grant, id)? {
        response.insert("refresh_token".to_owned(), token.into());
    }
    if occasion == Occasion::SignIn {
        let asserted = inner.settings.session_expiry.values(now, &per_session(&grant));
        inner.grants.remember_expiry(id, asserted);
    }
    let grant = inner.grants.grant(id).cloned().unwrap_or(grant);
    if let Some(token) = id_token(provider, inner, client, &grant, &access_token, occasion)? {
        inner.record.issued(&token);
        response.insert("id_token".to_owned(), token.into());
    }
    if let Some(Fault::Token(fault)) = inner.settings.fault {
        alter(&mut response, fault);
    }
    Ok(reply::no_store(reply::json(StatusCode::OK, Value::Object(response).to_string())))
}

/// A refresh token if the scope asks for one (OpenID Connect Core 1.0 section 11).
fn refresh_token(
    provider: &Provider,
    inner: &mut Inner,
    grant: &Grant,
    id: GrantId,
) -> Result<Option<String>, OAuthError> {
    let asked = grant.scope.iter().any(|scope| scope == "offline_access");
    if !asked || inner.settings.omit_refresh_token {
        return Ok(None);
    }
    let token = provider.secret_value()?;
    inner.record.issued(&token);
    inner.grants.refresh_tokens.insert(token.clone(), RefreshToken { grant: id, spent: false });
    Ok(Some(token))
}

fn id_token(
    provider: &Provider,
    inner: &Inner,
    client: &DevClient,
    grant: &Grant,
    access_token: &str,
    occasion: Occasion,
) -> Result<Option<String>, OAuthError> {
    let user = inner.user(&grant.session.sub);
    let refresh_mode = inner.settings.refresh_session_expiry.as_ref();
    let session_expiry = match refresh_mode.filter(|_| occasion == Occasion::Refresh) {
        Some(mode) => mode.values(provider.now(), &grant.asserted_expiry),
        None => grant.asserted_expiry.clone(),
    };
    let context = IdTokenContext {
        issuer: &provider.issuer,
        grant,
        user: user.as_deref(),
        settings: &inner.settings,
        access_token,
        session_expiry: &session_expiry,
        now: provider.now(),
    };
    let mut draft = id_token_draft(&context, occasion == Occasion::SignIn);
    let mut fault = None;
    match inner.settings.fault {
        Some(Fault::IdToken(wrong)) => {
            jwt::alter(&mut draft, wrong, provider, &client.id);
            fault = Some(wrong);
        }
        Some(Fault::Refresh(RefreshFault::NoIdToken)) if occasion == Occasion::Refresh => {
            return Ok(None);
        }
        Some(Fault::Refresh(wrong)) if occasion == Occasion::Refresh => {
            alter_refreshed(&mut draft, wrong, grant)
        }
        _ => {}
    }
    let secret = client.secret.as_ref().map_or(client.id.as_str(), |secret| secret.expose_secret());
    Ok(jwt::id_token_compact(draft, fault, &inner.keys, secret.as_bytes())?)
}

/// What the session of the provider holds.
fn per_session(grant: &Grant) -> Vec<String> {
    grant.session.session_expiry.iter().map(i64::to_string).collect()
}

fn alter_refreshed(draft: &mut Draft, fault: RefreshFault, grant: &Grant) {
    let auth_time = grant.session.auth_time.seconds();
    match fault {
        RefreshFault::OtherSub => draft.claims.set("sub", OTHER_SUB),
        RefreshFault::OtherIssuer => draft.claims.set("iss", OTHER_ISSUER),
        RefreshFault::OtherAudience => draft.claims.set("aud", OTHER_CLIENT),
        RefreshFault::OtherNonce => draft.claims.set("nonce", "another-nonce"),
        RefreshFault::EarlierAuthTime => {
            draft.claims.set("auth_time", auth_time.saturating_sub(HOUR))
        }
        RefreshFault::EarlierIat => draft.claims.set("iat", auth_time.saturating_sub(HOUR)),
        RefreshFault::NoIdToken => {}
    }
}

fn alter(response: &mut Map<String, Value>, fault: TokenFault) {
    match fault {
        TokenFault::MacTokenType => drop(response.insert("token_type".to_owned(), "mac".into())),
        TokenFault::MixedCaseTokenType => {
            drop(response.insert("token_type".to_owned(), "bEaReR".into()))
        }
        TokenFault::MissingAccessToken => drop(response.remove("access_token")),
        TokenFault::NarrowScope => drop(response.insert("scope".to_owned(), "openid".into())),
        TokenFault::NoScope => drop(response.remove("scope")),
        TokenFault::InvalidGrant | TokenFault::InvalidClient => {}
    }
}
