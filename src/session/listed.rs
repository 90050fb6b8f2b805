//! The sessions of a user, as they are listed.

use super::contract::StoreError;
use super::index::Handle;
use super::sessions::{Backend, Sessions};
use super::summary::Summary;
use crate::clock::UnixTime;

/// One of a user's sessions.
#[derive(Clone, Debug)]
pub(crate) struct ListedSession {
    pub(crate) handle: Handle,
    pub(crate) logged_in_at: UnixTime,
    ordinal: u64,
    pub(crate) last_used_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    pub(crate) device: Option<String>,
}

impl ListedSession {
    /// By age: the oldest is the least. Every node puts sessions in the same order.
    fn age(&self) -> (UnixTime, u64, [u8; 16]) {
        (self.logged_in_at, self.ordinal, self.handle.to_bytes())
    }
}

impl Sessions {
    /// The sessions of `sub` beyond the `most` newest, without `own`, which was just made, and without `leaving`, which is about
    /// to end anyway. By clocks that differ `own` may not be among the newest.
    pub(crate) async fn surplus(
        &self,
        sub: &str,
        (own, leaving): (Handle, Option<Handle>),
        most: usize,
    ) -> Result<Vec<Handle>, StoreError> {
        let mut listed = self.list(sub).await?;
        listed.retain(|session| Some(session.handle) != leaving);
        listed.sort_by_key(ListedSession::age);
        // In the middle of a move a session is found under both its ids.
        listed.dedup_by_key(|session| session.handle);
        let surplus = listed.len().saturating_sub(most);
        let oldest = listed.into_iter().take(surplus).map(|session| session.handle);
        Ok(oldest.filter(|handle| *handle != own).collect())
    }

    /// The live sessions of `sub`, the one that was used last first.
    pub(crate) async fn list(&self, sub: &str) -> Result<Vec<ListedSession>, StoreError> {
        let (keys, now) = (self.indexer.by_sub(sub), self.clock.now());
        let mut listed: Vec<ListedSession> = match &self.backend {
            Backend::Embedded(store) => store
                .find_by(&keys)
                .into_iter()
                .filter(|entry| entry.ended().is_none())
                .map(|entry| {
                    let summary = Summary::of(&entry.state().state, entry.last_used_at());
                    of(summary, entry.deadline(self.limits()).at)
                })
                .collect(),
            Backend::Sealed(sealed) => sealed
                .store()
                .find(&keys, now)
                .await?
                .into_iter()
                .filter_map(|found| {
                    let summary = Summary::open(&self.indexer, &found.id, &found.listing)?;
                    // The store is not believed: what it lists must say itself whose it is.
                    let is_theirs = summary.sub == sub;
                    is_theirs.then(|| of(summary, found.expires_at))
                })
                .collect(),
        };
        listed.retain(|session| now < session.expires_at);
        listed.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
        Ok(listed)
    }
}

fn of(summary: Summary, expires_at: UnixTime) -> ListedSession {
    ListedSession {
        handle: summary.handle,
        logged_in_at: summary.logged_in_at,
        ordinal: summary.ordinal,
        last_used_at: summary.last_used_at,
        expires_at,
        device: summary.device,
    }
}
