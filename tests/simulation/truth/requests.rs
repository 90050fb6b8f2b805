//! Requests: who is served, who is refused.

use std::time::Duration;

use axum_oidc_session::clock::Clock as _;
use axum_oidc_session::{AccessToken, AuthSession, EndReason};

use super::{ABSOLUTE, Facts, IDLE, LEEWAY, Moment, Session, Truth, sid};
use crate::executor::lock;
use crate::invariants::Invariant::{I1, I2, I4, I6, I7, I8};
use crate::node::Mode;
use crate::ports::NodeClock;

/// What is known of a request when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) browser: usize,
    /// The session cookie that it carries.
    pub(crate) cookie: Option<String>,
    pub(crate) has_marker: bool,
    pub(crate) began: Moment,
    pub(crate) began_at: Duration,
}

/// What a refusal says.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) reason: String,
}

impl Truth {
    /// A request begins or ends: in between it may count as a use, whatever comes of it.
    pub(crate) fn may_use(&self, asked: &Asked) {
        let mut facts = lock(&self.0);
        let high = facts.wall_high();
        let Some(sid) = asked.cookie.as_ref().and_then(|cookie| facts.cookies.get(cookie)) else {
            return;
        };
        let (sid, began) = (sid.clone(), super::wall_at(asked.began_at, facts.fastest));
        let nobody_knows = facts.clocks_were_wrong();
        if let Some(session) = facts.sessions.get_mut(&sid)
            && (nobody_knows || began < session.last_use + IDLE)
        {
            session.last_use = session.last_use.max(high);
        }
    }

    /// A handler runs.
    pub(crate) fn served(&self, clock: &NodeClock, asked: &Asked, session: &AuthSession) {
        let (sid, now) = (sid(session), clock.now().seconds());
        let mut facts = lock(&self.0);
        facts.counts.served += 1;
        let (moment, at) = (facts.next(), facts.sim.now());
        facts.note(format_args!("served: {sid} until {}", session.expires_at().seconds()));
        let known = facts.sessions.get(&sid);
        I6.check(known.is_some(), || format!("{sid} is of no login"));
        let Some(known) = known else { return };
        I6.check(known.login.browser == asked.browser, || {
            format!("{sid} of browser {} is used by {}", known.login.browser, asked.browser)
        });
        if let Some(other) = asked.cookie.as_ref().and_then(|cookie| facts.cookies.get(cookie)) {
            I6.check(*other == sid, || format!("the cookie of {other} leads to {sid}"));
        }
        facts.check_revoked(known, &sid, asked);
        facts.check_used(known, &sid);
        let bound = known.bound_for(asked, facts.mode);
        let ends = session.expires_at().seconds();
        I1.check(now < ends, || format!("{sid} is served at {now}, its end is {ends}"));
        I1.check(ends <= bound.saturating_sub(LEEWAY), || {
            format!("{sid} ends at {ends}, the provider says {bound}")
        });
        I1.check(ends <= known.begun_high + ABSOLUTE, || format!("{sid} ends at {ends}"));
        // This request, and others that are under way, may have been noted as uses.
        I1.check(ends <= known.last_use.max(facts.wall_high()) + IDLE, || {
            format!("{sid} ends at {ends}, it was last used at {}", known.last_use)
        });
        I1.check(now < known.last_use + IDLE, || {
            format!("{sid} is served at {now}, it was last used at {}", known.last_use)
        });
        let ceiling = session.ceiling().map_or(i64::MAX, |at| at.seconds());
        I4.check(ceiling <= bound, || format!("{sid}: the ceiling is {ceiling}, it was {bound}"));
        if let Some(session) = facts.sessions.get_mut(&sid) {
            session.bounds.push((moment, at, ceiling));
            session.last_use = session.last_use.max(now);
            session.uses.push((at, now));
        }
        if let Some(cookie) = &asked.cookie {
            facts.cookies.insert(cookie.clone(), sid);
        }
    }

    /// A handler has looked at its session, which goes on.
    pub(crate) fn used(&self, session: &AuthSession) {
        let sid = sid(session);
        let facts = lock(&self.0);
        if let Some(known) = facts.sessions.get(&sid) {
            facts.check_used(known, &sid);
        }
    }

