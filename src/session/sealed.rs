//! Sessions over a store that holds sealed records.

use std::sync::Arc;

use super::application::ApplicationPart;
use super::entry::{Entry, Version, Versioned};
use super::id::SessionCookie;
use super::record::{Owner, SealError};
use super::state::SessionState;
use super::store::{AuthStore, Inserted, Part, Saved, SealedPart, StoreError, StoredSession};
use crate::clock::{Clock, UnixTime};
use crate::random::Random;

/// A store together with what seals its records.
#[derive(Debug)]
pub(crate) struct SealedSessions {
    store: Arc<dyn AuthStore>,
    owner: Owner,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl SealedSessions {
    pub(crate) fn new(
        store: Arc<dyn AuthStore>,
        owner: Owner,
        random: Arc<dyn Random>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, owner, random, clock }
    }

    pub(crate) async fn insert(
        &self,
        entry: &Entry,
        expires_at: UnixTime,
    ) -> Result<Inserted, StoreError> {
        let (cookie, state, application) = (entry.cookie(), entry.state(), entry.application());
        let auth = self.owner.seal_state(cookie, &state.state, &*self.random)?;
        let application = match application.version {
            0 => None,
            version => {
                let data = &application.data;
                let content = self.owner.seal_application(cookie, data, &*self.random)?;
                Some(SealedPart { version, content })
            }
        };
        let session = StoredSession {
            id: cookie.finder().store_key(),
            auth: SealedPart { version: state.version, content: auth },
            application,
            last_used_at: entry.last_used_at(),
            expires_at,
        };
        self.store.insert(&session).await
    }

    /// `None`: there is no such session, or what is there is no record of ours.
    pub(crate) async fn fetch(&self, cookie: &SessionCookie) -> Result<Option<Entry>, StoreError> {
        let Some(stored) = self.store.fetch(&cookie.finder().store_key()).await? else {
            return Ok(None);
        };
        let opened = self.owner.open_state(cookie, &stored.auth).and_then(|state| {
            let application = self.owner.open_application(cookie, stored.application.as_ref())?;
            Some((state, application))
        });
        let Some((state, application)) = opened else {
            tracing::warn!(code = "record_not_opened", "a stored session is not a record of ours");
            return Ok(None);
        };
        let state = Versioned { version: stored.auth.version, state };
        let (cookie, clock) = (cookie.clone(), &*self.clock);
        Ok(Some(Entry::new(cookie, state, stored.last_used_at, application, clock)))
    }

    pub(crate) async fn save_state(
        &self,
        cookie: &SessionCookie,
        expected: Version,
        state: &SessionState,
        expires_at: UnixTime,
    ) -> Result<Saved, StoreError> {
        let content = self.owner.seal_state(cookie, state, &*self.random)?;
        let id = cookie.finder().store_key();
        self.store.save_if(&id, Part::Auth, expected, &content, Some(expires_at)).await
    }

    pub(crate) async fn save_application(
        &self,
        cookie: &SessionCookie,
        expected: Version,
        part: &ApplicationPart,
    ) -> Result<Saved, StoreError> {
        let content = self.owner.seal_application(cookie, &part.data, &*self.random)?;
        let id = cookie.finder().store_key();
        self.store.save_if(&id, Part::Application, expected, &content, None).await
    }

    pub(crate) async fn touch(
        &self,
        cookie: &SessionCookie,
        last_used_at: UnixTime,
        expires_at: UnixTime,
    ) -> Result<Saved, StoreError> {
        self.store.touch(&cookie.finder().store_key(), last_used_at, expires_at).await
    }

    pub(crate) async fn delete(&self, cookie: &SessionCookie) -> Result<(), StoreError> {
        Ok(self.store.delete(&cookie.finder().store_key()).await?)
    }

    pub(crate) async fn remember(
        &self,
        key: &tower_sessions::session::Id,
        until: UnixTime,
    ) -> Result<bool, StoreError> {
        self.store.remember(key, until).await
    }
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::new(error)
    }
}
