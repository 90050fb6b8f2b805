//! The end of sessions: one that is at hand, or all that a revocation speaks of.
//!
//! 1. A revocation keeps its markers first, then finds sessions, then deletes them. A login or a move to a new id stores its
//!    session first, then looks for markers: whatever the order, one of them sees the other.
//! 2. A session that was signed out leaves a marker under its handle: it is dead under whatever id it may be moving to.
//! 3. A session that gave way leaves a trace under its old id for ten minutes.
//! 4. One that a login replaced leaves a marker of that, too: it is dead under whatever id it may be moving to. Its tokens are
//!    left alone: some providers revoke with them the grant that the new session lives on.
//! 5. A refresh looks for the markers of a logout once it has saved its tokens: what it saved in between is revoked.

use std::sync::Arc;
use std::time::Duration;

use super::changes::MERGE_ATTEMPTS;
use super::contract::{FoundSession, IndexKey, Saved, StoreError};
use super::entry::Entry;
use super::further_sids::Match;
use super::id::SessionCookie;
use super::index::Handle;
use super::known::Deleting;
use super::lease::Lease;
use super::revocation::{Revocation, is_spared};
use super::sealed::SealedSessions;
use super::sessions::{Backend, Sessions};
use super::summary::Summary;
use crate::policy::EndReason;

/// A session that a revocation ended.
pub(crate) struct Revoked {
    pub(crate) summary: Summary,
    /// If it was in use in this process: there its tokens can be read.
    pub(crate) entry: Option<Arc<Entry>>,
}

impl Sessions {
    /// Ends a session for good: nothing that is in flight brings it back. `true` if this call ended it. What else ended
    /// with it, under another id, is added to `also`, also if the store fails half-way.
    pub(crate) async fn end(
        &self,
        entry: &Arc<Entry>,
        reason: EndReason,
        also: &mut Vec<Revoked>,
    ) -> Result<bool, StoreError> {
        let Backend::Sealed(sealed) = &self.backend else {
            return self.delete(entry, reason).await;
        };
        if reason.is_revocation() {
            let handle = entry.state().state.handle;
            self.end_elsewhere(sealed, handle, Some(entry), reason, also).await?;
        }
        if reason == EndReason::Replaced {
            self.give_way(sealed, entry, None).await?;
            self.close(sealed, entry).await?;
        }
        self.delete(entry, reason).await
    }

    /// As [`end`](Self::end), for a session in whose place a login comes (rule 4).
    pub(crate) async fn replace(
        &self,
        entry: &Arc<Entry>,
        also: &mut Vec<Revoked>,
    ) -> Result<bool, StoreError> {
        self.end_moved(entry.state().state.handle, Some(entry), also).await?;
        self.end(entry, EndReason::Replaced, also).await
    }

