//! `id_token_hint`: an ID Token of this provider, at any age (OpenID Connect Core 1.0 section 3.1.2.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::dev_provider::provider::{Inner, Provider};

/// What a verified hint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) sub: String,
    pub(crate) sid: Option<String>,
    pub(crate) client_id: String,
}

/// The hint, if any key that this provider ever had signed it, and it names this issuer.
pub(crate) fn verified(provider: &Provider, inner: &Inner, token: &str) -> Option<Hint> {
    let (input, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    inner.keys.verifies(input.as_bytes(), &signature).then_some(())?;
    let claims = URL_SAFE_NO_PAD.decode(input.split_once('.')?.1).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    (text("iss")? == provider.issuer).then_some(())?;
    Some(Hint { sub: text("sub")?, sid: text("sid"), client_id: text("aud")? })
}
