//! A login attempt: what connects an authorization request with its callback.
//!
//! It travels sealed in a cookie of its own and is used once: [`LoginAttempt::consume`] takes it by value, and the store
//! remembers it for the rest of its lifetime, so that sending its cookie again changes nothing.

use ring::digest;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::contract::StoreError;
use super::record::Owner;
use super::sessions::Sessions;
use crate::clock::UnixTime;
use crate::random::{Random, RandomUnavailable};
use crate::secret::exposed;
use crate::secret::key_ring::KeyRing;
use crate::secret::seal::Purpose;

/// What this browser began and has not finished.
#[derive(Serialize, Deserialize)]
pub(crate) struct LoginAttempt {
    #[serde(with = "exposed")]
    pub(crate) state: SecretString,
    #[serde(with = "exposed")]
    pub(crate) nonce: SecretString,
    #[serde(with = "exposed")]
    pub(crate) pkce_verifier: SecretString,
    /// Where to go after the login: a local path.
    pub(crate) return_to: String,
    /// The scopes that were asked for, separated by spaces: what a token response without `scope` has granted.
    pub(crate) scope: String,
    /// When the login began; a retry after a refused code is still the same login.
    pub(crate) begun_at: UnixTime,
    /// Seconds; asked for in the authorization request and checked in the ID Token.
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    /// Methods required of the sign-in, checked in the ID Token. Attempts of earlier versions have none.
    #[serde(default)]
    pub(crate) amr: Vec<String>,
    /// What is asked for is needed by the page to return to, not just preferred.
    #[serde(default)]
    pub(crate) is_step_up: bool,
    /// Parameters of this login, needed again by an automatic retry.
    pub(crate) login_hint: Option<String>,
    pub(crate) ui_locales: Option<String>,
    /// The login was refused inside the leeway and is tried again, once (ceiling rule 6).
    pub(crate) is_leeway_retry: bool,
    /// The provider refused the login's code and the login is tried again, once.
    #[serde(default)]
    pub(crate) is_code_retry: bool,
}

impl LoginAttempt {
    /// The sealed value of the attempt's cookie.
    pub(crate) fn seal(
        &self,
        keys: &KeyRing,
        owner: &Owner,
        random: &dyn Random,
    ) -> Result<String, RandomUnavailable> {
        let plaintext =
            zeroize::Zeroizing::new(serde_json::to_vec(self).map_err(|_| RandomUnavailable)?);
        keys.seal(Purpose::LoginAttempt, owner.as_bytes(), &plaintext, random)
    }

    /// Opens a cookie's value; `None` unless this application sealed it.
    pub(crate) fn open(keys: &KeyRing, owner: &Owner, value: &str) -> Option<Self> {
        let plaintext = keys.open(Purpose::LoginAttempt, owner.as_bytes(), value).ok()?;
        serde_json::from_slice(&plaintext).ok()
    }

    /// The one use of this attempt. `None`: it was used before.
    pub(crate) async fn consume(
        self,
        sessions: &Sessions,
        until: UnixTime,
    ) -> Result<Option<ConsumedAttempt>, StoreError> {
        use secrecy::ExposeSecret as _;
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"axum-oidc-session used login attempt 1");
        context.update(self.state.expose_secret().as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        let first = sessions.remember(&Id(i128::from_be_bytes(key)), until).await?;
        Ok(first.then_some(ConsumedAttempt(self)))
    }
}

/// A login attempt that has been used, once, just now: a callback may go on with it.
pub(crate) struct ConsumedAttempt(LoginAttempt);

impl std::ops::Deref for ConsumedAttempt {
    type Target = LoginAttempt;

    fn deref(&self) -> &LoginAttempt {
        &self.0
    }
}
