//! Ends: who tries to end a session, when that is answered, and what is told of it.

use std::time::Duration;

use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::{Event, EventKind};

use super::{End, PUSH_BOUND, SETTLE, Session, Truth, View};
use crate::executor::lock;
use crate::invariants::Invariant::I8;

impl Truth {
    /// Somebody begins to end it: from now on it may be over.
    pub(crate) fn may_end(&self, sid: &str) {
        if let Some(session) = lock(&self.0).sessions.get_mut(sid) {
            session.doubtful = true;
        }
    }

    /// Another login of the same browser comes to its end.
    pub(crate) fn may_be_replaced(&self, sid: &str) {
        if let Some(session) = lock(&self.0).sessions.get_mut(sid) {
            session.doubtful = true;
            session.rivalled = true;
        }
    }

    /// The same of all that a logout token speaks of.
    pub(crate) fn may_end_by(&self, subject: &LogoutSubject) {
        for (sid, sub) in self.sessions() {
            let is_meant = match subject {
                LogoutSubject::Sid(meant) => sid == *meant,
                LogoutSubject::Sub(meant) => sub == *meant,
                _ => true,
            };
            if is_meant {
                self.may_end(&sid);
            }
        }
    }

    /// A logout token by `sub` is under way: it means logins that have not come to their end, too.
    pub(crate) fn begins_to_end(&self, sub: &str) -> usize {
        let mut facts = lock(&self.0);
        facts.meant.push((sub.to_owned(), None));
        facts.meant.len() - 1
    }

    /// It was answered, or its connection is lost. The store may still be at it.
    pub(crate) fn has_come_to_end(&self, number: usize) {
        let mut facts = lock(&self.0);
        facts.meant[number].1 = Some(facts.sim.now() + SETTLE * 2);
    }

    /// The end was answered.
    pub(crate) fn is_ended(&self, sid: &str, view: View) {
        let mut facts = lock(&self.0);
        let end = End { moment: facts.next(), written: facts.written(view) };
        facts.counts.revocations += 1;
        facts.note(format_args!("the end of {sid} is answered"));
        if let Some(session) = facts.sessions.get_mut(sid) {
            session.doubtful = true;
            session.ends.push(end);
        }
    }

    /// A logout token, issued at `issued_at`, was accepted. Logins that began about then may be later by some clock, by `sid` as
    /// by `sub`.
    pub(crate) fn is_ended_by(&self, subject: &LogoutSubject, issued_at: Duration, view: View) {
        let meant: Vec<String> = {
            let mut facts = lock(&self.0);
            // Which login began before is a matter of clocks.
            if facts.clocks_were_wrong() {
                return;
            }
            let end = End { moment: facts.next(), written: facts.written(view) };
            if let LogoutSubject::Sub(sub) = subject {
                facts.revoked_subs.push((sub.clone(), issued_at, end));
            }
            let is_meant = |sid: &String, session: &Session| match subject {
                LogoutSubject::Sid(meant) => sid == meant,
                LogoutSubject::Sub(meant) => session.sub == *meant,
                _ => false,
            };
            let sessions = facts.sessions.iter().filter(|(sid, session)| is_meant(sid, session));
            sessions
                .filter(|(_, session)| session.login.is_surely_before(issued_at))
                .map(|(sid, _)| sid.clone())
                .collect()
        };
        meant.iter().for_each(|sid| self.is_ended(sid, view));
    }

    /// An event of a node's.
    pub(crate) fn told(&self, node: usize, event: &Event) {
        let mut facts = lock(&self.0);
        facts.texts.insert(format!("{event:?}"));
        facts.note(format_args!("event {} {}", event.kind.code(), event.kind.detail()));
        let EventKind::SessionEnded { session, reason, .. } = &event.kind else { return };
        let Some(sid) = &session.sid else { return };
        // A sink that panics is none of the crate's business: the failure is kept.
        let view = View { node, since: facts.sim.now().saturating_sub(PUSH_BOUND) };
        if !facts.is_plausible(sid, *reason, 0, view) {
            let wrong = format!("{sid} ends by {reason:?}");
            facts.wrong.get_or_insert(wrong);
        }
    }

    /// Whether each end that was told was one.
    pub(crate) fn check_told(&self) {
        let facts = lock(&self.0);
        I8.check(facts.wrong.is_none(), || facts.wrong.clone().unwrap_or_default());
    }
}
