//! A session in memory, shared by all requests that use it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::application::ApplicationPart;
use super::contract::{Saved, SessionIndex};
use super::id::SessionCookie;
use super::live_session::RequestNumber;
use super::moment::{Freshness, Moment};
use super::state::SessionState;
use crate::clock::{Clock, UnixTime};
use crate::policy::{Deadline, EffectiveNow, EndReason, Limits, SessionClock, refusal_of_absence};

/// A session as it is held in memory.
///
/// What each request looks at comes first and together: among a million sessions nothing of one is in the processor's caches.
#[repr(C)]
pub(crate) struct Entry {
    state: ArcSwap<Versioned>,
    last_used_at: AtomicI64,
    /// Two for each time that the state was replaced, odd while it is: tells whether it is still the one that was seen.
    replacements: AtomicU64,
    clock: SessionClock,
    end: OnceLock<EndReason>,
    cookie: SessionCookie,
    /// As it is stored.
    index: ArcSwap<SessionIndex>,
    /// The session under its new id.
    successor: OnceLock<Arc<Entry>>,
    /// How long the store is taken to have the session as it is here.
    confirmed: Freshness,
    /// The request in which the application ended the session, or tried to: its response removes the cookies, and no other.
    ended_by: AtomicU64,
    /// Somebody sees to it that a refresh token is revoked that came after the end.
    is_seen_to: AtomicBool,
    /// Made when somebody waits for the end of the session.
    changes: OnceLock<Box<Notify>>,
    /// Also orders commits against the end: whoever changes the session holds it.
    application: Mutex<Arc<ApplicationPart>>,
}

/// The version of a part of a session: 1 when created, one more with each save.
pub(crate) type Version = u64;

/// Under the same limits, a session with the same basis has the same deadline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Basis {
    replacements: u64,
    last_used_at: UnixTime,
}

impl Basis {
    /// Whether a deadline that was computed on the `earlier` basis is that of this one. Not while the state is replaced.
    pub(super) fn is_still(self, earlier: Self) -> bool {
        self == earlier && self.replacements.is_multiple_of(2)
    }

    pub(super) fn last_used_at(self) -> UnixTime {
        self.last_used_at
    }
}

/// A state with its version.
#[repr(C)]
pub(crate) struct Versioned {
    pub(crate) version: Version,
    pub(crate) state: SessionState,
}

impl Entry {
    pub(crate) fn new(
        (cookie, index): (SessionCookie, SessionIndex),
        state: impl Into<Arc<Versioned>>,
        last_used_at: UnixTime,
        application: impl Into<Arc<ApplicationPart>>,
        clock: &dyn Clock,
    ) -> Self {
        Self {
            cookie,
            index: ArcSwap::from_pointee(index),
            state: ArcSwap::new(state.into()),
            last_used_at: AtomicI64::new(last_used_at.seconds()),
            replacements: AtomicU64::new(0),
            clock: SessionClock::loaded_at(clock.now(), clock.monotonic()),
            end: OnceLock::new(),
            successor: OnceLock::new(),
            confirmed: Freshness::default(),
            ended_by: AtomicU64::new(0),
            is_seen_to: AtomicBool::new(false),
            changes: OnceLock::new(),
            application: Mutex::new(application.into()),
        }
    }

    pub(crate) fn cookie(&self) -> &SessionCookie {
        &self.cookie
    }

    pub(crate) fn index(&self) -> SessionIndex {
        **self.index.load()
    }

    pub(crate) fn indexed(&self, index: SessionIndex) {
        self.index.store(Arc::new(index));
    }

    pub(crate) fn state(&self) -> Arc<Versioned> {
        self.state.load_full()
    }

    /// By whoever holds the lock of commits.
    fn replace_state(&self, state: Arc<Versioned>) {
        // Before and after: whoever sees the new state sees an odd count or a later one, and whoever sees an even count sees the state that
        // it stands for, or a newer one.
        self.replacements.fetch_add(1, Ordering::Relaxed);
        self.state.store(state);
        self.replacements.fetch_add(1, Ordering::Release);
    }

    /// What the deadline hangs on: to be read before the state when it is noted, and after it when it is compared.
    pub(super) fn basis(&self) -> Basis {
        let replacements = self.replacements.load(Ordering::Acquire);
        Basis { replacements, last_used_at: self.last_used_at() }
    }

    /// As [`state`](Self::state), to be let go at once.
    pub(super) fn state_now(&self) -> arc_swap::Guard<Arc<Versioned>> {
        self.state.load()
    }

