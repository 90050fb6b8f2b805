//! The model: browsers, the sessions they had, and what must come of the next step.
//!
//! 1. A session ends at the earliest of: the provider's ceiling less 30 s, 900 s after the last use that was written down, 1,500 s
//!    after the login. It is over at that second, not after it.
//! 2. A use is written down if the last one is 45 s old (5 % of the idle limit). Looking at the status is no use.
//! 3. A logout, a logout token, a new sign-in of the same browser revoke. A logout token means the sessions that are there: who
//!    signs in again later is signed in, with the same `sid`, too.
//! 4. An access token is refreshed in its last 60 s of 300, once; the new ID Token may move the ceiling earlier, never later.
//!    Handed out is the provider's latest, and said to be good until its own expiry or the session's end.
//! 5. Who shows the cookie of a session that is over is told why: the first limit, or that it was revoked. Where the store has
//!    dropped the session it is what the browser's marker knows: the end as of the last use that this browser was told of.

use crate::steps::Step;

pub(crate) const BROWSERS: usize = 3;
pub(crate) const USERS: [&str; 2] = ["ada", "bob"];
const LEEWAY: i64 = 30;
pub(crate) const IDLE: i64 = 900;
pub(crate) const ABSOLUTE: i64 = 1_500;
/// Seconds.
const NODES_APART: i64 = 5;
const TOUCH: i64 = IDLE / 20;
const TOKEN: i64 = 300;
const MARGIN: i64 = 60;

/// What must come of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Nothing,
    /// The session is live, with this deadline and ceiling.
    Served {
        session: usize,
        deadline: i64,
        ceiling: Option<i64>,
    },
    /// The session is live, and this is its access token.
    Token {
        session: usize,
        /// The provider has just issued it.
        is_new: bool,
        expires_at: i64,
    },
    /// It is over, for one of these reasons, and whoever asks is told so.
    Over {
        reasons: Vec<&'static str>,
    },
    /// The browser has no session; it may have been told for which of these reasons.
    Absent {
        told: Option<Vec<&'static str>>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    user: usize,
    /// The first session that had its `sid`.
    sid: usize,
    begun: i64,
    /// As the provider asserts it.
    ceiling: Option<i64>,
    last_use: i64,
    /// What the browser's marker says of the end; and what it said at the sign-in.
    told: End,
    told_first: End,
    token_expires: i64,
    revoked: bool,
    /// It was over when its user signed out, and nobody had noticed.
    left: bool,
    /// Somebody was told that it is over: it is deleted.
    ended: bool,
}

/// The first second at which a session is over, and the limit.
type End = (i64, &'static str);

impl Session {
    /// The first of the limits; of those that are reached together, that of the provider, then the absolute one.
    fn end(&self) -> End {
        let limits = [
            (self.ceiling.map_or(i64::MAX, |ceiling| ceiling - LEEWAY), "ceiling"),
            (self.begun + ABSOLUTE, "absolute"),
            (self.last_use + IDLE, "idle"),
        ];
        limits.into_iter().min_by_key(|(at, _)| *at).unwrap_or((i64::MAX, "absolute"))
    }

    fn deadline(&self) -> i64 {
        self.end().0
    }

    fn is_live(&self, now: i64) -> bool {
        !self.revoked && !self.ended && now < self.deadline()
    }

    /// Why it is over, by the store or by the marker.
    fn reasons(&self, now: i64, told: End) -> Vec<&'static str> {
        let mut reasons = vec![if self.revoked { "revoked" } else { self.end().1 }];
        if self.left {
            reasons.push("revoked");
        }
        // Before the end that a marker knows it stands for a revocation, which is there already; but for the last seconds, in which
        // another node may have been a little ahead.
        for (end, limit) in [told, self.end()] {
            if end <= now + NODES_APART {
                reasons.push(limit);
            }
        }
        reasons
    }
}

