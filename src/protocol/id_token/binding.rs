//! That the token answers our request: its nonce, its access token, the authentication context and methods asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use subtle::ConstantTimeEq as _;

use super::{IdTokenError, IdTokenExpectations, NonceExpectation};
use crate::protocol::claims::Claims;

/// OIDC Core 3.1.3.7 step 11; on refresh 12.2.
pub(super) fn nonce(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let expected = match expected.nonce {
        NonceExpectation::Exactly(nonce) => Some(nonce),
        NonceExpectation::SameIfPresent(_) if !claims.contains("nonce") => return Ok(()),
        NonceExpectation::SameIfPresent(nonce) => nonce,
    };
    match (claims.get_str("nonce"), expected) {
        (Some(nonce), Some(expected)) if same(nonce, expected) => Ok(()),
        _ => Err(IdTokenError::Nonce),
    }
}

/// OIDC Core 3.1.3.7 step 12.
pub(super) fn context_class(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let satisfied = |acr: &str| expected.acr_values.iter().any(|value| value == acr);
    if expected.acr_values.is_empty() || claims.acr().is_some_and(satisfied) {
        Ok(())
    } else {
        Err(IdTokenError::ContextClass)
    }
}

/// OIDC Core 2, RFC 8176: nothing in a request asks for methods, so that they are checked is all there is.
pub(super) fn methods(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let used = if expected.amr.is_empty() { Vec::new() } else { claims.amr() };
    if expected.amr.iter().all(|method| used.contains(method)) {
        Ok(())
    } else {
        Err(IdTokenError::Methods)
    }
}

/// OIDC Core 3.1.3.8: `at_hash` is optional in the code flow, and right if present. It is the left half of the access token's
/// hash, with the hash function of `alg` (3.1.3.6).
pub(super) fn access_token_hash(
    claims: &Claims,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), IdTokenError> {
    let Some(access_token) = expected.access_token else {
        return Ok(());
    };
    if !claims.contains("at_hash") {
        return Ok(());
    }
    let hash = digest::digest(expected.algorithm.digest(), access_token.as_bytes());
    let (left_half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    match claims.get_str("at_hash") {
        Some(at_hash) if same(at_hash, &URL_SAFE_NO_PAD.encode(left_half)) => Ok(()),
        _ => Err(IdTokenError::AccessTokenHash),
    }
}

/// Compares in a time that tells nothing but the length.
fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
