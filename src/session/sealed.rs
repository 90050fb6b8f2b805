//! Sessions over a store that holds sealed records: made, loaded and deleted here; what changes is in `writes`.

mod writes;

use std::sync::Arc;
use std::time::Duration;

use tower_sessions::session::Id;

use super::contract::{AuthStore, Inserted, SealedPart, StoreError, StoredSession};
use super::entry::{Entry, Versioned};
use super::id::SessionCookie;
use super::index::{Handle, Indexer};
use super::known::Known;
use super::live_cache::{Generation, LiveCache};
use super::moment::Moment;
use super::opened::{self, OpenedSessions};
use super::record::{Content, SealError};
use super::summary::Summary;
use super::unanswered::Unanswered;
use super::watch::Watched;
use super::watch_service;
use crate::clock::{Clock, UnixTime};
use crate::policy::{EndReason, Limits};
use crate::random::Random;

/// A store together with what seals its records, and the sessions that are in use in this process.
#[derive(Debug)]
pub(crate) struct SealedSessions {
    store: Arc<dyn AuthStore>,
    indexer: Indexer,
    limits: Limits,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    known: Known,
    cache: Arc<LiveCache>,
    opened: OpenedSessions,
    watched: Arc<Watched>,
}

/// What a store has under a cookie.
pub(crate) enum Fetched {
    Found(Arc<Entry>),
    /// The trace of a session that gave way.
    Moved(Handle),
    /// Something that is no record of ours: of another format or key, or damaged.
    Foreign,
    Nothing,
}

impl SealedSessions {
    pub(crate) fn new(
        store: Arc<dyn AuthStore>,
        indexer: Indexer,
        limits: Limits,
        (random, clock): (Arc<dyn Random>, Arc<dyn Clock>),
        (cache, opened): (Arc<LiveCache>, OpenedSessions),
    ) -> Self {
        let (known, watched) = (Known::default(), Arc::default());
        Self { store, indexer, limits, random, clock, known, cache, opened, watched }
    }

    pub(crate) fn store(&self) -> &Arc<dyn AuthStore> {
        &self.store
    }

