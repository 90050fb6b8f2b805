//! The claims of an ID Token as they should be.

use crate::clock::UnixTime;
use crate::dev_provider::DevUser;
use crate::dev_provider::grant::Grant;
use crate::dev_provider::settings::Settings;

use super::{Draft, base64url};

/// What an ID Token is made of.
#[derive(Debug)]
pub(crate) struct IdTokenContext<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) grant: &'a Grant,
    pub(crate) user: Option<&'a DevUser>,
    pub(crate) settings: &'a Settings,
    pub(crate) access_token: &'a str,
    /// The values of `session_expiry`.
    pub(crate) session_expiry: &'a [String],
    pub(crate) now: UnixTime,
}

/// OpenID Connect Core 1.0 section 2; on refresh (section 12.2) `with_nonce` is false.
pub(crate) fn id_token_draft(context: &IdTokenContext<'_>, with_nonce: bool) -> Draft {
    let IdTokenContext { grant, now, .. } = context;
    let mut draft = Draft::default();
    draft.header.set("typ", "JWT");
    let claims = &mut draft.claims;
    claims.set("iss", context.issuer);
    claims.set("sub", grant.session.sub.as_str());
    claims.set("aud", grant.client_id.as_str());
    claims.set("iat", now.seconds());
    claims.set("exp", now.seconds().saturating_add(ID_TOKEN_SECONDS));
    claims.set("auth_time", grant.session.auth_time.seconds());
    if !context.settings.omit_sid {
        claims.set("sid", grant.session.sid.as_str());
    }
    claims.set("amr", vec!["pwd"]);
    if let Some(acr) = &grant.acr {
        claims.set("acr", acr.as_str());
    }
    if let Some(nonce) = grant.nonce.as_deref().filter(|_| with_nonce) {
        claims.set("nonce", nonce);
    }
    claims.set("at_hash", at_hash(context.access_token));
    for (name, value) in context.user.into_iter().flat_map(|user| user.claims_for(&grant.scope)) {
        claims.set(name, value.clone());
    }
    for value in context.session_expiry {
        claims.push_raw("session_expiry", value);
    }
    for (name, value) in &context.settings.id_token_claims {
        claims.set(name, value.clone());
    }
    draft
}

/// OpenID Connect Core 1.0 section 3.1.3.6: the left half of the access token's SHA-256, as ES256 asks for.
pub(crate) fn at_hash(access_token: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, access_token.as_bytes());
    let digest = digest.as_ref();
    base64url(digest.get(..digest.len() / 2).unwrap_or_default())
}

const ID_TOKEN_SECONDS: i64 = 300;