    /// A handler has got an access token.
    pub(crate) fn handed_out(
        &self,
        clock: &NodeClock,
        asked: &Asked,
        session: &AuthSession,
        token: &AccessToken,
    ) {
        let (sid, now) = (sid(session), clock.now().seconds());
        let mut facts = lock(&self.0);
        let (moment, at) = (facts.next(), facts.sim.now());
        facts.note(format_args!("a token for {sid}"));
        let issued = facts.access_tokens.get(token.expose_secret()).cloned();
        I6.check(issued.as_ref().is_some_and(|(of, _)| *of == sid), || {
            format!("{sid} gets a token of {issued:?}")
        });
        let expiry = issued.and_then(|(_, expiry)| expiry).unwrap_or(i64::MAX);
        let Some(known) = facts.sessions.get(&sid) else { return };
        let bound = known.bound_for(asked, facts.mode).min(expiry).saturating_sub(LEEWAY);
        I1.check(now < bound, || format!("{sid} gets a token at {now}, its end is {bound}"));
        let reported = token.expires_at().seconds();
        I1.check(reported <= bound, || {
            format!("{sid} gets a token until {reported}, its end is {bound}")
        });
        facts.check_used(known, &sid);
        if let Some(session) = facts.sessions.get_mut(&sid) {
            session.bounds.push((moment, at, expiry));
        }
    }

    /// A stream has sent something.
    pub(crate) fn ticked(&self, clock: &NodeClock, sid: &str) {
        let now = clock.now().seconds();
        let mut facts = lock(&self.0);
        facts.counts.ticks += 1;
        let at = facts.sim.now();
        let Some(known) = facts.sessions.get(sid) else { return };
        let heard = at.saturating_sub(HEARD);
        let bound = match facts.store_worked_since(at.saturating_sub(RECOVERED)) {
            true => known.bound_at(heard),
            false => known.bounds[0].2,
        };
        I1.check(now < bound.saturating_sub(LEEWAY), || {
            format!("{sid} streams at {now}, the provider says {bound}")
        });
        I1.check(now < known.last_use + IDLE && now < known.begun_high + ABSOLUTE, || {
            format!("{sid} streams at {now}, it was last used at {}", known.last_use)
        });
        if let Some((_, ended)) = known.revoked
            && facts.store_worked_since(ended.saturating_sub(RECOVERED))
        {
            I2.check(at <= ended + STREAM_BOUND, || {
                format!("{sid} streams {:?} after its end was answered", at - ended)
            });
        }
        facts.note(format_args!("tick: {sid}"));
    }

    /// A request with a live session was refused, or so it may be.
    pub(crate) fn refused(&self, asked: &Asked, refused: &Refused) {
        let mut facts = lock(&self.0);
        facts.counts.refused += 1;
        facts.note(format_args!("refused: {refused:?}"));
        let sid = asked.cookie.as_ref().and_then(|cookie| facts.cookies.get(cookie).cloned());
        if let Some((sid, session)) = sid.as_ref().and_then(|sid| facts.sessions.get_key_value(sid))
        {
            I7.check(!facts.is_surely_live(session), || {
                format!("{sid} is live and told {refused:?}")
            });
            I8.check(
                refused.code != "login_required" || !session.confirmed || !asked.has_marker,
                || format!("{sid} is over and told {refused:?}"),
            );
            // One that is gone a few seconds before its limit is taken for one that a faster clock has ended.
            let ahead = if session.doubtful { 5 } else { 0 };
            let plausible = match refused.reason.as_str() {
                "ceiling" => facts.is_plausible(sid, EndReason::Ceiling, ahead),
                "absolute" => facts.is_plausible(sid, EndReason::AbsoluteLimit, ahead),
                // The browser has not heard of a ceiling that a refresh has lowered to the past.
                // Nor does a node whose clock is set back know that a limit has come.
                "revoked" => {
                    session.doubtful
                        || session.lowest < session.bounds[0].2
                        || facts.clocks_were_wrong()
                        // Two nodes' clocks, and a use at the last second: one of them ends it.
                        || facts.is_plausible(sid, EndReason::IdleLimit, 5)
                }
                // Its browser may not have heard of its last use, if it is gone for another reason.
                "idle" => {
                    let high = facts.wall_high() + ahead;
                    facts.is_plausible(sid, EndReason::IdleLimit, ahead)
                        || facts.clocks_were_wrong()
                        || session.doubtful && high >= session.begun_low + IDLE
                }
                _ => true,
            };
            I8.check(plausible || refused.status == 303, || {
                format!("{sid} is told {refused:?}, which it is not")
            });
        } else if asked.has_marker {
            I8.check(refused.code != "login_required", || format!("told {refused:?}"));
        }
    }

