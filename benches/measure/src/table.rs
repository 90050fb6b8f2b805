//! A store outside of the process, without the way there: what the layer itself does for a request that asks one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoredSession,
    Touch,
};
use tower_sessions::session::Id;

/// Holds sealed records, and does nothing else.
#[derive(Clone, Debug, Default)]
pub struct Table {
    records: Arc<Mutex<HashMap<Id, StoredSession>>>,
    exclusive: bool,
}

impl Table {
    /// Nobody else changes it: sessions are kept in memory, too.
    pub fn exclusive() -> Self {
        Self { exclusive: true, ..Self::default() }
    }
}

#[async_trait]
impl AuthStore for Table {
    async fn insert(&self, session: &StoredSession, _: UnixTime) -> Result<Inserted, StoreError> {
        self.records.lock().unwrap().insert(session.id, session.clone());
        Ok(Inserted::Done)
    }

    async fn fetch(&self, id: &Id, _: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.records.lock().unwrap().get(id).cloned())
    }

    async fn save_if(&self, _: &Id, _: Change, _: UnixTime) -> Result<Saved, StoreError> {
        Err(not_measured())
    }

    async fn touch(&self, _: &Id, _: Touch, _: UnixTime) -> Result<Saved, StoreError> {
        Err(not_measured())
    }

    async fn remember(&self, _: &Id, _: UnixTime, _: UnixTime) -> Result<bool, StoreError> {
        Err(not_measured())
    }

    async fn find(&self, _: &[IndexKey], _: UnixTime) -> Result<Vec<FoundSession>, StoreError> {
        Err(not_measured())
    }

    async fn mark(&self, _: &[Marker], _: UnixTime) -> Result<(), StoreError> {
        Err(not_measured())
    }

    async fn markers(&self, _: &[IndexKey], _: UnixTime) -> Result<Vec<Marker>, StoreError> {
        Ok(Vec::new())
    }

    async fn lock(&self, _: &Id, _: &Id, _: Duration) -> Result<bool, StoreError> {
        Err(not_measured())
    }

    async fn unlock(&self, _: &Id, _: &Id) -> Result<(), StoreError> {
        Err(not_measured())
    }

    fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        self.records.lock().unwrap().remove(id);
        Ok(())
    }
}

fn not_measured() -> StoreError {
    StoreError::new(NOT_MEASURED)
}

const NOT_MEASURED: &str = "not measured";
