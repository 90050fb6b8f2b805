//! The provider's state, shared by the endpoints and the control handle.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::grant::{Grants, OpSession};
use super::jwt::KeySet;
use super::record::Record;
use super::settings::Settings;
use super::{DevClient, DevUser, Fault};
use crate::clock::{Clock, UnixTime};
use crate::random::{self, Random, RandomUnavailable};

/// One provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    /// Turns true when the provider stops: whoever waits gives up.
    pub(crate) stopped: watch::Sender<bool>,
    inner: Mutex<Inner>,
}

/// What changes; never locked across an await.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) keys: KeySet,
    pub(crate) clients: Vec<Arc<DevClient>>,
    pub(crate) users: Vec<Arc<DevUser>>,
    /// By the value of the provider's own session cookie.
    pub(crate) sessions: HashMap<String, OpSession>,
    pub(crate) grants: Grants,
    pub(crate) record: Record,
}

impl Provider {
    pub(crate) fn new(
        issuer: String,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        inner: Inner,
    ) -> Self {
        let stopped = watch::Sender::new(false);
        Self { issuer, clock, random, stopped, inner: Mutex::new(inner) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// A value that nobody can guess: 256 bits in base64url.
    pub(crate) fn secret_value(&self) -> Result<String, RandomUnavailable> {
        random::base64url::<32>(self.random.as_ref())
    }

    /// `path` (with its leading slash) under the issuer. The issuer's own trailing slash is not doubled.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.trim_end_matches('/'))
    }

    /// The issuer's path without a trailing slash: empty, or `/realms/dev`.
    pub(crate) fn base_path(&self) -> String {
        let path = url::Url::parse(&self.issuer).map(|url| url.path().to_owned());
        path.unwrap_or_default().trim_end_matches('/').to_owned()
    }

    /// The issuer with a trailing slash if it has none, and without if it has one.
    pub(crate) fn issuer_with_other_slash(&self) -> String {
        match self.issuer.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{}/", self.issuer),
        }
    }
}

impl Inner {
    pub(crate) fn client(&self, id: &str) -> Option<Arc<DevClient>> {
        self.clients.iter().find(|client| client.id == id).cloned()
    }

    pub(crate) fn user(&self, sub: &str) -> Option<Arc<DevUser>> {
        self.users.iter().find(|user| user.sub == sub).cloned()
    }

    pub(crate) fn has_fault(&self, fault: Fault) -> bool {
        self.settings.fault == Some(fault)
    }
}
