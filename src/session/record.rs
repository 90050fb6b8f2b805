//! The sealed form of a session.
//!
//! 1. Each part is JSON, sealed with the second half of the cookie ([`seal`]): a store, or whoever steals it,
//!    can open nothing.
//! 2. Associated data: format version, issuer, client id, store key. A record of another version, provider or client, or
//!    one that was moved to another key, does not open, and what does not open is no session (ceiling rule 16).
//! 3. The ceiling is a mandatory field: a state without it does not parse.
//! 4. A session that gave way to itself under a new id, or to another one, leaves a trace under its old id for a while: a
//!    request that is under way on any node learns why it is over, and a logout follows it.

use ring::digest;
use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::application::{ApplicationPart, Data};
use super::contract::SealedPart;
use super::id::SessionCookie;
use super::index::Handle;
use super::state::SessionState;
use crate::random::{Random, RandomUnavailable};
use crate::secret::seal::{self, Purpose};

/// The Relying Party whose records these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner([u8; 32]);

impl Owner {
    pub(crate) fn new(issuer: &str, client_id: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [FORMAT, issuer.as_bytes(), client_id.as_bytes()] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut owner = [0; 32];
        owner.copy_from_slice(context.finish().as_ref());
        Self(owner)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn associated(&self, id: &Id) -> [u8; 48] {
        let mut associated = [0; 48];
        associated[..32].copy_from_slice(&self.0);
        associated[32..].copy_from_slice(&id.0.to_be_bytes());
        associated
    }

    pub(crate) fn seal_state(
        &self,
        cookie: &SessionCookie,
        state: &SessionState,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        self.seal(cookie, Purpose::Session, &serde_json::to_vec(&Borrowed::Live(state))?, random)
    }

    pub(crate) fn seal_trace(
        &self,
        cookie: &SessionCookie,
        handle: Handle,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let trace = serde_json::to_vec(&Borrowed::Moved { handle })?;
        self.seal(cookie, Purpose::Session, &trace, random)
    }

    pub(crate) fn seal_application(
        &self,
        cookie: &SessionCookie,
        data: &Data,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        self.seal(cookie, Purpose::ApplicationData, &serde_json::to_vec(data)?, random)
    }

    /// `None`: not a record of ours.
    pub(crate) fn open_state(&self, cookie: &SessionCookie, part: &SealedPart) -> Option<Content> {
        let content = self.open(cookie, Purpose::Session, part)?;
        serde_json::from_slice(&content).ok()
    }

    /// `None`: not a record of ours.
    pub(crate) fn open_application(
        &self,
        cookie: &SessionCookie,
        part: Option<&SealedPart>,
    ) -> Option<ApplicationPart> {
        let Some(part) = part else { return Some(ApplicationPart::default()) };
        let content = self.open(cookie, Purpose::ApplicationData, part)?;
        let data = serde_json::from_slice(&content).ok()?;
        Some(ApplicationPart { version: part.version, data })
    }

    fn seal(
        &self,
        cookie: &SessionCookie,
        purpose: Purpose,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let associated = self.associated(&cookie.store_key());
        let material = cookie.key_material();
        Ok(seal::seal(material, purpose, &associated, plaintext, random)?)
    }

    fn open(
        &self,
        cookie: &SessionCookie,
        purpose: Purpose,
        part: &SealedPart,
    ) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        let associated = self.associated(&cookie.store_key());
        seal::open(cookie.key_material(), purpose, &associated, &part.content).ok()
    }
}

/// What a record holds.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub(crate) enum Content {
    Live(SessionState),
    /// The session has given way.
    Moved {
        handle: Handle,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Borrowed<'a> {
    Live(&'a SessionState),
    Moved { handle: Handle },
}

/// Why a session could not be sealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    #[error("the session cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Part of every record's associated data: a record of another format does not open.
const FORMAT: &[u8] = b"axum-oidc-session record 3";

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use crate::secret::seal::seal;

    fn sealed_as(owner: &Owner, cookie: &SessionCookie, json: &[u8]) -> SealedPart {
        let content = owner.seal(cookie, Purpose::Session, json, &SystemRandom).unwrap();
        SealedPart { version: 1, content }
    }

    pub(in crate::session) fn state_without(field: Option<&str>) -> Vec<u8> {
        let mut state = serde_json::json!({
            "handle": vec![0_u8; 16],
            "session_expires_at": "none",
            "ceiling_since": 1, "renewal_tried": false, "attempt_begun_at": 1, "logged_in_at": 1,
            "sid": null, "device": null, "claims": {"sub": "ada"},
            "id_token": "x", "id_token_issued_at": 1, "auth_time": null, "shortened_to": null,
            "tokens": {"access_token": "x", "obtained_at": 1, "expires_at": null, "scope": "openid",
                "refresh": "unavailable"},
        });
        if let Some(field) = field {
            state.as_object_mut().unwrap().remove(field);
        }
        serde_json::to_vec(&serde_json::json!({ "live": state })).unwrap()
    }

    /// Of a login that began at 1.
    pub(in crate::session) fn live_state() -> SessionState {
        match serde_json::from_slice(&state_without(None)).unwrap() {
            Content::Live(state) => state,
            Content::Moved { .. } => panic!("not a live session"),
        }
    }

    #[test]
    fn a_record_of_another_issuer_client_or_cookie_is_none() {
        let ours = Owner::new("https://op.example.com", "client");
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let part = sealed_as(&ours, &cookie, &state_without(None));
        assert!(ours.open_state(&cookie, &part).is_some());
        for (issuer, client) in [
            ("https://op.example.com/", "client"),
            ("https://op.example.com", "client2"),
            ("https://op.example.comc", "lient"),
        ] {
            assert!(Owner::new(issuer, client).open_state(&cookie, &part).is_none(), "{issuer}");
        }
        let other = SessionCookie::generate(&SystemRandom).unwrap();
        assert!(ours.open_state(&other, &part).is_none());
    }

    #[test]
    fn a_record_without_its_ceiling_or_of_another_shape_is_none() {
        let owner = Owner::new("https://op.example.com", "client");
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let opens =
            |json: &[u8]| owner.open_state(&cookie, &sealed_as(&owner, &cookie, json)).is_some();
        for field in ["session_expires_at", "logged_in_at", "claims", "tokens"] {
            assert!(!opens(&state_without(Some(field))), "{field}");
        }
        for json in [&b""[..], b"null", b"[]", b"{}", b"\xff"] {
            assert!(!opens(json));
        }
        let null = String::from_utf8(state_without(None)).unwrap().replace("\"none\"", "null");
        assert!(!opens(null.as_bytes()), "a ceiling of null is not \"none\"");
    }

    #[test]
    fn a_record_of_another_format_is_none() {
        let owner = Owner::new("https://op.example.com", "client");
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let mut associated = owner.associated(&cookie.store_key());
        associated[0] ^= 1;
        let material = cookie.key_material();
        let json = state_without(None);
        let content = seal(material, Purpose::Session, &associated, &json, &SystemRandom).unwrap();
        assert!(owner.open_state(&cookie, &SealedPart { version: 1, content }).is_none());
    }
}
