//! The end of a session, waited for (ceiling rules 13 and 15).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;

use super::confirm::Unconfirmed;
use super::entry::Entry;
use super::sessions::{Backend, Sessions};
use super::watch::Watching;
use crate::policy::EndReason;

/// Whether a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    /// It seems to be idle, and another node may have used it; or it is moving: [`ended`](Sessions::ended) finds out.
    InDoubt,
    Over,
}

impl Sessions {
    /// Returns when the session has ended at this id, with the reason: at its deadline, wherever that has moved by then, or when
    /// somebody ended it. At an idle end the store is asked once whether another node has moved it.
    pub(crate) async fn ended(&self, entry: &Arc<Entry>) -> EndReason {
        let _watching = self.watch(entry);
        loop {
            let mut changed = pin!(entry.changes().notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            let left = match self.admit_again(entry).await {
                Ok(live) => live.deadline().at.seconds_since(entry.now(&*self.clock).time()),
                Err(Unconfirmed::Over(reason)) => return reason,
                // It was asked once.
                Err(Unconfirmed::Store(_)) => return EndReason::IdleLimit,
            };
            let left = Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1));
            // The wall clock may be set meanwhile.
            select(changed, self.clock.sleep(left.min(LONGEST_NAP))).await;
        }
    }

    /// Whether the session is over, as far as is known without asking.
    pub(crate) fn is_over(&self, entry: &Arc<Entry>) -> bool {
        self.admit(Arc::clone(entry)).is_err()
    }

    /// Why the session is over, as far as is known without asking.
    #[cfg(feature = "ws")]
    pub(crate) fn reason(&self, entry: &Arc<Entry>) -> Option<EndReason> {
        self.admit(Arc::clone(entry)).err().map(|(_, reason)| reason)
    }

    /// What is known without asking, for a response that goes on sending.
    pub(crate) fn standing(&self, entry: &Arc<Entry>) -> Standing {
        match self.admit(Arc::clone(entry)) {
            Ok(_) => Standing::Live,
            Err((entry, EndReason::IdleLimit)) if self.is_in_doubt(&entry) => Standing::InDoubt,
            Err(_) => Standing::Over,
        }
    }

    /// Whether another process may use the sessions, too.
    pub(crate) fn is_shared(&self) -> bool {
        match &self.backend {
            Backend::Embedded(_) => false,
            Backend::Sealed(sealed) => !sealed.store().is_exclusive(),
        }
    }

    fn watch(&self, entry: &Arc<Entry>) -> Option<Watching> {
        let Backend::Sealed(sealed) = &self.backend else { return None };
        if !self.is_shared() {
            return None;
        }
        self.start_services();
        Some(sealed.watched().add(entry.cookie().store_key(), entry))
    }
}

const LONGEST_NAP: Duration = Duration::from_secs(30);
