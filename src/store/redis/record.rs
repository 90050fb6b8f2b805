//! A session as a hash.
//!
//! | field | what |
//! |---|---|
//! | `m` | what is short, one after the other, and the summary: see below |
//! | `a`, `t` | the auth part, the tag of the call that wrote it |
//! | `p`, `u` | the same of the application's part; absent while there is none |
//! | `x` | the second, by the server's clock, to which its index entries are kept |
//!
//! | bytes of `m` | what |
//! |---|---|
//! | 1 | format, `2` |
//! | 2 to 21 | expiry |
//! | 22 to 73 | the index keys |
//! | 74 to 92 | the version of the auth part |
//! | 93 to 111 | the version of the application's part, 0 while there is none |
//! | from 112 | the summary |
//!
//! Each value that is fetched costs client and server a look-up and a parse: three are fetched, not eight. What lacks a field or
//! holds another thing is an error, never an absent session.

use redis::Value;
use tower_sessions::session::Id;

use super::error::Fault;
use super::text;
use crate::clock::UnixTime;
use crate::session::contract::{Change, FoundSession, Listing, Part, SealedPart, StoredSession};

/// Fields and values, one after the other.
pub(super) type Fields = Vec<Vec<u8>>;

pub(super) fn of_session(session: &StoredSession) -> Fields {
    let application = session.application.as_ref();
    let mut main = vec![FORMAT];
    main.extend(text::time(session.expires_at).bytes());
    main.extend(text::index(&session.listing.index));
    main.extend(text::version(session.auth.version).bytes());
    main.extend(text::version(application.map_or(0, |part| part.version)).bytes());
    main.extend_from_slice(&session.listing.summary);
    let mut fields = vec![b"m".to_vec(), main, b"a".to_vec(), session.auth.content.clone()];
    if let Some(part) = application {
        fields.extend([b"p".to_vec(), part.content.clone()]);
    }
    fields
}

/// What the script that saves is told of the change, at the end of its arguments.
pub(super) fn of_change(change: &Change<'_>) -> [Vec<u8>; 5] {
    let (index, summary) = match change.listing {
        Some(listing) => (text::index(&listing.index), listing.summary.clone()),
        None => (Vec::new(), Vec::new()),
    };
    [
        text::version(change.expected.saturating_add(1)).into_bytes(),
        change.content.to_vec(),
        change.expires_at.map(text::time).unwrap_or_default().into_bytes(),
        index,
        summary,
    ]
}

/// The fields of a part and of its tag.
pub(super) fn names(part: Part) -> (&'static [u8], &'static [u8]) {
    match part {
        Part::Auth => (b"a", b"t"),
        Part::Application => (b"p", b"u"),
    }
}

/// What [`session`] needs to be asked for.
pub(super) const FETCHED: [&str; 3] = ["m", "a", "p"];

/// The session in the answer to HMGET of [`FETCHED`]; `None` if it is gone.
pub(super) fn session(id: &Id, answer: Value) -> Result<Option<StoredSession>, Fault> {
    let (main, auth, application) = match values(answer)? {
        [None, None, None] => return Ok(None),
        [Some(main), Some(auth), application] => (main, auth, application),
        _ => return Err(Fault::Foreign),
    };
    let main = Main::parse(&main)?;
    let auth = SealedPart { version: text::parse_version(main.auth_version)?, content: auth };
    let application = match (main.application_version, application) {
        (NO_VERSION, None) => None,
        (version, Some(content)) => {
            Some(SealedPart { version: text::parse_version(version)?, content })
        }
        _ => return Err(Fault::Foreign),
    };
    let mut session = StoredSession::new(*id, auth, main.listing, main.expires_at);
    session.application = application;
    Ok(Some(session))
}

/// What [`found`] needs to be asked for: every session has a tag.
pub(super) const LISTED: [&str; 2] = ["m", "t"];

/// The session in the answer to HMGET of [`LISTED`]; `None` if it is gone.
pub(super) fn found(id: &Id, answer: Value, now: UnixTime) -> Result<Option<FoundSession>, Fault> {
    let Some([main, _]) = all(answer)? else { return Ok(None) };
    let Main { listing, expires_at, .. } = Main::parse(&main)?;
    Ok((now < expires_at).then_some(FoundSession { id: *id, listing, expires_at }))
}

/// The field `m`.
struct Main<'a> {
    expires_at: UnixTime,
    listing: Listing,
    auth_version: &'a [u8],
    application_version: &'a [u8],
}

impl<'a> Main<'a> {
    fn parse(main: &'a [u8]) -> Result<Self, Fault> {
        let (format, rest) = main.split_first().ok_or(Fault::Foreign)?;
        let split = |bytes: &'a [u8], at| bytes.split_at_checked(at).ok_or(Fault::Foreign);
        let (expires_at, rest) = split(rest, text::TIME)?;
        let (index, rest) = split(rest, text::INDEX)?;
        let (auth_version, rest) = split(rest, text::VERSION)?;
        let (application_version, summary) = split(rest, text::VERSION)?;
        if *format != FORMAT {
            return Err(Fault::Foreign);
        }
        let listing = Listing { index: text::parse_index(index)?, summary: summary.to_vec() };
        let expires_at = text::parse_time(expires_at)?;
        Ok(Self { expires_at, listing, auth_version, application_version })
    }
}

/// The values of an answer to HMGET, as they came.
fn values<const N: usize>(answer: Value) -> Result<[Option<Vec<u8>>; N], Fault> {
    let Value::Array(values) = answer else { return Err(Fault::Foreign) };
    let values: Result<Vec<_>, _> = values
        .into_iter()
        .map(|value| match value {
            Value::BulkString(bytes) => Ok(Some(bytes)),
            Value::Nil => Ok(None),
            _ => Err(Fault::Foreign),
        })
        .collect();
    values?.try_into().map_err(|_| Fault::Foreign)
}

/// All `N` values of an answer to HMGET, or `None` if there is none of them.
pub(super) fn all<const N: usize>(answer: Value) -> Result<Option<[Vec<u8>; N]>, Fault> {
    let values: [_; N] = values(answer)?;
    if values.iter().all(Option::is_none) {
        return Ok(None);
    }
    let values: Option<Vec<Vec<u8>>> = values.into_iter().collect();
    values.and_then(|values| values.try_into().ok()).map(Some).ok_or(Fault::Foreign)
}

const FORMAT: u8 = b'2';
const NO_VERSION: &[u8] = b"0000000000000000000";