/// The model's state, and what must come of the step that led to it.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) now: i64,
    pub(crate) sessions: Vec<Session>,
    /// Which session's cookie each browser has.
    pub(crate) browsers: [Option<usize>; BROWSERS],
    /// The last session that each browser signed in to.
    last: [Option<usize>; BROWSERS],
    /// What a browser without a session was told of its last one.
    told: [Option<Vec<&'static str>>; BROWSERS],
    pub(crate) outcome: Outcome,
    /// How often the token endpoint was asked for a refresh.
    pub(crate) refreshes: u64,
}

impl Expected {
    pub(crate) fn new() -> Self {
        Self {
            now: crate::support::NOW,
            sessions: Vec::new(),
            browsers: [None; BROWSERS],
            last: [None; BROWSERS],
            told: [const { None }; BROWSERS],
            outcome: Outcome::Nothing,
            refreshes: 0,
        }
    }

    /// How many seconds each live session has left.
    pub(crate) fn seconds_left(&self) -> Vec<i64> {
        let live = self.sessions.iter().filter(|session| session.is_live(self.now));
        live.map(|session| session.deadline() - self.now).collect()
    }

    fn use_session(&mut self, session: usize) -> Outcome {
        let now = self.now;
        let used = &mut self.sessions[session];
        if now - used.last_use >= TOUCH {
            used.last_use = now;
            used.told = used.end();
        }
        Outcome::Served { session, deadline: used.deadline(), ceiling: used.ceiling }
    }

    /// What a browser meets that shows its cookie.
    fn meet(&mut self, browser: usize) -> Result<usize, Outcome> {
        let shown = self.browsers[browser];
        if let Some(session) = shown.filter(|session| self.sessions[*session].is_live(self.now)) {
            return Ok(session);
        }
        let outcome = self.without(browser);
        self.browsers[browser] = None;
        if let (Some(session), Outcome::Over { reasons }) = (shown, &outcome) {
            self.sessions[session].ended = true;
            self.told[browser] = Some(reasons.clone());
        }
        Err(outcome)
    }

    /// What a browser is told that has no live session.
    fn without(&self, browser: usize) -> Outcome {
        match self.browsers[browser].map(|session| &self.sessions[session]) {
            Some(over) => Outcome::Over { reasons: over.reasons(self.now, over.told) },
            None => Outcome::Absent { told: self.told[browser].clone() },
        }
    }

    fn token(&mut self, session: usize, ceiling: Option<u64>) -> Outcome {
        let is_touched = self.now - self.sessions[session].last_use >= TOUCH;
        self.use_session(session);
        let (now, used) = (self.now, &mut self.sessions[session]);
        let is_new = now >= used.token_expires - MARGIN;
        if is_new {
            self.refreshes += 1;
            used.token_expires = now + TOKEN;
            if let Some(new) = ceiling.and_then(|ahead| now.checked_add_unsigned(ahead)) {
                used.ceiling = Some(used.ceiling.map_or(new, |old| old.min(new)));
            }
            // A browser is told at once of an end that is nearer.
            if is_touched || used.deadline() < used.told.0 {
                used.told = used.end();
            }
        }
        Outcome::Token { session, is_new, expires_at: used.token_expires.min(used.deadline()) }
    }

    /// The session that has the `sid` with which this user can come back in this browser.
    pub(crate) fn provider_session(&self, browser: usize, user: usize) -> Option<usize> {
        let last = self.last[browser].map(|last| &self.sessions[last])?;
        (last.user == user).then_some(last.sid)
    }

