//! The model: browsers, the sessions they had, and what must come of the next step.
//!
//! 1. A session ends at the earliest of: the provider's ceiling less 30 s, 900 s after the last use that was written down, 1,500 s
//!    after the login. It is over at that second, not after it.
//! 2. A use is written down if the last one is 45 s old (5 % of the idle limit). Looking at the status is no use.
//! 3. A logout, a logout token, a new sign-in of the same browser revoke.
//! 4. An access token is refreshed in its last 60 s of 300, once; the new ID Token may move the ceiling earlier, never later.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

pub(crate) const BROWSERS: usize = 3;
pub(crate) const USERS: [&str; 2] = ["ada", "bob"];
const LEEWAY: i64 = 30;
pub(crate) const IDLE: i64 = 900;
pub(crate) const ABSOLUTE: i64 = 1_500;
const TOUCH: i64 = IDLE / 20;
const TOKEN: i64 = 300;
const MARGIN: i64 = 60;

/// What is done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A whole sign-in of a person who is new at the provider; the ceiling lies so many seconds ahead.
    Login {
        browser: usize,
        node: usize,
        user: usize,
        ceiling: Option<u64>,
    },
    /// A protected page.
    Use {
        browser: usize,
        node: usize,
    },
    /// An access token; if it is refreshed the new ID Token's ceiling lies so many seconds ahead.
    Token {
        browser: usize,
        node: usize,
        ceiling: Option<u64>,
    },
    /// `/auth/session`.
    Status {
        browser: usize,
        node: usize,
    },
    Logout {
        browser: usize,
        node: usize,
    },
    LogoutTokenBySub {
        user: usize,
        node: usize,
    },
    LogoutTokenBySid {
        session: usize,
        node: usize,
    },
    /// A protected page with the cookie as it was at the sign-in: a copy, or a tab that hears of nothing.
    Replay {
        session: usize,
        node: usize,
    },
    Wait {
        seconds: i64,
    },
}

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
    /// It is over, for one of these reasons, and the user is told now.
    Over {
        reasons: Vec<&'static str>,
    },
    /// It is over; whoever asks may have been told before.
    Refused,
    /// There is no session.
    Absent,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    user: usize,
    begun: i64,
    /// As the provider asserts it.
    ceiling: Option<i64>,
    last_use: i64,
    /// Of the uses that were written down, the last one that the browser's own cookies tell of.
    last_told_use: i64,
    token_expires: i64,
    revoked: bool,
    /// Somebody was told that it is over: it is deleted.
    ended: bool,
}

