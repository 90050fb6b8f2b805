//! Requests: who is served, who is refused.

use std::time::Duration;

use axum_oidc_session::clock::Clock as _;
use axum_oidc_session::{AccessToken, AuthSession, EndReason};

use super::{
    ABSOLUTE, Bound, End, Facts, IDLE, LEEWAY, Moment, PUSH_BOUND, RECOVERED, Session, Truth, View,
    sid,
};
use crate::executor::lock;
use crate::invariants::Invariant::{I1, I2, I4, I6, I7, I8};
use crate::node::Mode;
use crate::ports::NodeClock;

/// What is known of a request when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) node: usize,
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

impl Asked {
    /// What its node may go by.
    pub(crate) fn view(&self) -> View {
        View { node: self.node, since: self.began_at.saturating_sub(PUSH_BOUND) }
    }
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
        let (since, written) = (facts.next(), facts.written(asked.view()));
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
        facts.check_used(known, &sid, asked.node);
        let bound = facts.bound_for(known, asked);
        let is_stored = !facts.remembers_more(asked.node, known);
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
            if is_stored {
                session.bounds.push(Bound { since, written, ceiling });
            }
            session.last_use = session.last_use.max(now);
            session.uses.push((written, now));
        }
        if let Some(cookie) = &asked.cookie {
            facts.cookies.insert(cookie.clone(), sid);
        }
    }

    /// A handler has looked at its session, which goes on.
    pub(crate) fn used(&self, asked: &Asked, session: &AuthSession) {
        let sid = sid(session);
        let facts = lock(&self.0);
        if let Some(known) = facts.sessions.get(&sid) {
            facts.check_used(known, &sid, asked.node);
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
        let (since, written) = (facts.next(), facts.written(asked.view()));
        facts.note(format_args!("a token for {sid}"));
        let issued = facts.access_tokens.get(token.expose_secret()).cloned();
        I6.check(issued.as_ref().is_some_and(|issued| issued.sid == sid), || {
            format!("{sid} gets a token of {issued:?}")
        });
        let Some(issued) = issued else { return };
        let expiry = issued.expiry.unwrap_or(i64::MAX);
        let Some(known) = facts.sessions.get(&sid) else { return };
        let bound = facts.bound_for(known, asked).min(expiry).saturating_sub(LEEWAY);
        I1.check(now < bound, || format!("{sid} gets a token at {now}, its end is {bound}"));
        let reported = token.expires_at().seconds();
        I1.check(reported <= bound, || {
            format!("{sid} gets a token until {reported}, its end is {bound}")
        });
        facts.check_used(known, &sid, asked.node);
        let is_stored =
            !facts.remembers_more(asked.node, known) && issued.written.side == written.side;
        if let Some(session) = facts.sessions.get_mut(&sid).filter(|_| is_stored) {
            session.bounds.push(Bound { since, written, ceiling: expiry });
        }
    }

    /// A stream has sent something.
    pub(crate) fn ticked(&self, clock: &NodeClock, asked: &Asked, sid: &str) {
        let now = clock.now().seconds();
        let mut facts = lock(&self.0);
        facts.counts.ticks += 1;
        let at = facts.sim.now();
        let Some(known) = facts.sessions.get(sid) else { return };
        let heard = at.saturating_sub(HEARD);
        let bound = match facts.store_worked_since(at.saturating_sub(RECOVERED)) {
            true => facts.bound_at(known, asked.node, heard),
            false => known.bounds[0].ceiling,
        };
        I1.check(now < bound.saturating_sub(LEEWAY), || {
            format!("{sid} streams at {now}, the provider says {bound}")
        });
        I1.check(now < known.last_use + IDLE && now < known.begun_high + ABSOLUTE, || {
            format!("{sid} streams at {now}, it was last used at {}", known.last_use)
        });
        for end in &known.ends {
            let Some(since) = facts.known_since(asked.node, end.written) else { continue };
            I2.check(at <= facts.heard_by(since) + STREAM_BOUND, || {
                format!("{sid} streams {:?} after its end was answered", at - since)
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
            let view = asked.view();
            I7.check(!facts.is_surely_live(session, view), || {
                format!("{sid} is live and told {refused:?}")
            });
            I8.check(
                refused.code != "login_required" || !session.confirmed || !asked.has_marker,
                || format!("{sid} is over and told {refused:?}"),
            );
            // One that is gone a few seconds before its limit is taken for one that a faster clock has ended.
            let is_gone = session.doubtful || !facts.knows(view, session.made);
            let ahead = if is_gone { 5 } else { 0 };
            let plausible = match refused.reason.as_str() {
                "ceiling" => facts.is_plausible(sid, EndReason::Ceiling, ahead, view),
                "absolute" => facts.is_plausible(sid, EndReason::AbsoluteLimit, ahead, view),
                // The browser has not heard of a ceiling that a refresh has lowered to the past.
                // Nor does a node whose clock is set back know that a limit has come.
                "revoked" => {
                    session.doubtful
                        || session.lowest < session.bounds[0].ceiling
                        // Nor does another master have it.
                        || !facts.knows(view, session.made)
                        || facts.clocks_were_wrong()
                        // Two nodes' clocks, and a use at the last second: one of them ends it.
                        || facts.is_plausible(sid, EndReason::IdleLimit, 5, view)
                }
                // Its browser may not have heard of its last use, if it is gone for another reason.
                "idle" => {
                    let high = facts.wall_high() + ahead;
                    facts.is_plausible(sid, EndReason::IdleLimit, ahead, view)
                        || facts.clocks_were_wrong()
                        || (session.doubtful || !facts.knows(view, session.made))
                            && high >= session.begun_low + IDLE
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
        I7.check(!facts.is_surely_live(session, asked.view()), || {
            "a stream of a live session ends".to_owned()
        });
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
            let bound = facts.bound_for(session, asked).saturating_sub(LEEWAY);
            I1.check(end.is_some_and(|end| end <= bound), || {
                format!("{sid} is said to end at {end:?}, its end is {bound}")
            });
        } else {
            I7.check(!facts.is_surely_live(session, asked.view()), || {
                format!("{sid} is live and said to be over")
            });
        }
    }

    /// Whether a browser with this cookie must be served on this node.
    pub(crate) fn is_surely_live(&self, cookie: &str, view: View) -> bool {
        let facts = lock(&self.0);
        let session = facts.cookies.get(cookie).and_then(|sid| facts.sessions.get(sid));
        session.is_some_and(|session| facts.is_surely_live(session, view))
    }
}

impl Facts {
    /// Whenever its request began: a handler has a session for no longer than the end takes to be known on its node.
    fn check_used(&self, known: &Session, sid: &str, node: usize) {
        let now = self.sim.now();
        for end in &known.ends {
            let Some(since) = self.known_since(node, end.written) else { continue };
            let late = match self.mode {
                Mode::Memory | Mode::Exclusive => true,
                _ => now > self.heard_by(since) + STREAM_BOUND,
            };
            I2.check(!late, || {
                format!("{sid} is used {:?} after its end was answered", now - since)
            });
        }
    }

    fn check_revoked(&self, known: &Session, sid: &str, asked: &Asked) {
        let is_late = |end: &End| {
            let view = self.surely_asked(asked);
            end.moment < asked.began
                && self.knows(view, end.written)
                && (self.mode != Mode::Push || asked.began_at > end.written.at + PUSH_BOUND)
        };
        I2.check(!known.ends.iter().any(is_late), || {
            format!("{sid} is served after its end was answered")
        });
    }

    /// By what its node goes: what it has kept, or what the store says since the request began.
    fn surely_asked(&self, asked: &Asked) -> View {
        match self.mode {
            Mode::Push => asked.view(),
            _ => View { node: asked.node, since: asked.began_at },
        }
    }

    /// The ceiling that holds for what began then.
    fn bound_for(&self, known: &Session, asked: &Asked) -> i64 {
        let view = self.surely_asked(asked);
        let is_known = |bound: &&Bound| {
            bound.since < asked.began
                && self.knows(view, bound.written)
                && (self.mode != Mode::Push || bound.written.at + PUSH_BOUND < asked.began_at)
        };
        lowest(known, is_known)
    }

    fn bound_at(&self, known: &Session, node: usize, at: Duration) -> i64 {
        let is_known =
            |bound: &&Bound| self.known_since(node, bound.written).is_some_and(|since| since < at);
        lowest(known, is_known)
    }
}

fn lowest(known: &Session, is_known: impl Fn(&&Bound) -> bool) -> i64 {
    let first = known.bounds[0].ceiling;
    let later = known.bounds.iter().skip(1).filter(is_known);
    later.map(|bound| bound.ceiling).min().unwrap_or(i64::MAX).min(first)
}

/// 2 s, and the way to the store and back.
const STREAM_BOUND: Duration = Duration::from_millis(2_500);
const HEARD: Duration = Duration::from_secs(10);