    pub(crate) fn last_used_at(&self) -> UnixTime {
        UnixTime::from_seconds(self.last_used_at.load(Ordering::Relaxed))
    }

    /// Notes a use. A last use in the future, left by a clock that was wrong, is corrected.
    pub(crate) fn touched(&self, now: UnixTime) {
        self.last_used_at.store(now.seconds(), Ordering::Relaxed);
    }

    /// Why the session ended, as far as this process knows.
    pub(crate) fn ended(&self) -> Option<EndReason> {
        self.end.get().copied()
    }

    /// Marks the session as ended; the first reason stays. `true` if this call ended it.
    pub(crate) fn end(&self, reason: EndReason) -> bool {
        let _commit = self.commit();
        let is_first = self.end.set(reason).is_ok();
        self.changed();
        is_first
    }

    /// Wakes whoever waits for a change of the session.
    pub(crate) fn changes(&self) -> &Notify {
        self.changes.get_or_init(Box::default)
    }

    fn changed(&self) {
        if let Some(changes) = self.changes.get() {
            changes.notify_waiters();
        }
    }

    /// The store was asked `at` this moment, and had the session as it is here; that counts for `bound`.
    pub(super) fn confirm(&self, at: Moment, bound: Duration) {
        self.confirmed.confirm(at, bound);
    }

    /// Somebody else has changed the session: the store must be asked before anything more is handed out.
    pub(super) fn in_doubt(&self) {
        self.confirmed.lose();
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.confirmed.is_lost()
    }

    pub(super) fn is_confirmed(&self, clock: &dyn Clock) -> bool {
        self.confirmed.holds(clock)
    }

    pub(crate) fn succeeded_by(&self, entry: &Arc<Self>) {
        // There is one rotation at most: it needs a session that has not ended.
        let _ = self.successor.set(Arc::clone(entry));
    }

    /// Whether the session has given way: to itself under a new id, or to another one.
    pub(crate) fn is_moving(&self) -> bool {
        self.ended() == Some(EndReason::Replaced)
    }

    /// The session that this one became when it moved to a new id.
    pub(crate) fn successor(&self) -> Option<Arc<Self>> {
        self.successor.get().cloned()
    }

    pub(crate) fn note_ended_by(&self, request: RequestNumber) {
        self.ended_by.store(request.number(), Ordering::Relaxed);
    }

    pub(crate) fn note_ended_in_refresh(&self) {
        self.ended_by.store(IN_REFRESH, Ordering::Relaxed);
    }

