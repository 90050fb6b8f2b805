//! The compact serialization of RFC 7515 section 7.1, and its forgeries.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::error::Unspecified;
use ring::hmac;

use super::{Draft, KeySet, SigningKey};
use crate::dev_provider::IdTokenFault;

/// Base64url without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The draft signed with `key`, whose `alg` and `kid` it gets.
pub(crate) fn signed(mut draft: Draft, key: &SigningKey) -> Result<String, Unspecified> {
    draft.header.set("alg", key.alg);
    draft.header.set("kid", key.kid.as_str());
    sign_as_is(&draft, key)
}

/// The ID Token as `fault` wants it; `None` if it is to be missing. `client_key` is the client secret.
pub(crate) fn id_token_compact(
    mut draft: Draft,
    fault: Option<IdTokenFault>,
    keys: &KeySet,
    client_key: &[u8],
) -> Result<Option<String>, Unspecified> {
    let key = keys.current();
    draft.header.set("alg", key.alg);
    draft.header.set("kid", key.kid.as_str());
    let token = match fault {
        Some(IdTokenFault::Missing) => return Ok(None),
        Some(IdTokenFault::AlgNone) => {
            draft.header.set("alg", "none");
            draft.header.remove("kid");
            format!("{}.", signing_input(&draft))
        }
        Some(IdTokenFault::Hs256ClientSecret) => {
            draft.header.set("alg", "HS256");
            draft.header.remove("kid");
            let input = signing_input(&draft);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, client_key), input.as_bytes());
            format!("{input}.{}", base64url(tag.as_ref()))
        }
        Some(IdTokenFault::OtherAlg) => signed(draft, keys.other_alg())?,
        Some(IdTokenFault::UnknownKid) => {
            draft.header.set("kid", "a-key-that-is-not-published");
            sign_as_is(&draft, key)?
        }
        Some(IdTokenFault::NoKid) => {
            draft.header.remove("kid");
            sign_as_is(&draft, key)?
        }
        Some(IdTokenFault::BadSignature) => {
            let input = signing_input(&draft);
            let mut signature = key.sign(input.as_bytes())?;
            if let Some(byte) = signature.first_mut() {
                *byte ^= 1;
            }
            format!("{input}.{}", base64url(&signature))
        }
        Some(IdTokenFault::Jwe) => {
            let header = base64url(br#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#);
            let [key, iv, text, tag] = [256, 12, 512, 16].map(|size| base64url(&vec![0x5A; size]));
            format!("{header}.{key}.{iv}.{text}.{tag}")
        }
        Some(IdTokenFault::Malformed) => signing_input(&draft),
        _ => sign_as_is(&draft, key)?,
    };
    Ok(Some(token))
}

fn sign_as_is(draft: &Draft, key: &SigningKey) -> Result<String, Unspecified> {
    let input = signing_input(draft);
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", base64url(&signature)))
}

fn signing_input(draft: &Draft) -> String {
    let [header, claims] =
        [&draft.header, &draft.claims].map(|part| base64url(part.to_json().as_bytes()));
    format!("{header}.{claims}")
}