    /// A stream ended by itself.
    pub(crate) fn stream_ended(&self, asked: &Asked) {
        let mut facts = lock(&self.0);
        facts.note(format_args!("a stream ends"));
        let sid = asked.cookie.as_ref().and_then(|cookie| facts.cookies.get(cookie));
        let Some(session) = sid.and_then(|sid| facts.sessions.get(sid)) else { return };
        I7.check(!facts.is_surely_live(session), || "a stream of a live session ends".to_owned());
    }

    /// What `/auth/session` says.
    pub(crate) fn status(&self, asked: &Asked, authenticated: bool, end: Option<i64>) {
        let mut facts = lock(&self.0);
        facts.note(format_args!("status: {authenticated} {end:?}"));
        let Some(sid) = asked.cookie.as_ref().and_then(|cookie| facts.cookies.get(cookie)) else {
            return;
        };
        let Some(session) = facts.sessions.get(sid) else { return };
        if authenticated {
            facts.check_revoked(session, sid, asked);
            let bound = session.bound_for(asked, facts.mode).saturating_sub(LEEWAY);
            I1.check(end.is_some_and(|end| end <= bound), || {
                format!("{sid} is said to end at {end:?}, its end is {bound}")
            });
        } else {
            I7.check(!facts.is_surely_live(session), || {
                format!("{sid} is live and said to be over")
            });
        }
    }

    /// Whether a browser with this cookie must be served.
    pub(crate) fn is_surely_live(&self, cookie: &str) -> bool {
        let facts = lock(&self.0);
        let session = facts.cookies.get(cookie).and_then(|sid| facts.sessions.get(sid));
        session.is_some_and(|session| facts.is_surely_live(session))
    }
}

impl Facts {
    /// Whenever its request began: a handler has a session for no longer than the end takes to be known on its node.
    fn check_used(&self, known: &Session, sid: &str) {
        let Some((_, ended)) = known.revoked else { return };
        let now = self.sim.now();
        let late = match self.mode {
            Mode::Memory | Mode::Exclusive => true,
            _ => {
                now > ended + STREAM_BOUND
                    && self.store_worked_since(ended.saturating_sub(RECOVERED))
            }
        };
        I2.check(!late, || format!("{sid} is used {:?} after its end was answered", now - ended));
    }

    fn check_revoked(&self, known: &Session, sid: &str, asked: &Asked) {
        let Some((moment, at)) = known.revoked else { return };
        let is_late = match self.mode {
            Mode::Push => asked.began_at > at + PUSH_BOUND,
            _ => asked.began > moment,
        };
        I2.check(!is_late, || format!("{sid} is served after its end was answered"));
    }
}

impl Session {
    /// The ceiling that holds for what began then.
    fn bound_for(&self, asked: &Asked, mode: Mode) -> i64 {
        let is_known = |(since, at, _): &&(Moment, Duration, i64)| match mode {
            Mode::Push => *at + PUSH_BOUND < asked.began_at,
            _ => *since < asked.began,
        };
        let earlier = self.bounds.iter().skip(1).filter(is_known);
        earlier.map(|(.., bound)| *bound).min().unwrap_or(i64::MAX).min(self.bounds[0].2)
    }

    fn bound_at(&self, at: Duration) -> i64 {
        let earlier = self.bounds.iter().skip(1).filter(|(_, since, _)| *since < at);
        earlier.map(|(.., bound)| *bound).min().unwrap_or(i64::MAX).min(self.bounds[0].2)
    }
}

/// The default of `live_cache_staleness`.
const PUSH_BOUND: Duration = Duration::from_secs(2);
/// 2 s, and the way to the store and back.
const STREAM_BOUND: Duration = Duration::from_millis(2_500);
const HEARD: Duration = Duration::from_secs(10);
/// How long a store may be answering again before everything is heard again.
const RECOVERED: Duration = Duration::from_secs(60);
