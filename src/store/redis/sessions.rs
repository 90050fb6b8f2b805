//! Making, reading, changing and ending sessions.
//!
//! | operation | order |
//! |---|---|
//! | insert | index entries, session |
//! | save with another listing | new index entries, session; the old entries end by themselves |
//! | save or touch that lets it live longer than its index entries | index entries, session |
//! | delete | session and event, index entries if possible |
//!
//! A crash in between leaves an index entry without a session, which is no session; never a session without its entries.

use std::collections::HashMap;

use redis::{Cmd, FromRedisValue as _, Value, cmd};
use tower_sessions::session::Id;

use super::error::Fault;
use super::store::RedisStore;
use super::{event, lifetime, record, scripts, text};
use crate::clock::UnixTime;
use crate::session::contract::{
    Change, Inserted, Saved, SessionIndex, StoreEvent, StoredSession, Touch,
};

impl RedisStore {
    pub(super) async fn insert_session(
        &self,
        session: &StoredSession,
        now: UnixTime,
    ) -> Result<Inserted, Fault> {
        let seconds = lifetime::seconds(session.expires_at, now);
        let kept_to = self.index(&session.id, &session.listing.index, seconds).await;
        let kept_to = match kept_to {
            Err(Fault::Full) => return Ok(Inserted::Full),
            kept_to => kept_to?,
        };
        let tag = self.shared().tags.next();
        let mut arguments: Vec<Vec<u8>> =
            [text::time(now), seconds.to_string(), kept_to.to_string(), tag]
                .map(String::into_bytes)
                .into();
        arguments.extend([record::FIELD.as_bytes().to_vec(), record::of_session(session)]);
        let keys = [self.shared().keys.session(&session.id)];
        let answer = match scripts::INSERT.call(&self.shared().link, &keys, &arguments).await {
            Err(Fault::Full) => return Ok(Inserted::Full),
            answer => outcome(answer?)?,
        };
        match answer {
            Outcome::Done => Ok(Inserted::Done),
            Outcome::Exists => Ok(Inserted::Exists),
            Outcome::Late => Err(Fault::Index),
            _ => Err(Fault::Foreign),
        }
    }

    pub(super) async fn fetch_session(
        &self,
        id: &Id,
        now: UnixTime,
    ) -> Result<Option<StoredSession>, Fault> {
        let session = record::session(id, self.record(id).await?)?;
        Ok(session.filter(|session| now < session.expires_at))
    }

    /// The record as it came, nil if the session is gone. A key that has no record is something else, which costs one look more.
    pub(super) async fn record(&self, id: &Id) -> Result<Value, Fault> {
        let (key, link) = (self.shared().keys.session(id), &self.shared().link);
        // The command, the key and the field: three short texts.
        let mut command = Cmd::with_capacity(3, 128);
        command.arg("HGET").arg(&key).arg(record::FIELD);
        match link.read(&command).await? {
            Value::Nil => Box::pin(self.no_record(&key)).await,
            answer => Ok(answer),
        }
    }

    /// One look that says both whether there is anything and what: the session may be made and deleted at any time.
    async fn no_record(&self, key: &str) -> Result<Value, Fault> {
        let fields = self.shared().link.read(cmd("HGETALL").arg(key)).await?;
        let fields = HashMap::<Vec<u8>, Vec<u8>>::from_redis_value(fields);
        let mut fields = fields.map_err(|_| Fault::Foreign)?;
        if fields.is_empty() {
            return Ok(Value::Nil);
        }
        fields.remove(record::FIELD.as_bytes()).map(Value::BulkString).ok_or(Fault::Foreign)
    }

