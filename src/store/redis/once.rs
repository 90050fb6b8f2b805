//! What happens once, or by one at a time: remembered keys and locks.

use std::time::Duration;

use redis::{FromRedisValue as _, Value};
use tower_sessions::session::Id;

use super::error::Fault;
use super::store::RedisStore;
use super::{lifetime, scripts, text};
use crate::clock::UnixTime;

impl RedisStore {
    pub(super) async fn remember_key(
        &self,
        key: &Id,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<bool, Fault> {
        let shared = self.shared();
        let seconds = lifetime::seconds(until, now).to_string();
        let arguments = [text::time(now), text::time(until), seconds, shared.tags.next()];
        let keys = [shared.keys.remembered(key)];
        yes(scripts::REMEMBER.call(&shared.link, &keys, &arguments).await?)
    }

    pub(super) async fn take_lock(
        &self,
        key: &Id,
        holder: &Id,
        lease: Duration,
    ) -> Result<bool, Fault> {
        let arguments = [text::id(holder), lifetime::milliseconds(lease).to_string()];
        let keys = [self.shared().keys.lock(key)];
        yes(scripts::LOCK.call(&self.shared().link, &keys, &arguments).await?)
    }

    pub(super) async fn release_lock(&self, key: &Id, holder: &Id) -> Result<(), Fault> {
        let keys = [self.shared().keys.lock(key)];
        let arguments = [text::id(holder)];
        scripts::UNLOCK.call(&self.shared().link, &keys, &arguments).await.map(drop)
    }
}

fn yes(answer: Value) -> Result<bool, Fault> {
    match i64::from_redis_value(answer) {
        Ok(0) => Ok(false),
        Ok(1) => Ok(true),
        _ => Err(Fault::Foreign),
    }
}
