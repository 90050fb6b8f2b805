//! By what sessions are found without their cookie: keyed hashes that name nobody.
//!
//! | key | of | finds |
//! |---|---|---|
//! | `session` | nothing: it is random, and stays when the session moves to a new id | one session |
//! | `sid` | issuer, client id, `sid`; without a `sid`: issuer, client id, `sub` | the session of a provider's session |
//! | `sub` | issuer, client id, `sub` | all sessions of a user |
//!
//! A session is indexed under the first key of the ring. A revocation speaks of all keys of the ring, so that it meets every
//! session whose key the ring still has; a session whose key is gone is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::contract::{IndexKey, SessionIndex};
use super::record::Owner;
use crate::secret::key_ring::KeyRing;

/// One session, whatever id it has at the time: 128 bits that are derived from the seed of its login attempt.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Handle([u8; 16]);

impl Handle {
    /// That of the session that a login attempt makes.
    pub(super) fn of_attempt(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) fn key(self) -> IndexKey {
        IndexKey(self.0)
    }

    /// What a login leaves a marker under when it takes this session's place. Nothing is found by it.
    pub(super) fn replaced_key(self) -> IndexKey {
        IndexKey(self.0.map(|byte| !byte))
    }

    /// What events call the session: nothing is found by it, and it leads back to nothing.
    pub(crate) fn reference(self) -> String {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"axum-oidc-session reference");
        context.update(&self.0);
        let digest = context.finish();
        digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Handle")
    }
}

/// Makes index keys.
#[derive(Clone, Debug)]
pub(crate) struct Indexer {
    ring: KeyRing,
    owner: Owner,
}

impl Indexer {
    pub(crate) fn new(ring: KeyRing, owner: Owner) -> Self {
        Self { ring, owner }
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The keys of a session.
    pub(crate) fn index(&self, handle: Handle, sub: &str, sid: Option<&str>) -> SessionIndex {
        let first = |kind: &[u8], value: &str| {
            let hash = self.ring.hashes(&[kind, self.owner.as_bytes(), value.as_bytes()]).next();
            IndexKey(hash.unwrap_or_default())
        };
        SessionIndex {
            key_id: self.ring.first(),
            session: handle.key(),
            sid: sid.map_or_else(|| first(NO_SID, sub), |sid| first(SID, sid)),
            sub: first(SUB, sub),
        }
    }

    /// Whether the ring has the key that made these.
    pub(crate) fn knows(&self, index: &SessionIndex) -> bool {
        self.ring.contains(index.key_id)
    }

    /// Whether these were made with the key that new ones are made with.
    pub(crate) fn is_current(&self, index: &SessionIndex) -> bool {
        self.ring.first() == index.key_id
    }

    /// The sessions with this `sid`, under every key.
    pub(crate) fn by_sid(&self, sid: &str) -> Vec<IndexKey> {
        self.all(SID, sid)
    }

    /// The sessions of this user with this `sid`, under every key. Markers are kept under these; no session is found by them.
    pub(crate) fn by_sid_and_sub(&self, sid: &str, sub: &str) -> Vec<IndexKey> {
        let parts = [SID_AND_SUB, self.owner.as_bytes(), sid.as_bytes(), sub.as_bytes()];
        self.ring.hashes(&parts).map(IndexKey).collect()
    }

    /// What leads to a session by a further `sid`: found by that and by the session's handle alone.
    pub(super) fn alias(&self, handle: Handle, sid: &str) -> SessionIndex {
        let value = [handle.to_bytes().as_slice(), sid.as_bytes()].concat();
        let parts = [ALIAS, self.owner.as_bytes(), &value];
        let own = IndexKey(self.ring.hashes(&parts).next().unwrap_or_default());
        SessionIndex { sub: own, ..self.index(handle, "", Some(sid)) }
    }

    /// The sessions of `sub` that have no `sid`, under every key.
    pub(crate) fn without_sid(&self, sub: &str) -> Vec<IndexKey> {
        self.all(NO_SID, sub)
    }

    /// The sessions of `sub`, under every key.
    pub(crate) fn by_sub(&self, sub: &str) -> Vec<IndexKey> {
        self.all(SUB, sub)
    }

    /// A logout token that has been carried out, under every key.
    pub(crate) fn by_jti(&self, jti: &str) -> Vec<IndexKey> {
        self.all(JTI, jti)
    }

    fn all(&self, kind: &[u8], value: &str) -> Vec<IndexKey> {
        let parts = [kind, self.owner.as_bytes(), value.as_bytes()];
        self.ring.hashes(&parts).map(IndexKey).collect()
    }
}

const SID: &[u8] = b"sid";
const NO_SID: &[u8] = b"no sid, sub";
const SID_AND_SUB: &[u8] = b"sid and sub";
const SUB: &[u8] = b"sub";
const ALIAS: &[u8] = b"alias";
const JTI: &[u8] = b"jti";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn indexer(ring: &KeyRing, client: &str) -> Indexer {
        Indexer::new(ring.clone(), Owner::new("https://op.example.com", client))
    }

    #[test]
    fn what_a_session_is_indexed_under_is_what_it_is_found_by() {
        let ring = KeyRing::random(&SystemRandom).unwrap();
        let indexer = indexer(&ring, "client");
        let handle = Handle([7; 16]);
        let with_sid = indexer.index(handle, "ada", Some("s1"));
        let without = indexer.index(handle, "ada", None);
        assert_eq!(indexer.by_sid("s1"), [with_sid.sid]);
        assert_eq!(indexer.without_sid("ada"), [without.sid]);
        assert_eq!(indexer.by_sub("ada"), [with_sid.sub]);
        assert_eq!(with_sid.sub, without.sub);
        assert_eq!(with_sid.session, handle.key());
    }

    #[test]
    fn kinds_values_and_clients_do_not_meet() {
        let ring = KeyRing::random(&SystemRandom).unwrap();
        let (ours, theirs) = (indexer(&ring, "client"), indexer(&ring, "another"));
        let mut all = vec![ours.by_sid("x"), ours.by_sub("x"), ours.without_sid("x")];
        all.extend([ours.by_sid_and_sub("x", "x"), ours.by_sid_and_sub("x", "y")]);
        all.extend([ours.by_jti("x"), ours.by_sid("y"), theirs.by_sid("x"), theirs.by_sub("x")]);
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