    pub(super) async fn save_part(
        &self,
        id: &Id,
        change: &Change,
        now: UnixTime,
    ) -> Result<Saved, Fault> {
        let seconds = change.expires_at.map(|expires_at| lifetime::seconds(expires_at, now));
        let mut kept_to = match &change.listing {
            Some(listing) => Some(self.index(id, &listing.index, seconds.unwrap_or(0)).await?),
            None => None,
        };
        let (part, tag) = record::names(change.part);
        let shared = self.shared();
        let (keys, own_tag) = ([shared.keys.session(id)], shared.tags.next().into_bytes());
        let message = event::message(&StoreEvent::Changed(*id), &own_tag);
        for _ in 0..ATTEMPTS {
            let mut arguments = vec![
                text::time(now).into_bytes(),
                optional(seconds),
                optional(kept_to),
                part.to_vec(),
                tag.to_vec(),
                text::version(change.expected).into_bytes(),
                own_tag.clone(),
                shared.keys.events().into_bytes(),
                message.clone(),
            ];
            arguments.extend(record::of_change(change));
            let answer = scripts::SAVE.call(&shared.link, &keys, &arguments).await?;
            match outcome(answer)? {
                Outcome::Done => return Ok(Saved::Done),
                Outcome::Stale => return Ok(Saved::Stale),
                Outcome::Gone => return Ok(Saved::Gone),
                Outcome::Index { seconds, index } => {
                    let index = change.listing.as_ref().map_or(index, |listing| listing.index);
                    kept_to = Some(self.index(id, &index, seconds).await?);
                }
                Outcome::Exists | Outcome::Late => return Err(Fault::Foreign),
            }
        }
        Err(Fault::Index)
    }

    pub(super) async fn touch_session(
        &self,
        id: &Id,
        touch: &Touch,
        now: UnixTime,
    ) -> Result<Saved, Fault> {
        let seconds = lifetime::seconds(touch.expires_at, now);
        let keys = [self.shared().keys.session(id)];
        let mut kept_to = None;
        for _ in 0..ATTEMPTS {
            let arguments = [
                text::time(now).into_bytes(),
                optional(Some(seconds)),
                optional(kept_to),
                text::version(touch.expected).into_bytes(),
                touch.summary.to_vec(),
                text::time(touch.expires_at).into_bytes(),
            ];
            let answer = scripts::TOUCH.call(&self.shared().link, &keys, &arguments).await?;
            match outcome(answer)? {
                Outcome::Done => return Ok(Saved::Done),
                Outcome::Stale => return Ok(Saved::Stale),
                Outcome::Gone => return Ok(Saved::Gone),
                Outcome::Index { seconds, index } => {
                    kept_to = Some(self.index(id, &index, seconds).await?);
                }
                _ => return Err(Fault::Foreign),
            }
        }
        Err(Fault::Index)
    }

    pub(super) async fn delete_session(&self, id: &Id) -> Result<(), Fault> {
        let shared = self.shared();
        let tag = shared.tags.next().into_bytes();
        let message = event::message(&StoreEvent::Deleted(*id), &tag);
        let arguments = [shared.keys.events().into_bytes(), message];
        let keys = [shared.keys.session(id)];
        let index = scripts::DELETE.call(&shared.link, &keys, &arguments).await?;
        // The session is gone; what becomes of its entries does not matter to the answer.
        if let Ok(bytes) = Vec::<u8>::from_redis_value(index)
            && let Ok(index) = text::parse_index(&bytes)
        {
            self.unindex(id, &index).await;
        }
        Ok(())
    }
}

/// What a script on a session answers.
enum Outcome {
    Done,
    Exists,
    Stale,
    Gone,
    /// So long after the index entries were made that they do not cover the session. Nothing was changed.
    Late,
    /// Nothing was changed: the entries under `index` must be kept for a session that is kept for `seconds` first.
    Index {
        seconds: i64,
        index: SessionIndex,
    },
}

fn outcome(answer: Value) -> Result<Outcome, Fault> {
    let answer = Vec::<Vec<u8>>::from_redis_value(answer).map_err(|_| Fault::Foreign)?;
    let parts: Vec<&[u8]> = answer.iter().map(Vec::as_slice).collect();
    match parts.as_slice() {
        [b"done"] => Ok(Outcome::Done),
        [b"exists"] => Ok(Outcome::Exists),
        [b"stale"] => Ok(Outcome::Stale),
        [b"gone"] => Ok(Outcome::Gone),
        [b"late"] => Ok(Outcome::Late),
        [b"index", seconds, index] => {
            let seconds = std::str::from_utf8(seconds).ok().and_then(|text| text.parse().ok());
            let seconds = seconds.ok_or(Fault::Foreign)?;
            Ok(Outcome::Index { seconds, index: text::parse_index(index)? })
        }
        _ => Err(Fault::Foreign),
    }
}

fn optional(value: Option<i64>) -> Vec<u8> {
    value.map(|value| value.to_string().into_bytes()).unwrap_or_default()
}

/// One to learn that the index must be extended, one to do it, one for a server that was slow in between.
const ATTEMPTS: usize = 3;
