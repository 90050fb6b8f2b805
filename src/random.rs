//! Randomness as a port: the one file that asks the operating system for random bytes.

use std::fmt::Debug;

use ring::rand::SecureRandom as _;

/// Where unpredictable bytes come from.
///
/// # Security
///
/// Session ids, `state`, `nonce`, PKCE verifiers and sealing nonces are made of these bytes: an implementation other than
/// [`SystemRandom`] belongs in simulations only.
pub trait Random: Debug + Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] if no random bytes can be had; nothing is issued then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable>;
}

/// The operating system has no random bytes to give.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system's random number generator is unavailable")]
pub struct RandomUnavailable;

/// The operating system's random number generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this file is where randomness comes from")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        ring::rand::SystemRandom::new().fill(bytes).map_err(|_| RandomUnavailable)
    }
}

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomUnavailable> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// `N` random bytes, base64url-encoded without padding (RFC 4648 section 5).
pub(crate) fn base64url<const N: usize>(random: &dyn Random) -> Result<String, RandomUnavailable> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<N>(random)?))
}
