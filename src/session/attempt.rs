//! A login attempt: what connects an authorization request with its callback.
//!
//! 1. The attempt itself is the value of `state`, sealed under the key ring. It costs the browser no cookie, and no node
//!    has to remember it, so any number of logins may be pending.
//! 2. One small cookie ties it to the browser that started it: a random value that the attempts of this browser share
//!    ([`BrowserBinding`]). A `state` without that cookie is not an attempt of this browser.
//! 3. `nonce` and the PKCE verifier are derived from the attempt's seed by HKDF-SHA-256 (RFC 5869). They are known to those
//!    who can open the `state`: nobody but this application.
//! 4. It is used once: [`LoginAttempt::consume`] takes it by value, and the store remembers it for the rest of its lifetime.
//! 5. The session that comes of it has a handle that is derived from the seed, too.
//!
//! Layout, before it is sealed: seed (32 bytes), slot (1), browser binding (9), time of the start (8, big-endian), and what
//! was asked for, as JSON.

pub(crate) mod browser_binding;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;
use zeroize::Zeroizing;

pub(crate) use self::browser_binding::{BINDING_SLOTS, BrowserBinding, Slots};
use super::contract::StoreError;
use super::index::Handle;
use super::record::Owner;
use super::sessions::Sessions;
use crate::clock::UnixTime;
use crate::protocol::pkce;
use crate::random::{self, Random, RandomUnavailable};
use crate::secret::key_ring::KeyRing;
use crate::secret::seal::{self, Purpose};

/// A login that was started and has not finished.
pub(crate) struct LoginAttempt {
    seed: Zeroizing<[u8; SEED]>,
    /// The browser that started it.
    pub(crate) browser: BrowserBinding,
    /// When the login started; a retry after a refused code is still the same login.
    pub(crate) begun_at: UnixTime,
    pub(crate) asked: Asked,
}

/// What a login asks for: it is checked at the callback, and asked for again by an automatic retry.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Asked {
    /// Where to go after the login: a local path.
    #[serde(rename = "r", default, skip_serializing_if = "String::is_empty")]
    pub(crate) return_to: String,
    /// The scopes that were asked for, separated by spaces: what a token response without `scope` has granted.
    #[serde(rename = "o", default, skip_serializing_if = "String::is_empty")]
    pub(crate) scope: String,
    /// Seconds; asked for in the authorization request and checked in the ID Token.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr_values: Vec<String>,
    /// Methods required of the sign-in, checked in the ID Token.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    /// What is asked for is needed by the page to return to, not just preferred.
    #[serde(rename = "s", default, skip_serializing_if = "is_false")]
    pub(crate) is_step_up: bool,
    /// The only `sub` that may finish it.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) ui_locales: Option<String>,
    /// The login was refused inside the leeway and is tried again, once (ceiling rule 6).
    #[serde(rename = "l", default, skip_serializing_if = "is_false")]
    pub(crate) is_leeway_retry: bool,
    /// The provider refused the login's code and the login is tried again, once.
    #[serde(rename = "c", default, skip_serializing_if = "is_false")]
    pub(crate) is_code_retry: bool,
    /// The browser sent no binding when the login started: logins that started at the same time may have replaced the one it
    /// was given.
    #[serde(rename = "b", default, skip_serializing_if = "is_false")]
    pub(crate) is_first_of_browser: bool,
}

impl LoginAttempt {
    /// A new attempt, with a seed of its own.
    pub(crate) fn new(
        browser: BrowserBinding,
        begun_at: UnixTime,
        asked: Asked,
        random: &dyn Random,
    ) -> Result<Self, RandomUnavailable> {
        Ok(Self { seed: Zeroizing::new(random::bytes(random)?), browser, begun_at, asked })
    }

    pub(crate) fn nonce(&self) -> SecretString {
        SecretString::from(URL_SAFE_NO_PAD.encode(self.derived(b"login attempt nonce").as_slice()))
    }

    pub(crate) fn pkce_verifier(&self) -> SecretString {
        pkce::verifier(&self.derived(b"login attempt pkce verifier"))
    }

    /// The value of `state`.
    pub(crate) fn seal(
        &self,
        keys: &KeyRing,
        owner: &Owner,
        random: &dyn Random,
    ) -> Result<String, RandomUnavailable> {
        let mut content = Zeroizing::new(Vec::with_capacity(128));
        content.extend_from_slice(&*self.seed);
        content.push(self.browser.slot());
        content.extend_from_slice(self.browser.value());
        content.extend_from_slice(&self.begun_at.seconds().to_be_bytes());
        // A structure of strings and numbers: this cannot fail.
        serde_json::to_writer(&mut *content, &self.asked).map_err(|_| RandomUnavailable)?;
        keys.seal(Purpose::LoginAttempt, owner.as_bytes(), &content, random)
    }

    /// Opens a `state`; `None` unless this application sealed it.
    pub(crate) fn open(keys: &KeyRing, owner: &Owner, state: &str) -> Option<Self> {
        if state.len() > LONGEST_STATE {
            return None;
        }
        let content = keys.open(Purpose::LoginAttempt, owner.as_bytes(), state).ok()?;
        let (seed, rest) = content.split_first_chunk::<SEED>()?;
        let (&slot, rest) = rest.split_first()?;
        let (value, rest) = rest.split_first_chunk()?;
        let (begun_at, asked) = rest.split_first_chunk()?;
        Some(Self {
            seed: Zeroizing::new(*seed),
            browser: BrowserBinding::new(slot, *value)?,
            begun_at: UnixTime::from_seconds(i64::from_be_bytes(*begun_at)),
            asked: serde_json::from_slice(asked).ok()?,
        })
    }

    /// The one use of this attempt. `None`: it was used before.
    pub(crate) async fn consume(
        self,
        sessions: &Sessions,
        until: UnixTime,
    ) -> Result<Option<ConsumedAttempt>, StoreError> {
        let first = sessions.remember(&self.used_key(), until).await?;
        Ok(first.then_some(ConsumedAttempt(self)))
    }

    /// Under which the store remembers that this attempt was used.
    pub(crate) fn used_key(&self) -> Id {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"axum-oidc-session used login attempt 2");
        context.update(&*self.seed);
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        Id(i128::from_be_bytes(key))
    }

    /// The handle of the session that this attempt makes: so a callback that comes again knows its session.
    pub(crate) fn handle(&self) -> Handle {
        let mut handle = [0; 16];
        handle.copy_from_slice(&self.derived(b"login attempt session")[..16]);
        Handle::of_attempt(handle)
    }

    fn derived(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut output = Zeroizing::new([0; 32]);
        seal::fill(&seal::extract(&*self.seed), &[label], &mut output);
        output
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

fn is_false(flag: &bool) -> bool {
    !flag
}

const SEED: usize = 32;
/// Of a return_to of 2 KB and the longest parameters there are about 6,000 characters.
const LONGEST_STATE: usize = 8192;
