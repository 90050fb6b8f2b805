//! Sessions to put into a database file.

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    Change, IndexKey, Listing, Part, SealedPart, SessionIndex, StoredSession, Touch,
};

pub(super) use crate::support::folder::Folder;

pub(super) const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
pub(super) const LATER: UnixTime = UnixTime::from_seconds(1_800_086_400);

pub(super) fn id(number: u64) -> Id {
    Id(i128::from(number))
}

/// The session `number` of 100 users.
pub(super) fn session(number: u64) -> StoredSession {
    let key = |kind: u8, number: u64| {
        let mut key = [kind; 16];
        key[8..].copy_from_slice(&number.to_be_bytes());
        IndexKey(key)
    };
    let index = SessionIndex {
        key_id: *b"key1",
        session: key(1, number),
        sid: key(2, number),
        sub: key(3, number % 100),
    };
    let auth = SealedPart { version: 1, content: vec![7; 1500] };
    StoredSession::new(id(number), auth, Listing { index, summary: vec![9; 80] }, LATER)
}

pub(super) fn touch() -> Touch {
    Touch::new(1, b"touched", LATER)
}

pub(super) fn save_auth(expected: u64, content: &[u8]) -> Change {
    Change::new(Part::Auth, expected, content)
}
