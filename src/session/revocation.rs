//! Which sessions a revocation ends, and the markers that it leaves for those that are not there yet.
//!
//! The numbers are those of the rules in `ending`.

use std::fmt;

use super::contract::{IndexKey, Marker, StoreError};
use super::entry::Entry;
use super::index::{Handle, Indexer};
use super::sessions::{Backend, Sessions};
use super::state::SessionState;
use super::summary::Summary;
use crate::clock::UnixTime;

/// Whose sessions end, and which of them pass (see [`Marker`]).
#[derive(Clone)]
pub(crate) struct Revocation {
    /// What the sessions are found by.
    pub(crate) keys: Vec<IndexKey>,
    /// What the markers for those that are not there yet are kept under: these keys, or narrower ones.
    marked: Vec<IndexKey>,
    /// Only sessions of this `sub` end.
    of_sub: Option<String>,
    pub(crate) begun_after: UnixTime,
    pub(crate) authenticated_after: UnixTime,
}

impl Revocation {
    /// No session under these keys passes.
    pub(crate) fn of_all(keys: Vec<IndexKey>) -> Self {
        let marked = keys.clone();
        let (begun_after, authenticated_after) = (Marker::NEVER, Marker::NEVER);
        Self { keys, marked, of_sub: None, begun_after, authenticated_after }
    }

    /// These sessions, which were found just now. No marker is kept: one that is moving to a new id at this moment may escape.
    pub(crate) fn of_found(handles: impl IntoIterator<Item = Handle>) -> Self {
        let keys = handles.into_iter().map(Handle::key).collect();
        Self { marked: Vec::new(), ..Self::of_all(keys) }
    }

    /// The sessions with this `sid`; another user's, who has the same `sid` for whatever reason, are not meant.
    pub(crate) fn of_user(indexer: &Indexer, sid: &str, sub: &str) -> Self {
        let marked = indexer.by_sid_and_sub(sid, sub);
        Self { marked, of_sub: Some(sub.to_owned()), ..Self::of_all(indexer.by_sid(sid)) }
    }

    /// The same, but for sessions that are later.
    pub(crate) fn but_later(self, begun_after: UnixTime, authenticated_after: UnixTime) -> Self {
        Self { begun_after, authenticated_after, ..self }
    }

    fn markers(&self, until: UnixTime) -> impl Iterator<Item = Marker> {
        self.marked.iter().map(move |key| self.marker(*key, until))
    }

    fn marker(&self, key: IndexKey, until: UnixTime) -> Marker {
        let (begun_after, authenticated_after) = (self.begun_after, self.authenticated_after);
        Marker { key, begun_after, authenticated_after, until }
    }

    /// Whether it speaks of the session that has this index.
    fn is_of(&self, index: &[IndexKey], summary: &Summary) -> bool {
        let is_theirs = self.of_sub.as_ref().is_none_or(|sub| *sub == summary.sub);
        is_theirs && self.keys.iter().any(|key| index.contains(key))
    }
}

/// Whose sessions they are is not shown.
impl fmt::Debug for Revocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Revocation").finish_non_exhaustive()
    }
}

/// What markers say of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Passes,
    Revoked,
    Replaced,
}

impl Sessions {
    pub(super) async fn mark(&self, revocations: &[Revocation]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let longest = self.settings.attempt_lifetime.saturating_add(self.limits().absolute);
        let until = now.saturating_add(longest);
        let markers: Vec<Marker> =
            revocations.iter().flat_map(|revocation| revocation.markers(until)).collect();
        if markers.is_empty() {
            return Ok(());
        }
        self.keep_markers(&markers).await
    }

    pub(super) async fn keep_markers(&self, markers: &[Marker]) -> Result<(), StoreError> {
        let now = self.clock.now();
        match &self.backend {
            Backend::Embedded(store) => {
                store.mark(markers, now);
                Ok(())
            }
            Backend::Sealed(sealed) => sealed.store().mark(markers, now).await,
        }
    }

    pub(super) async fn markers(&self, keys: &[IndexKey]) -> Result<Vec<Marker>, StoreError> {
        let now = self.clock.now();
        match &self.backend {
            Backend::Embedded(store) => Ok(store.markers(keys, now)),
            Backend::Sealed(sealed) => sealed.store().markers(keys, now).await,
        }
    }

    /// Whether a revocation that has been received ends this session (rule 5).
    ///
    /// The embedded store needs no look, but for a `sid` that came with a refresh: there a session that has ended takes nothing
    /// more.
    pub(crate) async fn was_revoked(&self, entry: &Entry) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(_) if entry.state().state.further_sids.is_empty() => Ok(false),
            _ => Ok(self.verdict(entry).await? == Verdict::Revoked),
        }
    }

    /// The keys of the `sid`s that refreshed ID Tokens have had.
    pub(super) fn further_keys(&self, state: &SessionState) -> Vec<IndexKey> {
        state.further_sids.iter().flat_map(|sid| self.indexer.by_sid(sid)).collect()
    }

    /// What the markers say of a session that has just been stored (rules 1, 2 and 4).
    pub(super) async fn verdict(&self, entry: &Entry) -> Result<Verdict, StoreError> {
        let state = entry.state();
        let (state, sub) = (&state.state, state.state.claims.sub());
        let replaced = state.handle.replaced_key();
        let mut keys = vec![replaced, state.handle.key()];
        for sid in state.sids() {
            keys.extend(self.indexer.by_sid(sid));
            keys.extend(self.indexer.by_sid_and_sub(sid, sub));
        }
        if state.sid.is_none() {
            keys.extend(self.indexer.without_sid(sub));
        }
        keys.extend(self.indexer.by_sub(sub));
        let (of_login, of_logout): (Vec<_>, Vec<_>) =
            self.markers(&keys).await?.into_iter().partition(|marker| marker.key == replaced);
        let passes = |marker: &Marker| marker.passes(state.attempt_begun_at, state.auth_time);
        Ok(match () {
            () if !of_logout.iter().all(passes) => Verdict::Revoked,
            () if !of_login.is_empty() => Verdict::Replaced,
            () => Verdict::Passes,
        })
    }
}

/// Whether a session passes every revocation that speaks of it; what can't be read passes none.
pub(super) fn is_spared(
    revocations: &[Revocation],
    index: &[IndexKey],
    summary: Option<&Summary>,
) -> bool {
    let Some(summary) = summary else { return false };
    let passes = |revocation: &Revocation| {
        let marker = revocation.marker(IndexKey([0; 16]), Marker::NEVER);
        marker.passes(summary.attempt_begun_at, summary.auth_time)
    };
    revocations.iter().filter(|revocation| revocation.is_of(index, summary)).all(passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_not_spared() {
        let key = IndexKey([1; 16]);
        let [longest, nobody] =
            [UnixTime::from_seconds(i64::MAX), UnixTime::from_seconds(i64::MIN)];
        for (begun_after, authenticated_after) in [(nobody, nobody), (longest, longest)] {
            let revocation = Revocation::of_all(vec![key]);
            let revocation = revocation.but_later(begun_after, authenticated_after);
            assert!(!is_spared(&[revocation], &[key], None));
        }
    }
}
