//! Refresh tokens: how often each is sent, by whom, and what came of it.

use std::time::Duration;

use axum_oidc_session::clock::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Response;
use serde_json::Value;

use super::cuts::Written;
use super::{Bound, End, Facts, LEEWAY, Login, Session, Truth, View};
use crate::executor::{Owner, lock};
use crate::invariants::Invariant::{I3, I5};
use crate::node::{ABSOLUTE, Mode};
use crate::provider::Network;

pub(super) struct RefreshToken {
    sid: String,
    sends: Vec<SendId>,
}

/// An access token's session, the `session_expiry` that came with it, and whose it was then.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) sid: String,
    pub(super) expiry: Option<i64>,
    pub(super) written: Written,
}

/// One time that a refresh token was sent.
pub(crate) type SendId = usize;

pub(super) struct Send {
    sid: String,
    owner: Owner,
    written: Written,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    UnderWay,
    /// Certainly not processed.
    NotSent,
    /// Processed, perhaps, and the node does not know.
    Lost,
    Answered,
}

impl Truth {
    pub(crate) fn sends_refresh_token(&self, network: &Network, token: &str) -> SendId {
        let now = network.clock.now().seconds();
        let mut facts = lock(&self.0);
        let (moment, at, task) = (facts.next(), facts.sim.now(), facts.sim.current());
        // It was written down before it is sent.
        let view = network.view(at.saturating_sub(ON_ITS_WAY));
        facts.counts.refreshes += 1;
        let Some(record) = facts.refresh_tokens.get(token) else {
            panic!("a refresh token that nobody issued is sent");
        };
        let sid = record.sid.clone();
        if let Some(known) = facts.sessions.get(&sid) {
            let is_alone = matches!(facts.mode, Mode::Memory | Mode::Exclusive);
            let bounds = known.bounds.iter().take(if is_alone { usize::MAX } else { 1 });
            let bound = bounds.map(|bound| bound.ceiling).min().unwrap_or(i64::MAX);
            let end = bound.saturating_sub(LEEWAY).min(known.begun_high + ABSOLUTE);
            I3.check(now < end, || format!("{sid} is refreshed at {now}, its end was {end}"));
            for End { moment: ended, written } in &known.ends {
                let knew = match is_alone {
                    true => true,
                    false => facts.looked.get(&task).is_some_and(|(looked, since)| {
                        looked > ended && facts.knows(network.view(*since), *written)
                    }),
                };
                I3.check(!knew, || format!("{sid} is refreshed after its end was answered"));
            }
        }
        let earlier: Vec<&Send> = record.sends.iter().map(|send| &facts.sends[*send]).collect();
        let sent_again = earlier.iter().any(|send| send.outcome != Outcome::NotSent);
        // The other master knows nothing of those of this one.
        let is_counted =
            |send: &&&Send| send.outcome != Outcome::NotSent && facts.knows(view, send.written);
        let counted: Vec<&&Send> = earlier.iter().filter(is_counted).collect();
        I5.check(counted.len() < 2, || format!("a refresh token of {sid} is sent thrice"));
        if let Some(first) = counted.first() {
            let excused = first.outcome == Outcome::Lost
                || facts.dead.contains(&first.owner)
                // A lease is lost while its holder sleeps. What was on its way then is sent when it wakes.
                || facts.has_slept(first.owner, first.written.at)
                || facts.has_slept(network.owner, at.saturating_sub(ON_ITS_WAY))
                // By a faster clock it was over before the new one was saved.
                || facts.sessions.get(&sid).is_none_or(|known| facts.is_over_by_a_clock(known, view))
                // Its answer could not be saved. The node that has it tries on, and does not send the old one again.
                || first.owner != network.owner && !facts.store_worked_since(first.written.at)
                || facts.turned_since(first.written.at);
            I5.check(excused, || {
                format!("a refresh token of {sid} is sent again, though {:?}", first.outcome)
            });
        }
        let written = facts.written(view);
        let id = facts.sends.len();
        facts
            .note(format_args!("{:?} sends the refresh token of {sid} at {moment}", network.owner));
        facts.sends.push(Send {
            sid: sid.clone(),
            owner: network.owner,
            written,
            outcome: Outcome::UnderWay,
        });
        if let Some(record) = facts.refresh_tokens.get_mut(token) {
            record.sends.push(id);
        }
        if let Some(session) = facts.sessions.get_mut(&sid) {
            session.refreshed.push(written);
            session.refresh_in_doubt |= sent_again;
        }
        id
    }

    /// There was an answer: only one that is not of the token endpoint itself says that nothing was done.
    pub(crate) fn refresh_answered(&self, send: SendId, status: u16) {
        let outcome = match status {
            429 | 500.. => Outcome::NotSent,
            _ => Outcome::Answered,
        };
        lock(&self.0).conclude(send, outcome);
    }

