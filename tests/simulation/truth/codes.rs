//! Authorization codes: one that has led to a live session is not sent again.

use std::time::Duration;

use super::Truth;
use super::cuts::Written;
use crate::executor::{Owner, lock};
use crate::invariants::Invariant::I6;
use crate::provider::Network;

/// Who sent it, and what was known to the store then.
pub(super) type Sender = (Owner, Written);

impl Truth {
    /// A node that nothing excuses sends no code of a live session that it, or another node of its master, has sent: the provider
    /// would revoke what it has brought.
    pub(crate) fn sends_code(&self, network: &Network, code: &str) {
        let sid = self.session_of_code(code);
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        let view = network.view(now.saturating_sub(ON_ITS_WAY));
        let senders = facts.codes.get(code).cloned().unwrap_or_default();
        let is_excused = |(owner, sent): &Sender| {
            facts.dead.contains(owner)
                || facts.has_slept(*owner, sent.at)
                || facts.has_slept(network.owner, now.saturating_sub(ON_ITS_WAY))
                || !facts.knows(view, *sent)
                || !facts.store_worked_since(sent.at)
        };
        let known = sid.as_ref().and_then(|sid| facts.sessions.get(sid));
        let is_live = known.is_some_and(|session| facts.is_surely_live(session, view));
        I6.check(!is_live || senders.iter().all(is_excused), || {
            "a login attempt is used twice".to_owned()
        });
        let written = facts.written(view);
        facts.codes.entry(code.to_owned()).or_default().push((network.owner, written));
        if !senders.is_empty()
            && let Some(session) = sid.and_then(|sid| facts.sessions.get_mut(&sid))
        {
            session.refresh_in_doubt = true;
        }
    }
}

/// How long a request may be on its way from the lease to the network.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