impl Session {
    fn limits(&self) -> [(i64, &'static str); 3] {
        [
            (self.ceiling.map_or(i64::MAX, |ceiling| ceiling - LEEWAY), "ceiling"),
            (self.last_use + IDLE, "idle"),
            (self.begun + ABSOLUTE, "absolute"),
        ]
    }

    fn deadline(&self) -> i64 {
        self.limits().iter().map(|(at, _)| *at).min().unwrap_or(i64::MAX)
    }

    fn is_live(&self, now: i64) -> bool {
        !self.revoked && !self.ended && now < self.deadline()
    }

    /// Why it is over: the first limit. Where the record is gone the browser's marker tells of it, as far as it knows, and what has
    /// come since a revocation.
    fn reasons(&self, now: i64) -> Vec<&'static str> {
        let first = self.deadline();
        let reached = self.limits().into_iter().filter(|(at, _)| *at <= now);
        let counts = reached.filter(|(at, _)| self.revoked || *at == first);
        let mut reasons: Vec<_> = counts.map(|(_, reason)| reason).collect();
        if self.revoked {
            reasons.push("revoked");
        }
        if self.last_told_use + IDLE <= now {
            reasons.push("idle");
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
    pub(crate) outcome: Outcome,
    /// How often the token endpoint was asked for a refresh.
    pub(crate) refreshes: u64,
}

impl Expected {
    fn use_session(&mut self, session: usize) -> Outcome {
        let now = self.now;
        let used = &mut self.sessions[session];
        if now - used.last_use >= TOUCH {
            used.last_use = now;
            used.last_told_use = now;
        }
        Outcome::Served { session, deadline: used.deadline(), ceiling: used.ceiling }
    }

    /// What a browser meets that shows its cookie.
    fn meet(&mut self, browser: usize) -> Result<usize, Outcome> {
        let session = self.browsers[browser].ok_or(Outcome::Absent)?;
        if self.sessions[session].is_live(self.now) {
            return Ok(session);
        }
        self.browsers[browser] = None;
        let met = &mut self.sessions[session];
        // A copy may have been told before: then the store may remember nothing of it.
        if met.ended {
            return Err(Outcome::Refused);
        }
        met.ended = true;
        Err(Outcome::Over { reasons: met.reasons(self.now) })
    }

    fn token(&mut self, session: usize, ceiling: Option<u64>) -> Outcome {
        let outcome = self.use_session(session);
        let (now, used) = (self.now, &mut self.sessions[session]);
        if now < used.token_expires - MARGIN {
            return outcome;
        }
        self.refreshes += 1;
        used.token_expires = now + TOKEN;
        if let Some(new) = ceiling.and_then(|ahead| now.checked_add_unsigned(ahead)) {
            used.ceiling = Some(used.ceiling.map_or(new, |old| old.min(new)));
        }
        Outcome::Served { session, deadline: used.deadline(), ceiling: used.ceiling }
    }

    fn login(&mut self, browser: usize, user: usize, ceiling: Option<u64>) -> Outcome {
        if let Some(old) = self.browsers[browser] {
            // One whose end nobody noticed keeps its reason.
            let old = &mut self.sessions[old];
            old.revoked |= old.is_live(self.now);
        }
        let now = self.now;
        self.browsers[browser] = Some(self.sessions.len());
        self.sessions.push(Session {
            user,
            begun: now,
            ceiling: ceiling.and_then(|ahead| now.checked_add_unsigned(ahead)),
            last_use: now,
            last_told_use: now,
            token_expires: now + TOKEN,
            revoked: false,
            ended: false,
        });
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
}

/// The steps and their effects.
pub(crate) struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Expected;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Expected> {
        Just(Expected {
            now: crate::support::NOW,
            sessions: Vec::new(),
            browsers: [None; BROWSERS],
            outcome: Outcome::Nothing,
            refreshes: 0,
        })
        .boxed()
    }

    fn transitions(state: &Expected) -> BoxedStrategy<Step> {
        let (browser, node, user) = (0..BROWSERS, 0_usize..2, 0..USERS.len());
        let ahead = prop_oneof![
            Just(None),
            Just(Some(31)),
            (100_u64..1_000).prop_map(Some),
            Just(Some(3_600)),
            Just(Some(10_000)),
        ];
        let seconds = prop_oneof![
            4 => 1_i64..60,
            5 => 240_i64..300,
            2 => Just(IDLE),
            2 => Just(IDLE - 1),
            1 => 1_000_i64..4_000,
            // To the second before a deadline, and to the deadline.
            4 => until_a_deadline(state),
        ];
        let places = (browser, node.clone());
        let login = (places.clone(), user.clone(), ahead.clone()).prop_map(
            |((browser, node), user, ceiling)| Step::Login { browser, node, user, ceiling },
        );
        let used = places.clone().prop_map(|(browser, node)| Step::Use { browser, node });
        let token = (places.clone(), ahead).prop_map(|((browser, node), ceiling)| Step::Token {
            browser,
            node,
            ceiling,
        });
        let status = places.clone().prop_map(|(browser, node)| Step::Status { browser, node });
        let logout = places.prop_map(|(browser, node)| Step::Logout { browser, node });
        let by_sub =
            (user, node.clone()).prop_map(|(user, node)| Step::LogoutTokenBySub { user, node });
        let wait = seconds.prop_map(|seconds| Step::Wait { seconds });
        let any = prop_oneof![
            4 => login, 8 => used, 8 => token, 3 => status, 1 => logout, 1 => by_sub, 8 => wait,
        ];
        if state.sessions.is_empty() {
            return any.boxed();
        }
        let of_session = (0..state.sessions.len(), node);
        let by_sid =
            of_session.clone().prop_map(|(session, node)| Step::LogoutTokenBySid { session, node });
        let replay = of_session.prop_map(|(session, node)| Step::Replay { session, node });
        prop_oneof![14 => any, 1 => by_sid, 3 => replay].boxed()
    }

    /// A history is made shorter by leaving steps out.
    fn preconditions(state: &Expected, step: &Step) -> bool {
        is_possible(state, step)
    }

    fn apply(mut state: Expected, step: &Step) -> Expected {
        state.outcome = match *step {
            Step::Login { browser, user, ceiling, .. } => state.login(browser, user, ceiling),
            Step::Use { browser, .. } => match state.meet(browser) {
                Ok(session) => state.use_session(session),
                Err(outcome) => outcome,
            },
            Step::Token { browser, ceiling, .. } => match state.meet(browser) {
                Ok(session) => state.token(session, ceiling),
                Err(outcome) => outcome,
            },
            Step::Status { browser, .. } => match state.browsers[browser] {
                Some(session) if state.sessions[session].is_live(state.now) => {
                    let used = &state.sessions[session];
                    Outcome::Served { session, deadline: used.deadline(), ceiling: used.ceiling }
                }
                _ => Outcome::Refused,
            },
            Step::Logout { browser, .. } => {
                let session = state.browsers[browser].take();
                state.revoke(|number, _| Some(number) == session);
                Outcome::Nothing
            }
            Step::LogoutTokenBySub { user, .. } => {
                state.revoke(|_, session| session.user == user);
                // A sign-in within the same second as the logout token would be taken to be older.
                state.now += 1;
                Outcome::Nothing
            }
            Step::LogoutTokenBySid { session, .. } => {
                state.revoke(|number, _| number == session);
                Outcome::Nothing
            }
            Step::Replay { session, .. } if state.sessions[session].is_live(state.now) => {
                let told = state.sessions[session].last_told_use;
                let outcome = state.use_session(session);
                state.sessions[session].last_told_use = told;
                outcome
            }
            Step::Replay { session, .. } => {
                state.sessions[session].ended = true;
                Outcome::Refused
            }
            Step::Wait { seconds } => {
                state.now += seconds;
                Outcome::Nothing
            }
        };
        state
    }
}

fn is_possible(state: &Expected, step: &Step) -> bool {
    match step {
        Step::LogoutTokenBySid { session, .. } | Step::Replay { session, .. } => {
            *session < state.sessions.len()
        }
        _ => true,
    }
}

fn until_a_deadline(state: &Expected) -> BoxedStrategy<i64> {
    let live = state.sessions.iter().filter(|session| session.is_live(state.now));
    let left: Vec<i64> = live.map(|session| session.deadline() - state.now).collect();
    if left.is_empty() {
        return Just(1).boxed();
    }
    let early = prop_oneof![Just(0_i64), Just(1)];
    (proptest::sample::select(left), early).prop_map(|(left, early)| (left - early).max(1)).boxed()
}