    /// There was none.
    pub(crate) fn refresh_unanswered(&self, send: SendId, processed: bool) {
        let outcome = if processed { Outcome::Lost } else { Outcome::NotSent };
        lock(&self.0).conclude(send, outcome);
    }

    /// The provider has answered: what it issued.
    pub(crate) fn issued(
        &self,
        network: &Network,
        code: Option<&str>,
        sending: Option<SendId>,
        response: &Response<Vec<u8>>,
    ) {
        let Ok(Value::Object(body)) = serde_json::from_slice(response.body()) else { return };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(access), Some(id_token)) = (text("access_token"), text("id_token")) else {
            return;
        };
        let claims = claims(&id_token);
        let claim = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        let expiry = claims["session_expiry"].as_i64();
        let sid = match sending {
            Some(send) => lock(&self.0).sends[send].sid.clone(),
            None => claim("sid"),
        };
        let mut facts = lock(&self.0);
        facts.note(format_args!("tokens for {sid}, session_expiry {expiry:?}"));
        let view = network.view(facts.sim.now());
        let issued = Issued { sid: sid.clone(), expiry, written: facts.written(view) };
        facts.access_tokens.insert(access, issued);
        if let Some(token) = text("refresh_token") {
            let record = RefreshToken { sid: sid.clone(), sends: Vec::new() };
            facts.refresh_tokens.insert(token, record);
        }
        let lowest = expiry.unwrap_or(i64::MAX);
        if let Some(session) = facts.sessions.get_mut(&sid) {
            session.lowest = session.lowest.min(lowest);
        }
        let login = code.and_then(|code| facts.logins.get(code).copied());
        if let Some(login) = login {
            let now = network.clock.now().seconds();
            facts.begins(sid, claim("sub"), login, (lowest, now), view);
        }
    }

    /// Whether the session's refresh token may be lost for a good reason.
    pub(crate) fn is_refresh_in_doubt(&self, sid: &str) -> bool {
        lock(&self.0).sessions.get(sid).is_none_or(|session| session.refresh_in_doubt)
    }
}

impl Facts {
    /// The provider has issued what a session is made of.
    fn begins(
        &mut self,
        sid: String,
        sub: String,
        login: Login,
        (ceiling, now): (i64, i64),
        view: View,
    ) {
        let (since, made) = (self.next(), self.written(view));
        let (begun_low, begun_high) = (self.wall_low(), self.wall_high().max(now));
        let doubtful = self.meant.iter().any(|(meant, until)| {
            *meant == sub && until.is_none_or(|until| login.attempt_at < until)
        });
        // It is dead before it lives.
        let is_meant = |(revoked, issued_at, _): &&(String, Duration, End)| {
            *revoked == sub && login.is_surely_before(*issued_at)
        };
        let ends: Vec<End> =
            self.revoked_subs.iter().filter(is_meant).map(|(.., end)| *end).collect();
        let session = Session {
            sub,
            login,
            made,
            bounds: vec![Bound { since, written: made, ceiling }],
            lowest: ceiling,
            begun_low,
            begun_high,
            confirmed: false,
            doubtful: doubtful || !ends.is_empty(),
            rivalled: false,
            ends,
            last_use: begun_high,
            uses: Vec::new(),
            refreshed: Vec::new(),
            refresh_in_doubt: false,
        };
        self.sessions.insert(sid, session);
    }

    /// Whether its machine fell asleep or woke up after that.
    pub(super) fn has_slept(&self, owner: Owner, after: Duration) -> bool {
        self.slept.iter().any(|(slept, at)| *slept == owner && *at >= after)
    }

    fn conclude(&mut self, send: SendId, outcome: Outcome) {
        self.sends[send].outcome = outcome;
        let sid = self.sends[send].sid.clone();
        self.note(format_args!("the refresh of {sid}: {outcome:?}"));
        if outcome == Outcome::Lost
            && let Some(session) = self.sessions.get_mut(&sid)
        {
            session.refresh_in_doubt = true;
        }
    }

    /// What the dead node had under way, or had not saved yet.
    pub(super) fn doubt_refreshes_of(&mut self, owner: Owner) {
        let now = self.sim.now();
        for send in self.sends.iter_mut().filter(|send| send.owner == owner) {
            let is_settled = send.outcome == Outcome::Answered && now > send.written.at + SAVED;
            let is_saved =
                is_settled && self.store_faults.last().is_none_or(|last| *last < send.written.at);
            if send.outcome == Outcome::UnderWay {
                send.outcome = Outcome::Lost;
            }
            if !is_saved
                && send.outcome != Outcome::NotSent
                && let Some(session) = self.sessions.get_mut(&send.sid)
            {
                session.refresh_in_doubt = true;
            }
        }
    }
}

/// Of a token whose signature is not our business.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// How long a request may be on its way from the check of the lease to the network.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How long the tokens of an answer take to be saved.
const SAVED: Duration = Duration::from_secs(30);
