//! The end of a session, waited for (ceiling rules 13 and 15).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;

use super::entry::Entry;
use super::sessions::{Backend, Sessions};
use super::watch::Watching;
use crate::policy::EndReason;

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
                Err(reason) => return reason,
            };
            let left = Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1));
            // The wall clock may be set meanwhile.
            select(changed, self.clock.sleep(left.min(LONGEST_NAP))).await;
        }
    }

    /// Whether the session is over, as far as is known without asking: for a response that goes on sending.
    pub(crate) fn is_over(&self, entry: &Arc<Entry>) -> bool {
        self.admit(Arc::clone(entry)).is_err()
    }

    fn watch(&self, entry: &Arc<Entry>) -> Option<Watching> {
        let Backend::Sealed(sealed) = &self.backend else { return None };
        if sealed.store().is_exclusive() {
            return None;
        }
        self.start_services();
        Some(sealed.watched().add(entry.cookie().finder().store_key(), entry))
    }
}

const LONGEST_NAP: Duration = Duration::from_secs(30);
