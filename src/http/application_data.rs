//! The application's own data: a `tower_sessions::Session` whose store is a view of one session, for one request.
//!
//! 1. The view shows the application's part only; ours can't be read, forged or wiped through it.
//! 2. It is served from the record that is already loaded.
//! 3. A save merges by key; a save to a session that is gone is an error and makes nothing.
//! 4. `flush` and `delete` are a local logout, at the end of the request or when its client hangs up.
//! 5. `cycle_id` moves the session to a new cookie. `tower_sessions` calls `delete` for it, as for `flush`; which of the two
//!    was meant is known when it creates (a record with another id) or does not.
//!    A flush after `cycle_id`, in one request and of a session that had no data, can't be told from it: the session moves.
//! 6. `set_expiry` can only shorten.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as TowerError, Result as TowerResult};
use tower_sessions::{Expiry, Session, SessionStore};

use super::application_data_error::ApplicationDataError;
use crate::clock::UnixTime;
use crate::events::EventKind;
use crate::flow::end;
use crate::flow::relying_party::RelyingParty;
use crate::flow::rotation;
use crate::policy::EndReason;
use crate::random::{self, RandomUnavailable};
use crate::session::application::{Changes, Data};
use crate::session::confirm::Unconfirmed;
use crate::session::contract::{Saved, StoreError};
use crate::session::entry::Entry;
use crate::session::live_session::LiveSession;

/// One request's view of its session.
pub(crate) struct View {
    rp: Arc<RelyingParty>,
    /// The deadline when the request came: an expiry that is still this one was not set by the application.
    deadline: UnixTime,
    request: Mutex<RequestState>,
}

struct RequestState {
    /// Another one once `cycle_id` has been saved.
    entry: Arc<Entry>,
    /// Stands for the session towards the application, which so learns nothing about the real id.
    id: Id,
    /// What the application's copy was made from; `None`: it was made from nothing, as by `clear`.
    base: Option<Data>,
    deleted: bool,
    /// Deleted, and not for `cycle_id`.
    dead: bool,
    /// The client has hung up: find out what was meant, move nothing.
    probing: bool,
    moved_to: Option<LiveSession>,
    finished: bool,
    error: Option<ApplicationDataError>,
}

/// What the response must carry.
pub(crate) enum Effect {
    Unchanged,
    /// And what was not saved all the same.
    MovedTo(LiveSession, Option<ApplicationDataError>),
    SignedOut,
    /// The store could not end the session, which may live on elsewhere.
    SignedOutHere,
}

impl View {
    pub(crate) fn new(
        rp: &Arc<RelyingParty>,
        live: &LiveSession,
    ) -> Result<Arc<Self>, RandomUnavailable> {
        let request = RequestState {
            entry: Arc::clone(live.entry()),
            id: Id(i128::from_be_bytes(random::bytes(&*rp.config.random)?)),
            base: None,
            deleted: false,
            dead: false,
            probing: false,
            moved_to: None,
            finished: false,
            error: None,
        };
        let deadline = live.entry().deadline(rp.sessions.limits()).at;
        Ok(Arc::new(Self { rp: Arc::clone(rp), deadline, request: Mutex::new(request) }))
    }

    /// The handle that handlers extract.
    pub(crate) fn session(self: &Arc<Self>) -> Session {
        let deadline = OffsetDateTime::from_unix_timestamp(self.deadline.seconds());
        let expiry = deadline.map(Expiry::AtDateTime).ok();
        Session::new(Some(self.request().id), Arc::clone(self), expiry)
    }

    /// Saves what the handler left unsaved and does what it asked for.
    pub(crate) async fn finish(
        self: &Arc<Self>,
        session: &Session,
    ) -> Result<Effect, ApplicationDataError> {
        if session.is_modified() && session.save().await.is_err() {
            // A flush leaves an empty record that is not to be saved.
            let mut request = self.request();
            let error = request.error.take().filter(|_| !request.deleted);
            match (error, &request.moved_to) {
                (Some(error), None) => return Err(error),
                // The browser must have the new cookie, whatever else was not saved.
                (Some(error), Some(_)) => request.error = Some(error),
                (None, _) => {}
            }
        }
        let (deleted, moved_to) = {
            let request = self.request();
            (request.deleted, request.moved_to.clone())
        };
        let effect = match moved_to {
            _ if deleted => match self.log_out().await {
                Ok(true) => Ok(Effect::SignedOut),
                // Another request was faster, and has told the browser.
                Ok(false) => Ok(Effect::Unchanged),
                Err(_) => Ok(Effect::SignedOutHere),
            },
            Some(live) => Ok(Effect::MovedTo(live, self.request().error.take())),
            None => Ok(Effect::Unchanged),
        };
        // Not before: a client that hangs up during the logout does not stop it.
        self.request().finished = true;
        effect
    }

    /// The client hung up: what the handler asked for happens all the same.
    pub(crate) fn abandoned(self: &Arc<Self>, session: &Session) {
        let mut request = self.request();
        if request.deleted && !request.finished {
            request.probing = true;
            let (view, session) = (Arc::clone(self), session.clone());
            self.rp.config.spawn.spawn(Box::pin(async move {
                if session.is_modified() {
                    // A new id that nobody would learn of is not given; the old one stays.
                    let _ = session.save().await;
                }
                let deleted = view.request().deleted;
                if deleted {
                    let _ = view.log_out().await;
                }
            }));
        }
    }