    fn login(
        &mut self,
        browser: usize,
        (user, back): (usize, bool),
        ceiling: Option<u64>,
    ) -> Outcome {
        let own = self.sessions.len();
        let sid = self.provider_session(browser, user).filter(|_| back).unwrap_or(own);
        self.last[browser] = Some(own);
        if let Some(old) = self.browsers[browser] {
            // One whose end nobody noticed keeps its reason.
            let old = &mut self.sessions[old];
            old.revoked |= old.is_live(self.now);
        }
        let now = self.now;
        self.browsers[browser] = Some(self.sessions.len());
        let mut new = Session {
            user,
            sid,
            begun: now,
            ceiling: ceiling.and_then(|ahead| now.checked_add_unsigned(ahead)),
            last_use: now,
            told: (now, "absolute"),
            told_first: (now, "absolute"),
            token_expires: now + TOKEN,
            revoked: false,
            left: false,
            ended: false,
        };
        (new.told, new.told_first) = (new.end(), new.end());
        self.sessions.push(new);
        self.use_session(self.sessions.len() - 1)
    }

    fn revoke(&mut self, which: impl Fn(usize, &Session) -> bool) {
        let now = self.now;
        for (number, session) in self.sessions.iter_mut().enumerate() {
            if which(number, session) {
                session.revoked |= session.is_live(now);
            }
        }
    }

    /// Who had the session is refused all the same: whatever was read before the end was answered.
    fn overtaken(&mut self, browser: usize) -> Outcome {
        let shown = self.browsers[browser];
        let is_live = shown.is_some_and(|session| self.sessions[session].is_live(self.now));
        if !is_live {
            self.now += 2;
        }
        let met = self.meet(browser);
        self.take(&Step::Logout { browser, node: 0 });
        match met {
            Ok(session) => {
                self.now += 2;
                let over = &self.sessions[session];
                Outcome::Over { reasons: over.reasons(self.now, over.told) }
            }
            Err(outcome) => outcome,
        }
    }

    /// Does a step.
    pub(crate) fn take(&mut self, step: &Step) {
        self.outcome = match *step {
            Step::Login { browser, user, back, ceiling, .. } => {
                self.login(browser, (user, back), ceiling)
            }
            Step::Use { browser, .. } => match self.meet(browser) {
                Ok(session) => self.use_session(session),
                Err(outcome) => outcome,
            },
            Step::Token { browser, ceiling, .. } => match self.meet(browser) {
                Ok(session) => self.token(session, ceiling),
                Err(outcome) => outcome,
            },
            Step::Status { browser, .. } => match self.browsers[browser] {
                Some(session) if self.sessions[session].is_live(self.now) => {
                    let used = &self.sessions[session];
                    Outcome::Served { session, deadline: used.deadline(), ceiling: used.ceiling }
                }
                _ => self.without(browser),
            },
            Step::Logout { browser, .. } => {
                let session = self.browsers[browser].take();
                self.told[browser] = None;
                if let Some(over) = session.filter(|it| !self.sessions[*it].is_live(self.now)) {
                    self.sessions[over].left = true;
                }
                self.revoke(|number, _| Some(number) == session);
                Outcome::Nothing
            }
            Step::Overtaken { browser, .. } => self.overtaken(browser),
            Step::LogoutTokenBySub { user, .. } => {
                self.revoke(|_, session| session.user == user);
                // A sign-in within the same second as the logout token would be taken to be older.
                self.now += 1;
                Outcome::Nothing
            }
            Step::LogoutTokenBySid { session, .. } => {
                let sid = self.sessions[session].sid;
                self.revoke(|_, session| session.sid == sid);
                self.now += 1;
                Outcome::Nothing
            }
            Step::Replay { session, .. } if self.sessions[session].is_live(self.now) => {
                let told = self.sessions[session].told;
                let outcome = self.use_session(session);
                self.sessions[session].told = told;
                outcome
            }
            Step::Replay { session, .. } => {
                let over = &mut self.sessions[session];
                over.ended = true;
                let mut reasons = over.reasons(self.now, over.told_first);
                // A copy has heard of no end that came nearer.
                if self.now < over.told_first.0 {
                    reasons.push("revoked");
                }
                Outcome::Over { reasons }
            }
            Step::Wait { seconds } => {
                self.now += seconds;
                Outcome::Nothing
            }
        };
    }
}
