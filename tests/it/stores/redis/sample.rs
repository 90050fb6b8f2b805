//! What is stored in these tests.

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::random::{Random as _, SystemRandom};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    Change, IndexKey, Listing, Marker, Part, SealedPart, SessionIndex, StoredSession, Touch,
};

/// The time of these tests: years from the server's clock, and it stands still.
pub(super) const NOW: i64 = 1_893_456_000;

pub(super) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

/// A key prefix for one test.
pub(super) fn prefix() -> String {
    format!("test-{:032x}:", id().0)
}

pub(super) fn id() -> Id {
    Id(i128::from_be_bytes(bytes()))
}

pub(super) fn index_key() -> IndexKey {
    IndexKey(bytes())
}

/// A session of an hour.
pub(super) fn session() -> StoredSession {
    session_until(NOW + 3_600)
}

pub(super) fn session_until(expires_at: i64) -> StoredSession {
    let auth = SealedPart { version: 1, content: vec![0xa5; 1_500] };
    StoredSession::new(id(), auth, listing(), at(expires_at))
}

pub(super) fn listing() -> Listing {
    let index =
        SessionIndex { key_id: *b"key1", session: index_key(), sid: index_key(), sub: index_key() };
    Listing { index, summary: b"summary".to_vec() }
}

/// The next version of the auth part.
pub(super) fn change(expected: u64, content: &[u8]) -> Change {
    Change::new(Part::Auth, expected, content)
}

/// Of a session that was never saved.
pub(super) fn touch(expires_at: i64) -> Touch {
    Touch::new(1, b"touched", at(expires_at))
}

pub(super) fn marker() -> Marker {
    Marker {
        key: index_key(),
        begun_after: at(NOW),
        authenticated_after: at(NOW - 5),
        until: at(NOW + 600),
    }
}

fn bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes).unwrap();
    bytes
}
