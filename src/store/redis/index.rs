//! The index: which sessions are under a key.
//!
//! An entry is the id of a session and the second at which it ends by the server's clock. That a session is there, lives, and is
//! under the key only its own hash can tell; entries without are passed over, and freed by the next insert under the
//! same key. They are not removed before they end: an insert may have made its entries and be about to make the session.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use redis::{FromRedisValue as _, cmd};
use tower_sessions::session::Id;

use super::error::Fault;
use super::store::RedisStore;
use super::{lifetime, record, scripts, text};
use crate::clock::UnixTime;
use crate::session::contract::{FoundSession, IndexKey, SessionIndex};

impl RedisStore {
    /// Makes or extends the entries of a session that is kept for `seconds`. To when they are kept at least.
    pub(super) async fn index(
        &self,
        id: &Id,
        index: &SessionIndex,
        seconds: i64,
    ) -> Result<i64, Fault> {
        let arguments = [text::id(id), lifetime::of_index(seconds).to_string()];
        let entries = index.keys().map(|key| {
            let (key, arguments) = ([self.shared().keys.index(&key)], &arguments);
            async move { scripts::INDEX.call(&self.shared().link, &key, arguments).await }
        });
        let mut kept_to = i64::MAX;
        for answer in try_join_all(entries).await? {
            let end = String::from_redis_value(answer).map_err(|_| Fault::Foreign)?;
            let end: f64 = end.parse().map_err(|_| Fault::Foreign)?;
            #[expect(clippy::cast_possible_truncation, reason = "seconds of this age are exact")]
            let end = end as i64;
            kept_to = kept_to.min(end);
        }
        Ok(kept_to)
    }

    /// Removes the entries of a session that is gone, if possible.
    pub(super) async fn unindex(&self, id: &Id, index: &SessionIndex) {
        let id = text::id(id);
        let removals = index.keys().map(|key| {
            let mut command = cmd("ZREM");
            command.arg(self.shared().keys.index(&key)).arg(&id);
            async move { self.shared().link.write(&command).await }
        });
        for outcome in join_all(removals).await {
            if let Err(fault) = outcome {
                tracing::debug!(%fault, "an index entry of an ended session is left to expire");
            }
        }
    }

    pub(super) async fn find_sessions(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, Fault> {
        let link = &self.shared().link;
        let members = keys.iter().map(|key| {
            let mut command = cmd("ZRANGE");
            command.arg(self.shared().keys.index(key)).arg(0).arg(-1);
            async move { link.read(&command).await }
        });
        let mut ids = HashSet::new();
        for answer in try_join_all(members).await? {
            let answer = Vec::<Vec<u8>>::from_redis_value(answer).map_err(|_| Fault::Foreign)?;
            for id in answer {
                ids.insert(text::parse_id(&id)?);
            }
        }
        let sessions = ids
            .into_iter()
            .map(|id| async move { record::found(&id, self.record(&id).await?, now) });
        // Whole records come: not all at once.
        let found: Vec<Option<FoundSession>> =
            stream::iter(sessions).buffer_unordered(AT_ONCE).try_collect().await?;
        let found = found.into_iter().flatten();
        // An entry of a listing that has been replaced leads to a session that is elsewhere now.
        let is_listed = |session: &FoundSession| {
            session.listing.index.keys().iter().any(|key| keys.contains(key))
        };
        Ok(found.filter(is_listed).collect())
    }
}

/// How many records are fetched at a time.
const AT_ONCE: usize = 32;
