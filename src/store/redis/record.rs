//! A session as a hash.
//!
//! | field | what |
//! |---|---|
//! | `r` | the record: see below |
//! | `t`, `u` | the tag of the call that wrote the auth part, and the application's |
//! | `x` | the second, by the server's clock, to which its index entries are kept |
//!
//! | bytes of `r` | what |
//! |---|---|
//! | 1 | format, `2` |
//! | 2 to 21 | expiry |
//! | 22 to 73 | the index keys |
//! | 74 to 92 | the version of the auth part |
//! | 93 to 111 | the version of the application's part, 0 while there is none |
//! | 112 to 119 | how long the summary is |
//! | 120 to 127 | how long the auth part is |
//! | from 128 | the summary, the auth part, the application's part |
//!
//! One value, since each that is fetched costs client and server a look-up and a parse; a script that changes a part puts the
//! record together anew. A record of another form is an error, never an absent session.

use redis::{FromRedisValue as _, Value};
use tower_sessions::session::Id;

use super::error::Fault;
use super::text;
use crate::clock::UnixTime;
use crate::session::contract::{Change, FoundSession, Listing, Part, SealedPart, StoredSession};

/// The record of a new session.
pub(super) fn of_session(session: &StoredSession) -> Vec<u8> {
    let (listing, auth) = (&session.listing, &session.auth);
    let application = session.application.as_ref();
    let content = application.map_or(&[][..], |part| &part.content);
    let length = HEAD + listing.summary.len() + auth.content.len() + content.len();
    let mut record = Vec::with_capacity(length);
    record.push(FORMAT);
    record.extend(text::time(session.expires_at).bytes());
    record.extend(text::index(&listing.index));
    record.extend(text::version(auth.version).bytes());
    record.extend(text::version(application.map_or(0, |part| part.version)).bytes());
    record.extend(text::length(listing.summary.len()).bytes());
    record.extend(text::length(auth.content.len()).bytes());
    record.extend_from_slice(&listing.summary);
    record.extend_from_slice(&auth.content);
    record.extend_from_slice(content);
    record
}

/// What the script that saves is told of the change, at the end of its arguments.
pub(super) fn of_change(change: &Change) -> [Vec<u8>; 5] {
    let (index, summary) = match &change.listing {
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

/// A part's name in the script that saves, and the field of its tag.
pub(super) fn names(part: Part) -> (&'static [u8], &'static [u8]) {
    match part {
        Part::Auth => (b"a", b"t"),
        Part::Application => (b"p", b"u"),
    }
}

/// The field that holds the record.
pub(super) const FIELD: &str = "r";

/// The session in the answer to HGET of [`FIELD`]; `None` if it is gone.
pub(super) fn session(id: &Id, answer: Value) -> Result<Option<StoredSession>, Fault> {
    let Some(mut bytes) = bytes(answer)? else { return Ok(None) };
    let record = Record::parse(&bytes)?;
    let version = text::parse_version(record.auth.0)?;
    let application = match record.application {
        (NO_VERSION, []) => None,
        (version, content) => {
            let version = text::parse_version(version)?;
            Some(SealedPart { version, content: content.to_vec() })
        }
    };
    let (listing, expires_at) = (record.listing()?, record.expires_at);
    let (begins, length) = (HEAD + record.summary.len(), record.auth.1.len());
    // The longest part stays where it came.
    bytes.truncate(begins + length);
    bytes.drain(..begins);
    let auth = SealedPart { version, content: bytes };
    let mut session = StoredSession::new(*id, auth, listing, expires_at);
    session.application = application;
    Ok(Some(session))
}

/// What a list shows of it.
pub(super) fn found(id: &Id, answer: Value, now: UnixTime) -> Result<Option<FoundSession>, Fault> {
    let Some(bytes) = bytes(answer)? else { return Ok(None) };
    let record = Record::parse(&bytes)?;
    let found =
        || Ok(FoundSession { id: *id, listing: record.listing()?, expires_at: record.expires_at });
    (now < record.expires_at).then(found).transpose()
}

fn bytes(answer: Value) -> Result<Option<Vec<u8>>, Fault> {
    match answer {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes)),
        _ => Err(Fault::Foreign),
    }
}

/// A record, taken apart. Parts come with their versions.
struct Record<'a> {
    expires_at: UnixTime,
    index: &'a [u8],
    summary: &'a [u8],
    auth: (&'a [u8], &'a [u8]),
    application: (&'a [u8], &'a [u8]),
}

impl<'a> Record<'a> {
    fn parse(record: &'a [u8]) -> Result<Self, Fault> {
        let (format, mut rest) = record.split_first().ok_or(Fault::Foreign)?;
        if *format != FORMAT {
            return Err(Fault::Foreign);
        }
        let mut next = |length| {
            let (part, after) = rest.split_at_checked(length).ok_or(Fault::Foreign)?;
            rest = after;
            Ok::<_, Fault>(part)
        };
        let (expires_at, index) = (next(text::TIME)?, next(text::INDEX)?);
        let (auth, application) = (next(text::VERSION)?, next(text::VERSION)?);
        let lengths = (next(text::LENGTH)?, next(text::LENGTH)?);
        let summary = next(text::parse_length(lengths.0)?)?;
        let auth = (auth, next(text::parse_length(lengths.1)?)?);
        let expires_at = text::parse_time(expires_at)?;
        Ok(Self { expires_at, index, summary, auth, application: (application, rest) })
    }

    fn listing(&self) -> Result<Listing, Fault> {
        Ok(Listing { index: text::parse_index(self.index)?, summary: self.summary.to_vec() })
    }
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

const FORMAT: u8 = b'2';
const NO_VERSION: &[u8] = b"0000000000000000000";
/// Bytes before the summary.
const HEAD: usize = 127;
