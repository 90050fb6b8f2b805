//! Proof Key for Code Exchange (RFC 7636), method S256.
//!
//! The verifier is 32 random bytes, base64url-encoded: 43 characters, 256 bits (section 4.1 recommends exactly this). The
//! challenge is the base64url-encoded SHA-256 of the verifier's characters (section 4.2). `plain` does not exist here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};

/// The value of `code_challenge_method`.
pub(crate) const METHOD: &str = "S256";

/// The code verifier made of `random` bytes, which must be unpredictable and used for one login attempt only.
pub(crate) fn verifier(random: &[u8; 32]) -> SecretString {
    SecretString::from(URL_SAFE_NO_PAD.encode(random))
}

/// The challenge that goes into the authorization request.
pub(crate) fn challenge(verifier: &SecretString) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifier_and_challenge_are_those_of_rfc_7636_appendix_b() {
        let random = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = verifier(&random);
        assert_eq!(verifier.expose_secret(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifier_is_43_characters_whatever_the_bytes() {
        for byte in [0, 0x7f, 0xff] {
            assert_eq!(verifier(&[byte; 32]).expose_secret().len(), 43);
        }
    }
}