    /// `true` if this call ended the session.
    async fn log_out(&self) -> Result<bool, StoreError> {
        let entry = Arc::clone(&self.request().entry);
        let ended = end::try_end_with_successors(&self.rp, &entry, EndReason::LoggedOut).await;
        ended.map(|ended| ended.first)
    }

    /// A middleware or the handler may have waited: what is handed out or saved is a live session's (ceiling rule 7).
    async fn confirm(&self) -> Result<(), ApplicationDataError> {
        let entry = Arc::clone(&self.request().entry);
        match self.rp.sessions.confirm(&entry).await {
            Ok(_) => Ok(()),
            Err(Unconfirmed::Over(_)) => Err(ApplicationDataError::SessionGone),
            Err(Unconfirmed::Store(error)) => Err(self.unavailable(&error)),
        }
    }

    fn unavailable(&self, error: &StoreError) -> ApplicationDataError {
        self.rp.config.tell_with(EventKind::StoreUnavailable {}, error);
        ApplicationDataError::StoreUnavailable
    }

    fn request(&self) -> MutexGuard<'_, RequestState> {
        self.request.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: ApplicationDataError) -> TowerError {
        self.request().error = Some(error);
        error.into()
    }

    async fn save_record(&self, record: &Record) -> Result<(), ApplicationDataError> {
        let (entry, changes) = {
            let request = self.request();
            if request.deleted || record.id != request.id {
                return Err(ApplicationDataError::SessionGone);
            }
            (Arc::clone(&request.entry), request.changes(&record.data))
        };
        self.confirm().await?;
        let sessions = &self.rp.sessions;
        if !changes.is_empty() {
            let saved = sessions.save_application(&entry, &changes).await;
            match saved.map_err(|error| self.unavailable(&error))? {
                Saved::Done => self.request().base = Some(record.data.clone()),
                Saved::Stale => return Err(ApplicationDataError::Stale),
                Saved::Gone => return Err(ApplicationDataError::SessionGone),
            }
        }
        self.shorten(&entry, record).await
    }

    async fn shorten(&self, entry: &Entry, record: &Record) -> Result<(), ApplicationDataError> {
        let sessions = &self.rp.sessions;
        let expiry = UnixTime::from_seconds(record.expiry_date.unix_timestamp());
        if expiry != self.deadline && expiry < entry.deadline(sessions.limits()).at {
            let shortened = sessions.shorten(entry, expiry).await;
            if !shortened.map_err(|error| self.unavailable(&error))? {
                return Err(ApplicationDataError::SessionGone);
            }
        }
        Ok(())
    }

    async fn move_to(&self, record: &Record) -> Result<(), ApplicationDataError> {
        let (entry, changes) = {
            let request = self.request();
            (Arc::clone(&request.entry), request.changes(&record.data))
        };
        let moved = rotation::rotate(&self.rp, &entry, changes).await;
        let live = moved
            .map_err(|error| self.unavailable(&StoreError::new(error)))?
            .ok_or(ApplicationDataError::SessionGone)?;
        let entry = Arc::clone(live.entry());
        {
            let mut request = self.request();
            request.entry = Arc::clone(&entry);
            request.id = record.id;
            request.base = Some(record.data.clone());
            request.moved_to = Some(live);
        }
        self.shorten(&entry, record).await
    }
}

impl RequestState {
    fn had_data(&self) -> bool {
        let empty = |data: &Data| data.is_empty();
        !self.base.as_ref().map_or_else(|| empty(&self.entry.application().data), empty)
    }

    fn changes(&self, data: &Data) -> Changes {
        match &self.base {
            Some(base) => Changes::between(base, data),
            None => Changes::between(&self.entry.application().data, data),
        }
    }
}

#[async_trait]
impl SessionStore for View {
    async fn create(&self, record: &mut Record) -> TowerResult<()> {
        let may_move = {
            let mut request = self.request();
            // Data that are all gone tell a flush after `cycle_id` from `cycle_id` alone.
            let is_emptied = record.data.is_empty() && request.had_data();
            request.dead |= !request.deleted || record.id == request.id || is_emptied;
            // Whatever becomes of the move, the session was not to end.
            request.deleted &= request.dead;
            !request.dead && !request.probing
        };
        if !may_move {
            return Err(self.fail(ApplicationDataError::SessionGone));
        }
        self.move_to(record).await.map_err(|error| self.fail(error))
    }

    async fn save(&self, record: &Record) -> TowerResult<()> {
        self.save_record(record).await.map_err(|error| self.fail(error))
    }

    async fn load(&self, id: &Id) -> TowerResult<Option<Record>> {
        {
            let mut request = self.request();
            if request.deleted {
                request.dead = true;
                return Ok(None);
            }
            if *id != request.id {
                return Ok(None);
            }
        }
        self.confirm().await.map_err(|error| self.fail(error))?;
        let mut request = self.request();
        let data = request.entry.application().data.clone();
        request.base = Some(data.clone());
        let expiry_date = OffsetDateTime::from_unix_timestamp(self.deadline.seconds())
            .map_err(|error| TowerError::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> TowerResult<()> {
        let mut request = self.request();
        if *id == request.id {
            request.dead |= request.deleted;
            request.deleted = true;
        }
        Ok(())
    }
}

impl fmt::Debug for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApplicationData")
    }
}
