//! How the broken store tells of changes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{StoreError, StoreEvent, StoreListener};

use super::breach::Breach;

pub(super) struct BrokenListener {
    pub(super) inner: Box<dyn StoreListener>,
    pub(super) breach: Breach,
    /// Those that this node has saved.
    pub(super) changed: Arc<Mutex<HashSet<Id>>>,
}

impl BrokenListener {
    fn gives(&self, event: &StoreEvent) -> bool {
        match (self.breach, event) {
            (Breach::DeletionsNotHeard, StoreEvent::Deleted(_)) => false,
            (Breach::OtherNodesNotHeard, StoreEvent::Changed(id)) => {
                self.changed.lock().unwrap().contains(id)
            }
            _ => true,
        }
    }
}

#[async_trait]
impl StoreListener for BrokenListener {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        loop {
            let event = self.inner.next().await?;
            if self.breach == Breach::DroppedFutureLoses {
                SystemClock.sleep(Duration::from_millis(5)).await;
            }
            if self.gives(&event) {
                return Ok(event);
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        if self.breach == Breach::CatchUpIsEmpty {
            return Ok(Vec::new());
        }
        let mut events = self.inner.catch_up().await?;
        events.retain(|event| self.gives(event));
        Ok(events)
    }
}
