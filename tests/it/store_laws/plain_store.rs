//! A store as tower-sessions knows them: it saves, loads and deletes, and takes its time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::tower_sessions::session::{Id, Record};
use axum_oidc_session::tower_sessions::{SessionStore, session_store};

/// Clones share the records.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlainStore {
    records: Arc<Mutex<HashMap<Id, Record>>>,
    operations: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
    come_with_session: Arc<Mutex<Vec<Record>>>,
    /// Whether `create` is a save, as by default.
    create_overwrites: bool,
}

impl PlainStore {
    pub(super) fn with_default_create() -> Self {
        Self { create_overwrites: true, ..Self::default() }
    }

    pub(super) fn records(&self) -> MutexGuard<'_, HashMap<Id, Record>> {
        self.records.lock().unwrap()
    }

    pub(super) fn operations(&self) -> u64 {
        self.operations.load(Ordering::SeqCst)
    }

    pub(super) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// Another process writes these records just before the next session is written.
    pub(super) fn write_before_next_session(&self, records: Vec<Record>) {
        *self.come_with_session.lock().unwrap() = records;
    }

    async fn ready(&self) -> session_store::Result<()> {
        self.operations.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match self.fails.load(Ordering::SeqCst) {
            true => Err(session_store::Error::Backend("told to fail".to_owned())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl SessionStore for PlainStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.ready().await?;
        let mut records = self.records();
        while !self.create_overwrites && records.contains_key(&record.id) {
            record.id = Id::default();
        }
        records.insert(record.id, record.clone());
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.ready().await?;
        if is_session(record) {
            let come = std::mem::take(&mut *self.come_with_session.lock().unwrap());
            self.records().extend(come.into_iter().map(|record| (record.id, record)));
        }
        self.records().insert(record.id, record.clone());
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.ready().await?;
        let now = SystemClock.now().seconds();
        let is_live = |record: &&Record| now < record.expiry_date.unix_timestamp();
        Ok(self.records().get(id).filter(is_live).cloned())
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.ready().await?;
        self.records().remove(id);
        Ok(())
    }
}

pub(super) fn is_session(record: &Record) -> bool {
    format!("{:?}", record.data).contains("summary")
}
