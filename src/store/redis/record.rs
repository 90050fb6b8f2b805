//! A session as a hash.
//!
//! | field | what |
//! |---|---|
//! | `f` | format, `1` |
//! | `a`, `v`, `t` | the auth part, its version, the tag of the call that wrote it |
//! | `p`, `w`, `u` | the same of the application's part; absent while there is none |
//! | `i`, `s` | the index keys (52 bytes) and the summary |
//! | `e` | expiry |
//! | `x` | the second, by the server's clock, to which its index entries are kept |
//!
//! What lacks a field or holds another thing is an error, never an absent session.

use std::collections::HashMap;

use redis::{FromRedisValue as _, Value};
use tower_sessions::session::Id;

use super::error::Fault;
use super::text;
use crate::clock::UnixTime;
use crate::session::contract::{Change, FoundSession, Listing, Part, SealedPart, StoredSession};

/// Fields and values, one after the other.
pub(super) type Fields = Vec<Vec<u8>>;

pub(super) fn of_session(session: &StoredSession) -> Fields {
    let mut fields = vec![b"f".to_vec(), FORMAT.to_vec()];
    push_part(&mut fields, Part::Auth, session.auth.version, &session.auth.content);
    if let Some(part) = &session.application {
        push_part(&mut fields, Part::Application, part.version, &part.content);
    }
    push_listing(&mut fields, &session.listing);
    push(&mut fields, b"e", text::time(session.expires_at));
    fields
}

pub(super) fn of_change(change: &Change<'_>) -> Fields {
    let mut fields = Fields::new();
    push_part(&mut fields, change.part, change.expected.saturating_add(1), change.content);
    if let Some(listing) = change.listing {
        push_listing(&mut fields, listing);
    }
    if let Some(expires_at) = change.expires_at {
        push(&mut fields, b"e", text::time(expires_at));
    }
    fields
}

/// The fields of a part's version and tag.
pub(super) fn names(part: Part) -> (&'static [u8], &'static [u8]) {
    match part {
        Part::Auth => (b"v", b"t"),
        Part::Application => (b"w", b"u"),
    }
}

/// The session in the answer to HGETALL.
pub(super) fn session(id: &Id, answer: Value) -> Result<Option<StoredSession>, Fault> {
    let mut fields =
        HashMap::<Vec<u8>, Vec<u8>>::from_redis_value(answer).map_err(|_| Fault::Foreign)?;
    if fields.is_empty() {
        return Ok(None);
    }
    let mut optional = |name: &[u8]| fields.remove(name);
    let mut field = |name: &[u8]| optional(name).ok_or(Fault::Foreign);
    if field(b"f")? != FORMAT {
        return Err(Fault::Foreign);
    }
    let auth = SealedPart { version: text::parse_version(&field(b"v")?)?, content: field(b"a")? };
    let listing = Listing { index: text::parse_index(&field(b"i")?)?, summary: field(b"s")? };
    let expires_at = text::parse_time(&field(b"e")?)?;
    let application = match (optional(b"w"), optional(b"p")) {
        (Some(version), Some(content)) => {
            Some(SealedPart { version: text::parse_version(&version)?, content })
        }
        (None, None) => None,
        _ => return Err(Fault::Foreign),
    };
    let mut session = StoredSession::new(*id, auth, listing, expires_at);
    session.application = application;
    Ok(Some(session))
}

/// What [`found`] needs to be asked for.
pub(super) const LISTED: [&str; 3] = ["i", "s", "e"];

/// The session in the answer to HMGET of [`LISTED`]; `None` if it is gone.
pub(super) fn found(id: &Id, answer: Value, now: UnixTime) -> Result<Option<FoundSession>, Fault> {
    let Some([index, summary, expires_at]) = all::<3>(answer)? else {
        return Ok(None);
    };
    let expires_at = text::parse_time(&expires_at)?;
    if expires_at <= now {
        return Ok(None);
    }
    let listing = Listing { index: text::parse_index(&index)?, summary };
    Ok(Some(FoundSession { id: *id, listing, expires_at }))
}

/// All `N` values of an answer to HMGET, or `None` if there is none of them.
pub(super) fn all<const N: usize>(answer: Value) -> Result<Option<[Vec<u8>; N]>, Fault> {
    let values = Vec::<Option<Vec<u8>>>::from_redis_value(answer).map_err(|_| Fault::Foreign)?;
    if values.len() == N && values.iter().all(Option::is_none) {
        return Ok(None);
    }
    let values: Option<Vec<Vec<u8>>> = values.into_iter().collect();
    values.and_then(|values| values.try_into().ok()).map(Some).ok_or(Fault::Foreign)
}

fn push_part(fields: &mut Fields, part: Part, version: u64, content: &[u8]) {
    let name: &[u8] = match part {
        Part::Auth => b"a",
        Part::Application => b"p",
    };
    push(fields, name, content);
    push(fields, names(part).0, version.to_string());
}

fn push_listing(fields: &mut Fields, listing: &Listing) {
    push(fields, b"i", text::index(&listing.index));
    push(fields, b"s", &listing.summary);
}

fn push(fields: &mut Fields, name: &[u8], value: impl AsRef<[u8]>) {
    fields.extend([name.to_vec(), value.as_ref().to_vec()]);
}

const FORMAT: &[u8] = b"1";