    /// Ends a session that has moved to another id than that of `entry`, of which nothing else is known: a login takes its place.
    pub(crate) async fn end_moved(
        &self,
        handle: Handle,
        entry: Option<&Arc<Entry>>,
        ended: &mut Vec<Revoked>,
    ) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(()),
            Backend::Sealed(sealed) => {
                self.end_elsewhere(sealed, handle, entry, EndReason::Replaced, ended).await
            }
        }
    }

    /// Rules 2 and 4, and the end of the session under other ids than that of `entry`.
    async fn end_elsewhere(
        &self,
        sealed: &SealedSessions,
        handle: Handle,
        entry: Option<&Arc<Entry>>,
        reason: EndReason,
        also: &mut Vec<Revoked>,
    ) -> Result<(), StoreError> {
        let replaced = reason == EndReason::Replaced;
        let key = if replaced { handle.replaced_key() } else { handle.key() };
        self.mark(&[Revocation::of_all(vec![key])]).await?;
        if let Some(entry) = entry {
            // A refresh that has saved its tokens by now is seen here; one that saves later sees the marker. Without them the
            // wrong ones would be revoked: a logout can be asked for again. A login leaves them alone.
            let read = self.reload(entry).await;
            if !replaced {
                read?;
            }
        }
        let own = entry.map(|entry| entry.cookie().store_key());
        let mut all = Ok(());
        for found in sealed.store().find(&[handle.key()], self.clock.now()).await? {
            if Some(found.id) != own && !found.listing.summary.is_empty() {
                all = all.and(self.delete_found(sealed, &found, reason, also).await);
            }
        }
        all
    }

    /// Ends a session whose time has come and that the store did not delete. Whoever finds its record again in this process
    /// finds it ended. `true` if this call ended it.
    pub(crate) fn end_undeleted(&self, entry: &Arc<Entry>, reason: EndReason) -> bool {
        let is_first = self.is_over(entry) && entry.end(reason);
        if is_first {
            self.cache.drop_entry(entry);
            self.undeleted.note(entry, self.clock.now());
        }
        is_first
    }

    /// Ends a session in this process at once, whatever its store does: the refresh that runs has shown that it must not go on.
    /// The response of a request that waited for that refresh removes the cookie. `true` if this call ended it.
    pub(crate) fn end_in_refresh(&self, entry: &Arc<Entry>, reason: EndReason) -> bool {
        let is_first = entry.end(reason);
        if is_first {
            entry.note_ended_in_refresh();
            self.cache.drop_entry(entry);
            self.undeleted.note(entry, self.clock.now());
        }
        is_first
    }

    /// Until this is dropped, whoever finds the session gone leaves it to the caller to say why.
    pub(crate) fn ending(&self, entry: &Entry) -> Option<Deleting<'_>> {
        match &self.backend {
            Backend::Embedded(_) => None,
            Backend::Sealed(sealed) => Some(sealed.known().deleting(entry.cookie().store_key())),
        }
    }

    /// Ends a session at its own id only.
    pub(super) async fn delete(
        &self,
        entry: &Arc<Entry>,
        reason: EndReason,
    ) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(store) => {
                let ended = entry.end(reason);
                store.bury(entry, entry.ended().unwrap_or(reason), self.clock.now());
                Ok(ended)
            }
            Backend::Sealed(sealed) => {
                let ended = match reason {
                    EndReason::Replaced => entry.end(reason),
                    _ => {
                        let id = entry.cookie().store_key();
                        sealed.delete(&id, Some(entry), reason).await?
                    }
                };
                self.cache.drop_entry(entry);
                if entry.is_moving() {
                    self.replaced.note(entry, self.clock.now());
                } else {
                    sealed.delete_aliases(&entry.state().state).await;
                }
                Ok(ended)
            }
        }
    }

    /// Rule 3. `false`: the `lease` was over before, and another node may be sending the refresh token; the session is as it was.
    /// Asked after what is replaced was read: whoever sends it saves that first.
    pub(super) async fn give_way(
        &self,
        sealed: &SealedSessions,
        entry: &Arc<Entry>,
        lease: Option<&Lease>,
    ) -> Result<bool, StoreError> {
        for _ in 0..MERGE_ATTEMPTS {
            let kept = self.clock.now().saturating_add(TRACE_KEPT);
            let expires_at = entry.deadline(self.limits()).at.min(kept);
            match sealed.leave_trace(entry, entry.state().version, expires_at).await? {
                Saved::Done | Saved::Gone => return Ok(true),
                Saved::Stale if !sealed.reset(entry).await? => return Ok(true),
                Saved::Stale if lease.is_some_and(|lease| !lease.is_held()) => return Ok(false),
                Saved::Stale => {}
            }
        }
        Err(StoreError::new("the session changes all the time"))
    }

    /// Nothing of the application's is saved to a session that gave way. A save that came in between may have left what a
    /// list shows: that goes, too.
    async fn close(&self, sealed: &SealedSessions, entry: &Entry) -> Result<(), StoreError> {
        let mut part = entry.application();
        for _ in 0..MERGE_ATTEMPTS {
            match sealed.close_application(entry, &part).await? {
                Saved::Done | Saved::Gone => return Ok(()),
                Saved::Stale => match sealed.application_of(entry.cookie()).await? {
                    Some(newer) => part = Arc::new(newer),
                    None => return Ok(()),
                },
            }
        }
        Ok(())
    }

    /// Deletes what a store that gives nothing for this cookie may still hold.
    pub(crate) async fn forget(&self, cookie: &SessionCookie) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(()),
            Backend::Sealed(sealed) => sealed.forget(&cookie.store_key()).await,
        }
    }

    /// Rule 1: ends every session that does not pass. What has ended is added to `ended`, also if the store fails half-way.
    pub(crate) async fn revoke(
        &self,
        revocations: &[Revocation],
        reason: EndReason,
        ended: &mut Vec<Revoked>,
    ) -> Result<(), StoreError> {
        self.start_services();
        self.mark(revocations).await?;
        let keys: Vec<IndexKey> =
            revocations.iter().flat_map(|revocation| revocation.keys.iter().copied()).collect();
        let mut all = Ok(());
        match &self.backend {
            Backend::Embedded(store) => {
                for entry in store.find_by(&keys) {
                    let state = &entry.state().state;
                    let summary = Summary::of(state, entry.last_used_at());
                    let mut keys = entry.index().keys().to_vec();
                    keys.extend(self.further_keys(state));
                    // One that is over ended for its own reason, whoever comes to notice.
                    if self.is_over(&entry) || is_spared(revocations, &keys, Some(&summary)) {
                        continue;
                    }
                    if self.delete(&entry, reason).await? {
                        ended.push(Revoked { summary, entry: Some(entry) });
                    }
                }
            }
            Backend::Sealed(sealed) => {
                for Match { found, keys } in sealed.find_sessions(&keys).await? {
                    let summary = Summary::open(&self.indexer, &found.id, &found.listing);
                    if !is_spared(revocations, &keys, summary.as_ref()) {
                        // One that can't be ended now does not keep the others.
                        all = all.and(self.delete_found(sealed, &found, reason, ended).await);
                    }
                }
            }
        }
        all
    }

    /// Whether the live sessions with this `sid` are all of other users than `sub`. `false` if there is none, and for one whose
    /// user can't be read.
    pub(crate) async fn sid_is_of_others(&self, sid: &str, sub: &str) -> Result<bool, StoreError> {
        let keys = self.indexer.by_sid(sid);
        let users: Vec<Option<String>> = match &self.backend {
            Backend::Embedded(store) => {
                let live = store.find_by(&keys).into_iter().filter(|entry| !self.is_over(entry));
                live.map(|entry| Some(entry.state().state.claims.sub().to_owned())).collect()
            }
            Backend::Sealed(sealed) => {
                let sessions = sealed.find_sessions(&keys).await?.into_iter();
                let summary =
                    |found: &FoundSession| Summary::open(&self.indexer, &found.id, &found.listing);
                sessions.map(|Match { found, .. }| Some(summary(&found)?.sub)).collect()
            }
        };
        let is_other = |user: &Option<String>| user.as_ref().is_some_and(|user| user != sub);
        Ok(!users.is_empty() && users.iter().all(is_other))
    }

    /// Another node may admit from its memory what it has not heard of: until the time is over for which it may.
    pub(crate) async fn wait_for_nodes(&self) {
        if let (Some(wait), Some(_)) = (self.settings.revocation_wait, self.cache.staleness()) {
            self.clock.sleep(wait).await;
        }
    }

    async fn delete_found(
        &self,
        sealed: &SealedSessions,
        found: &FoundSession,
        reason: EndReason,
        ended: &mut Vec<Revoked>,
    ) -> Result<(), StoreError> {
        let _ours = sealed.known().deleting(found.id);
        let entry = sealed.known().find(&found.id);
        if let Some(entry) = &entry {
            // Another node may have rotated the refresh token that is to be revoked.
            self.reload(entry).await?;
        }
        let first = sealed.delete(&found.id, entry.as_ref(), reason).await?;
        let Some(summary) = Summary::open(&self.indexer, &found.id, &found.listing) else {
            return Ok(());
        };
        // In the middle of a move a session is found under both its ids.
        let is_told = ended.iter().any(|earlier| earlier.summary.handle == summary.handle);
        if (first || entry.is_none()) && !is_told {
            ended.push(Revoked { summary, entry });
        }
        Ok(())
    }
}

const TRACE_KEPT: Duration = Duration::from_secs(600);