    pub(super) fn indexer(&self) -> &Indexer {
        &self.indexer
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(super) fn watched(&self) -> &Arc<Watched> {
        &self.watched
    }

    pub(super) fn opened(&self) -> &OpenedSessions {
        &self.opened
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    pub(crate) async fn insert(
        &self,
        entry: &Arc<Entry>,
        expires_at: UnixTime,
    ) -> Result<Inserted, StoreError> {
        let (cookie, state, application) = (entry.cookie(), entry.state(), entry.application());
        let id = cookie.store_key();
        let owner = self.indexer.owner();
        let auth = owner.seal_state(cookie, &state.state, &*self.random)?;
        let application = match application.version {
            0 => None,
            version => {
                let data = &application.data;
                let content = owner.seal_application(cookie, data, &*self.random)?;
                Some(SealedPart { version, content })
            }
        };
        let summary = Summary::of(&state.state, entry.last_used_at());
        let session = StoredSession {
            id,
            auth: SealedPart { version: state.version, content: auth },
            application,
            listing: summary.listing(&self.indexer, &id, &*self.random)?,
            expires_at,
        };
        let (before, (asked_at, bound)) = (self.cache.generation(&id), self.asked_now());
        let inserted = self.store.insert(&session, self.clock.now()).await?;
        if inserted == Inserted::Done {
            entry.confirm(asked_at, bound);
            self.known.note(id, entry);
            if before != self.cache.generation(&id) {
                // An event came before there was an entry to find.
                entry.in_doubt();
            }
        }
        Ok(inserted)
    }

    /// What the store has under this cookie now. A session that is in use already is brought up to date, not doubled. One that
    /// has changed or ended since the store was asked is loaded again (ceiling rule 7).
    pub(crate) async fn fetch(&self, cookie: &SessionCookie) -> Result<Fetched, StoreError> {
        self.fetch_under(cookie.store_key(), cookie).await
    }

    /// As [`fetch`](Self::fetch), with the key of the cookie.
    pub(crate) async fn fetch_under(
        &self,
        id: Id,
        cookie: &SessionCookie,
    ) -> Result<Fetched, StoreError> {
        for _ in 0..LOADS {
            let (before, asked_at) = (self.cache.generation(&id), self.asked_now());
            let seen = self.known.versions(&id);
            let Some(stored) = self.ask(&id).await? else {
                self.opened.forget(&id);
                self.deleted_elsewhere(&id);
                return Ok(Fetched::Nothing);
            };
            let is_current = || before == self.cache.generation(&id);
            match self.open(cookie, stored, Some(before)) {
                Some(Opened::Live(loaded)) => {
                    if let Some(entry) = self.known.meet(id, loaded, seen, asked_at, is_current) {
                        return Ok(Fetched::Found(entry));
                    }
                }
                Some(Opened::Moved(handle)) => {
                    self.known.end(&id, EndReason::Replaced);
                    return Ok(Fetched::Moved(handle));
                }
                None => {
                    let code = "record_not_opened";
                    tracing::warn!(code, "a stored session is not a record of ours");
                    return Ok(Fetched::Foreign);
                }
            }
        }
        Err(StoreError::new("the session changes all the time"))
    }

    /// When the store is asked, and how long its answer counts.
    fn asked_now(&self) -> (Moment, Duration) {
        (Moment::now(&*self.clock), watch_service::look_interval(self.cache.watch_bound()))
    }

    /// The record under this key. A store that answers with another one is unusable; the session is not gone.
    pub(super) async fn ask(&self, id: &Id) -> Result<Option<StoredSession>, StoreError> {
        match self.store.fetch(id, self.clock.now()).await? {
            Some(stored) if stored.id != *id => {
                Err(StoreError::new("the store answered with the record of another key"))
            }
            stored => Ok(stored),
        }
    }

    /// After a save that was stale: makes the entry what the store has, older or newer. `false`: the store has no such session
    /// any more.
    pub(crate) async fn reset(&self, entry: &Entry) -> Result<bool, StoreError> {
        let cookie = entry.cookie();
        let (id, seen) = (cookie.store_key(), entry.versions());
        let Some(stored) = self.ask(&id).await? else {
            self.opened.forget(&id);
            self.known.end(&id, self.reason_of_absence(entry));
            return Ok(false);
        };
        match self.open(cookie, stored, None) {
            Some(Opened::Live(stored)) => {
                entry.reset_to(&stored, seen);
                Ok(true)
            }
            Some(Opened::Moved(_)) => {
                self.known.end(&id, EndReason::Replaced);
                Ok(false)
            }
            None => Ok(false),
        }
    }

    /// Another node has deleted the session: whoever uses it here is told.
    pub(crate) fn deleted_elsewhere(&self, id: &Id) -> Option<Arc<Entry>> {
        let entry = self.known.find(id)?;
        self.known.end(id, self.reason_of_absence(&entry))
    }

    fn reason_of_absence(&self, entry: &Entry) -> EndReason {
        entry.reason_of_absence(&self.limits, &*self.clock)
    }

    /// `before`: the session's events when the store was asked. What has changed since is not kept opened, and neither is
    /// what gave way or does not open.
    fn open(
        &self,
        cookie: &SessionCookie,
        stored: StoredSession,
        before: Option<Generation>,
    ) -> Option<Opened> {
        let id = stored.id;
        let opened = self.open_record(cookie, stored);
        let is_current = before.is_none_or(|before| before == self.cache.generation(&id));
        if !is_current || !matches!(opened, Some(Opened::Live(_))) {
            self.opened.forget(&id);
        }
        opened
    }

    fn open_record(&self, cookie: &SessionCookie, stored: StoredSession) -> Option<Opened> {
        if !self.indexer.knows(&stored.listing.index) {
            // No revocation would find it.
            return None;
        }
        if let Some(content) = self.opened.find(cookie, &stored) {
            return Some(Opened::Live(content.load(&*self.clock)));
        }
        let owner = self.indexer.owner();
        let state = match owner.open_state(cookie, &stored.auth)? {
            Content::Live(state) => state,
            Content::Moved { handle } => return Some(Opened::Moved(handle)),
        };
        let application = owner.open_application(cookie, stored.application.as_ref())?;
        let last_used_at = Summary::open(&self.indexer, &stored.id, &stored.listing)?.last_used_at;
        let content = opened::Content {
            cookie: cookie.clone(),
            index: stored.listing.index,
            state: Arc::new(Versioned { version: stored.auth.version, state }),
            application: Arc::new(application),
            last_used_at,
        };
        self.opened.keep(stored, &content);
        Some(Opened::Live(content.load(&*self.clock)))
    }

    /// Deletes what the store has under `id`, and ends the session for those who use it here. `true` if this call ended it.
    pub(crate) async fn delete(
        &self,
        id: &Id,
        entry: Option<&Arc<Entry>>,
        reason: EndReason,
    ) -> Result<bool, StoreError> {
        self.delete_as(id, entry, |_| reason).await
    }

    /// Deletes what a store that gives nothing under `id` may still hold; whoever uses the session here is told why it is gone.
    pub(crate) async fn forget(&self, id: &Id) -> Result<(), StoreError> {
        self.delete_as(id, None, |entry| self.reason_of_absence(entry)).await.map(drop)
    }

    async fn delete_as(
        &self,
        id: &Id,
        entry: Option<&Arc<Entry>>,
        reason: impl FnOnce(&Entry) -> EndReason,
    ) -> Result<bool, StoreError> {
        let _deleting = self.known.deleting(*id);
        // Before the answer, which may be lost, and after it, for whoever was loading the session meanwhile.
        let for_now = || self.unanswered(*id, entry.map(Arc::as_ref));
        drop(for_now());
        let unanswered = for_now();
        let deleted = self.store.delete(id).await;
        drop(unanswered);
        deleted?;
        self.opened.forget(id);
        // The generation is another one by now: who loads the session from here on loads it again.
        let loaded = self.known.find(id);
        let Some(ended) = entry.or(loaded.as_ref()) else { return Ok(false) };
        let reason = reason(ended);
        let is_first = ended.end(reason);
        if let Some(loaded) = &loaded {
            loaded.end(reason);
        }
        Ok(is_first)
    }

    fn unanswered<'a>(&'a self, id: Id, entry: Option<&'a Entry>) -> Unanswered<'a> {
        Unanswered { cache: &self.cache, known: &self.known, id, entry, stays: false }
    }
}

/// Another `OidcAuth` may have the store for itself now.
impl Drop for SealedSessions {
    fn drop(&mut self) {
        if self.store.is_exclusive() {
            self.store.release();
        }
    }
}

/// How often a session is loaded that others change in the meantime.
const LOADS: usize = 16;

#[expect(clippy::large_enum_variant, reason = "it lives for one call; a box would cost each load")]
enum Opened {
    Live(Entry),
    Moved(Handle),
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::new(error)
    }
}