    /// The session ended in a refresh: the first request that learns of it by its refresh removes the cookie. Another one may
    /// be answered when the browser has a newer session.
    pub(crate) fn claim_end_in_refresh(&self, request: RequestNumber) {
        let (expected, new) = (IN_REFRESH, request.number());
        // Another request was first, or the session ended otherwise.
        let _ = self.ended_by.compare_exchange(expected, new, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// `true` to the first of those who learn of the end while they wait for the same refresh: what it has saved is to be revoked
    /// once.
    pub(crate) fn sees_to_tokens(&self) -> bool {
        !self.is_seen_to.swap(true, Ordering::Relaxed)
    }

    /// Whether this request asked for the end, which a store that failed may not have carried out.
    pub(crate) fn is_ended_by(&self, request: RequestNumber) -> bool {
        self.ended_by.load(Ordering::Relaxed) == request.number()
    }

    /// The time by which this session is judged: a wall clock that was set back does not revive it.
    pub(crate) fn now(&self, clock: &dyn Clock) -> EffectiveNow {
        self.clock.now(clock.now(), clock.monotonic())
    }

    /// Why the session has ended, now that its store has it no longer: what is known of it here, or else its time.
    pub(crate) fn reason_of_absence(&self, limits: &Limits, clock: &dyn Clock) -> EndReason {
        let by_time = || refusal_of_absence(self.deadline(limits), self.now(clock).time()).into();
        self.ended().unwrap_or_else(by_time)
    }

    /// Whether the session has been over for `grace`, by both clocks: a wall clock that is wrong for a while frees nothing.
    pub(crate) fn is_long_over(&self, limits: &Limits, clock: &dyn Clock, grace: Duration) -> bool {
        let wall = clock.now();
        let elapsed = self.clock.now(UnixTime::from_seconds(i64::MIN), clock.monotonic());
        wall.min(elapsed.time()) >= self.deadline(limits).at.saturating_add(grace)
    }

    pub(crate) fn deadline(&self, limits: &Limits) -> Deadline {
        self.state.load().state.deadline(self.last_used_at(), limits)
    }

    pub(crate) fn application(&self) -> Arc<ApplicationPart> {
        Arc::clone(&self.commit())
    }

    /// The versions of both parts.
    pub(crate) fn versions(&self) -> (Version, Version) {
        let commit = self.commit();
        (self.state.load().version, commit.version)
    }

    /// Takes over what the store has, also where it is older or another of the same version: a store may have fallen back to a
    /// state that it had before, or to a master that never had ours. What was saved here since the versions were those `seen` stays.
    pub(crate) fn reset_to(&self, stored: &Self, seen: (Version, Version)) {
        let (state, application) = (stored.state(), stored.application());
        let mut commit = self.commit();
        let current = self.state.load().version;
        let is_same = Arc::ptr_eq(&state, &self.state.load());
        if !is_same && (current == seen.0 || current < state.version) {
            self.replace_state(state);
            self.changed();
        }
        if commit.version == seen.1 || commit.version < application.version {
            *commit = application;
        }
        self.last_used_at.fetch_max(stored.last_used_at().seconds(), Ordering::Relaxed);
        self.index.store(stored.index.load_full());
    }

    /// Takes over what another copy of the same session knows that is newer.
    pub(crate) fn take_over(&self, other: &Self) {
        let mut commit = self.commit();
        if other.state.load().version > self.state.load().version {
            self.replace_state(other.state());
            self.changed();
        }
        let application = other.application();
        if application.version > commit.version {
            *commit = application;
        }
        self.last_used_at.fetch_max(other.last_used_at().seconds(), Ordering::Relaxed);
        self.index.store(other.index.load_full());
    }

    /// Takes over a state that a store has saved as the one after `expected`, unless another request has brought a newer one.
    pub(crate) fn adopt_state(&self, expected: Version, state: SessionState) -> Saved {
        let _commit = self.commit();
        if self.end.get().is_some() {
            return Saved::Gone;
        }
        let version = expected.saturating_add(1);
        if self.state.load().version < version {
            self.replace_state(Arc::new(Versioned { version, state }));
            self.changed();
        }
        Saved::Done
    }

    /// Another state under the same version: the laws let a touch change what this store has in the state.
    #[cfg(test)]
    #[cfg(feature = "test-util")]
    pub(crate) fn change_state_for_laws(
        &self,
        expected: Option<Version>,
        change: impl FnOnce(&SessionState) -> SessionState,
    ) -> Saved {
        let _commit = self.commit();
        let current = self.state.load_full();
        if self.end.get().is_some() {
            return Saved::Gone;
        }
        if expected.is_some_and(|expected| expected != current.version) {
            return Saved::Stale;
        }
        let state = change(&current.state);
        self.replace_state(Arc::new(Versioned { version: current.version, state }));
        Saved::Done
    }

    /// As [`adopt_state`](Self::adopt_state), for application data.
    pub(crate) fn adopt_application(&self, part: ApplicationPart) {
        let mut commit = self.commit();
        if commit.version < part.version {
            *commit = Arc::new(part);
        }
    }

    /// Whether the ceiling was renewed after the last use that the browser's cookies tell of.
    pub(crate) fn is_renewed_since_use(&self) -> bool {
        let versioned = self.state.load();
        let since = versioned.state.ceiling_since;
        since > versioned.state.logged_in_at && since >= self.last_used_at()
    }

    /// Takes over `state` if the session has not ended and is still at version `expected`.
    pub(crate) fn commit_state(&self, expected: Version, state: SessionState) -> Saved {
        let _commit = self.commit();
        if self.end.get().is_some() {
            return Saved::Gone;
        }
        if self.state.load().version != expected {
            return Saved::Stale;
        }
        self.replace_state(Arc::new(Versioned { version: expected.saturating_add(1), state }));
        self.changed();
        Saved::Done
    }

    /// Takes over application data if the session has not ended and its data are still at version `expected`.
    pub(crate) fn commit_application(&self, expected: Version, part: ApplicationPart) -> Saved {
        let mut commit = self.commit();
        if self.end.get().is_some() {
            return Saved::Gone;
        }
        if commit.version != expected {
            return Saved::Stale;
        }
        *commit = Arc::new(part);
        Saved::Done
    }

    fn commit(&self) -> MutexGuard<'_, Arc<ApplicationPart>> {
        self.application.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No request has this number.
const IN_REFRESH: u64 = u64::MAX;

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("ended", &self.ended()).finish_non_exhaustive()
    }
}
