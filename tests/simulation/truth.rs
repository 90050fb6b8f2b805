//! What is true, as somebody knows it who sees everything at once; and what must hold of what the nodes do.
//!
//! Nodes' clocks differ, answers are lost, and nobody can say when exactly a far server did something. So each promise is checked
//! from its safe side: a session is *surely live* if no clock, no limit and no attempt to end it speaks against it, and *surely over*
//! if the end was answered before a request began.

mod codes;
mod cuts;
mod ends;
mod requests;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum_oidc_session::{AuthSession, EndReason};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use self::cuts::{Bound, Cut, End, Written};
use self::tokens::RefreshToken;
use crate::executor::{Owner, Sim, TaskId, lock};
use crate::invariants::Invariant::I9;
use crate::node::{ABSOLUTE, IDLE, Mode};
use crate::ports::BEGIN;

pub(crate) use self::cuts::View;
pub(crate) use self::requests::{Asked, Refused};
pub(crate) use self::tokens::SendId;

/// The order in which things happened.
pub(crate) type Moment = u64;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Truth(Arc<Mutex<Facts>>);

struct Facts {
    sim: Sim,
    mode: Mode,
    moment: Moment,
    /// By `sid`.
    sessions: BTreeMap<String, Session>,
    /// By code.
    logins: BTreeMap<String, Login>,
    codes: BTreeMap<String, Vec<codes::Sender>>,
    /// By `sub`: logins that had begun by then and whose user had signed in by then are revoked since that moment.
    revoked_subs: Vec<(String, Duration, End)>,
    /// By the value of a session cookie: `sid`.
    cookies: BTreeMap<String, String>,
    /// By access token: `sid`, and the `session_expiry` that came with it.
    access_tokens: BTreeMap<String, tokens::Issued>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
    sends: Vec<tokens::Send>,
    /// When a task was last told by the store whether its session is there.
    looked: BTreeMap<TaskId, (Moment, Duration)>,
    store_faults: Vec<Duration>,
    cuts: Vec<Cut>,
    /// Of a logout token by `sub`: logins that began before this time may be ended by it. `None`: it is under way.
    meant: Vec<(String, Option<Duration>)>,
    dead: Vec<Owner>,
    /// Whose machine slept, and since when it is awake again.
    slept: Vec<(Owner, Duration)>,
    /// How wrong any clock ever was, in milliseconds.
    fastest: i64,
    slowest: i64,
    texts: BTreeSet<String>,
    /// The first end that was told and was none.
    wrong: Option<String>,
    counts: Counts,
    traced: bool,
    digest: u64,
}

/// What a run was made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) logins: u64,
    pub(crate) served: u64,
    pub(crate) refused: u64,
    pub(crate) refreshes: u64,
    pub(crate) revocations: u64,
    pub(crate) ticks: u64,
    pub(crate) deaths: u64,
    pub(crate) sleeps: u64,
    pub(crate) cuts: u64,
}

/// A login whose user has signed in at the provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Login {
    pub(crate) browser: usize,
    /// When it began at the application.
    pub(crate) attempt: Moment,
    pub(crate) attempt_at: Duration,
    pub(crate) authenticated_at: Duration,
}

struct Session {
    sub: String,
    login: Login,
    /// Where it is stored.
    made: Written,
    /// Ceilings that were in force at that moment or earlier: the lowest holds. The first one holds everywhere.
    bounds: Vec<Bound>,
    /// The lowest `session_expiry` that was ever issued for it.
    lowest: i64,
    begun_low: i64,
    begun_high: i64,
    /// The browser has its cookie.
    confirmed: bool,
    /// Somebody tried to end it.
    doubtful: bool,
    /// Its browser began another login.
    rivalled: bool,
    /// An end was answered.
    ends: Vec<End>,
    last_use: i64,
    uses: Vec<(Written, i64)>,
    /// When a refresh token of it was sent, and whether one may be lost.
    refreshed: Vec<Written>,
    refresh_in_doubt: bool,
}

impl Truth {
    pub(crate) fn new(sim: &Sim, mode: Mode, traced: bool) -> Self {
        Self(Arc::new(Mutex::new(Facts {
            sim: sim.clone(),
            mode,
            moment: 0,
            sessions: BTreeMap::new(),
            logins: BTreeMap::new(),
            codes: BTreeMap::new(),
            revoked_subs: Vec::new(),
            cookies: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            sends: Vec::new(),
            looked: BTreeMap::new(),
            store_faults: Vec::new(),
            cuts: Vec::new(),
            meant: Vec::new(),
            dead: Vec::new(),
            slept: Vec::new(),
            fastest: 0,
            slowest: 0,
            texts: BTreeSet::new(),
            wrong: None,
            counts: Counts::default(),
            traced,
            digest: 0xcbf2_9ce4_8422_2325,
        })))
    }

    /// The next moment.
    pub(crate) fn next(&self) -> Moment {
        lock(&self.0).next()
    }

    pub(crate) fn counts(&self) -> Counts {
        lock(&self.0).counts
    }

    /// Of all that happened: the same seed, the same digest.
    pub(crate) fn digest(&self) -> u64 {
        lock(&self.0).digest
    }

    pub(crate) fn note(&self, text: fmt::Arguments<'_>) {
        lock(&self.0).note(text);
    }

    pub(crate) fn clock_is_wrong_by(&self, millis: i64) {
        let mut facts = lock(&self.0);
        facts.fastest = facts.fastest.max(millis);
        facts.slowest = facts.slowest.min(millis);
        facts.note(format_args!("a clock is wrong by {millis} ms"));
    }

    pub(crate) fn store_failed(&self) {
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        facts.store_faults.push(now);
    }

    pub(crate) fn looked(&self, task: TaskId, at: (Moment, Duration)) {
        lock(&self.0).looked.insert(task, at);
    }

    pub(crate) fn died(&self, owner: Owner) {
        let mut facts = lock(&self.0);
        facts.counts.deaths += 1;
        facts.note(format_args!("{owner:?} dies"));
        facts.dead.push(owner);
        facts.doubt_refreshes_of(owner);
    }

    /// What it had under way may have been done, and others go on meanwhile.
    pub(crate) fn falls_asleep(&self, owner: Owner) {
        self.store_failed();
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        facts.counts.sleeps += 1;
        facts.note(format_args!("{owner:?} falls asleep"));
        facts.slept.push((owner, now));
        facts.doubt_refreshes_of(owner);
    }

    pub(crate) fn wakes(&self, owner: Owner) {
        self.store_failed();
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        facts.note(format_args!("{owner:?} wakes"));
        facts.slept.push((owner, now));
    }

    /// A browser was sent back to the application with this code.
    pub(crate) fn authorized(&self, code: &str, login: Login) {
        lock(&self.0).logins.insert(code.to_owned(), login);
    }

    /// The browser has the cookie of the session that came of this code.
    pub(crate) fn signed_in(&self, sid: &str, cookie: &str) {
        let mut facts = lock(&self.0);
        let high = facts.wall_high();
        facts.counts.logins += 1;
        facts.note(format_args!("signed in: {sid}"));
        facts.cookies.insert(cookie.to_owned(), sid.to_owned());
        if let Some(session) = facts.sessions.get_mut(sid) {
            session.confirmed = true;
            session.begun_high = session.begun_high.max(high);
            session.last_use = session.last_use.max(high);
        }
    }

    /// The session that a code led to.
    pub(crate) fn session_of_code(&self, code: &str) -> Option<String> {
        let facts = lock(&self.0);
        let attempt = facts.logins.get(code)?.attempt;
        let found = facts.sessions.iter().find(|(_, session)| session.login.attempt == attempt);
        found.map(|(sid, _)| sid.clone())
    }

    pub(crate) fn session_of_cookie(&self, cookie: &str) -> Option<String> {
        lock(&self.0).cookies.get(cookie).cloned()
    }

    /// Sessions that may live, with their `sub`.
    pub(crate) fn sessions(&self) -> Vec<(String, String)> {
        let facts = lock(&self.0);
        let all = facts.sessions.iter();
        all.map(|(sid, session)| (sid.clone(), session.sub.clone())).collect()
    }

    /// Nothing secret is in what the store was given or what was told.
    pub(crate) fn check_secrets(&self, stored: &BTreeSet<Vec<u8>>, secrets: &[String]) {
        let facts = lock(&self.0);
        let cookies = facts.cookies.keys().flat_map(|cookie| [cookie.as_str()]);
        for secret in secrets.iter().map(String::as_str).chain(cookies).chain(PERSONAL) {
            let finder = memchr::memmem::Finder::new(secret);
            let is_stored = stored.iter().any(|bytes| finder.find(bytes).is_some());
            I9.check(!is_stored, || format!("{secret} is in the store"));
            // A cookie is two halves, and neither is for the store as it is.
            let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap_or_default();
            for half in bytes.chunks_exact(16).filter(|_| bytes.len() == 32) {
                let is_stored =
                    stored.iter().any(|stored| memchr::memmem::find(stored, half).is_some());
                I9.check(!is_stored, || format!("a half of {secret} is in the store"));
            }
            let is_told = facts.texts.iter().any(|text| finder.find(text.as_bytes()).is_some());
            I9.check(!is_told, || format!("{secret} is in an event"));
        }
    }
}

impl Facts {
    fn next(&mut self) -> Moment {
        self.moment += 1;
        self.moment
    }

    fn note(&mut self, text: fmt::Arguments<'_>) {
        let line = format!("{:>10.3} {text}", self.sim.now().as_secs_f64());
        if self.traced {
            eprintln!("{line}");
        }
        for byte in line.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// By more than some seconds.
    fn clocks_were_wrong(&self) -> bool {
        self.fastest - self.slowest > 10_000
    }

    /// What the fastest clock says, or once said.
    fn wall_high(&self) -> i64 {
        self.wall(self.fastest)
    }

    fn wall_low(&self) -> i64 {
        self.wall(self.slowest)
    }

    fn wall(&self, wrong_by: i64) -> i64 {
        wall_at(self.sim.now(), wrong_by)
    }

    /// Whether the store worked from then until now.
    fn store_worked_since(&self, then: Duration) -> bool {
        self.store_faults.last().is_none_or(|last| *last < then)
    }

    fn store_worked(&self, from: Duration, to: Duration) -> bool {
        let after = self.store_faults.partition_point(|at| *at < from);
        self.store_faults.get(after).is_none_or(|at| *at > to)
    }

    /// The last use that was certainly written down.
    fn surely_used(&self, session: &Session, view: View) -> i64 {
        let now = self.sim.now();
        let is_sure = |at: Duration| {
            let (from, to) = (at.saturating_sub(SETTLE), at + SETTLE);
            now >= to
                && self.store_worked(from, to)
                && !session.refreshed.iter().any(|sent| from <= sent.at && sent.at <= to)
        };
        let mut uses = session.uses.iter().rev();
        let last = uses.find(|(used, _)| is_sure(used.at) && self.knows(view, *used));
        // A use is written down if the last one is some seconds old.
        last.map_or(session.begun_low, |(_, wall)| (wall - TOUCH - 5).max(session.begun_low))
    }

    /// Nothing speaks against it, on this node.
    fn is_surely_live(&self, session: &Session, view: View) -> bool {
        session.confirmed
            && !session.doubtful
            && !self.clocks_were_wrong()
            && self.knows(view, session.made)
            && !self.is_over_by_a_clock(session, view)
    }

    fn is_over_by_a_clock(&self, session: &Session, view: View) -> bool {
        let now = self.wall_high();
        now >= session.lowest.saturating_sub(LEEWAY)
            || now >= session.begun_low + ABSOLUTE
            || now >= self.surely_used(session, view) + IDLE
    }

    /// Whether it may have ended for this reason, so many seconds from now at the latest.
    fn is_plausible(&self, sid: &str, reason: EndReason, ahead: i64, view: View) -> bool {
        let Some(session) = self.sessions.get(sid) else { return true };
        let now = self.wall_high() + ahead;
        match reason {
            // A login that the provider lets end at once ends the one before (ceiling rule 5).
            EndReason::Ceiling => session.rivalled || now >= session.lowest.saturating_sub(LEEWAY),
            EndReason::IdleLimit => now >= self.surely_used(session, view) + IDLE,
            EndReason::AbsoluteLimit => now >= session.begun_low + ABSOLUTE,
            // Nobody has taken it.
            EndReason::NotDelivered => !session.confirmed,
            _ => session.doubtful,
        }
    }
}

impl Login {
    /// By any clock.
    fn is_surely_before(&self, issued_at: Duration) -> bool {
        let surely = issued_at.saturating_sub(Duration::from_secs(10));
        self.attempt_at < surely && self.authenticated_at < surely
    }
}

/// What a clock says then that is wrong by so many milliseconds.
fn wall_at(at: Duration, wrong_by: i64) -> i64 {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX / 2);
    BEGIN + (millis + wrong_by).div_euclid(1000)
}

/// `sid` of a session.
pub(crate) fn sid(session: &AuthSession) -> String {
    session.claims().get::<String>("sid").ok().flatten().unwrap_or_default()
}

/// Seconds.
const LEEWAY: i64 = 30;
const TOUCH: i64 = IDLE / 20;
/// How long a use takes to be written down.
const SETTLE: Duration = Duration::from_secs(15);
/// How long a store may be answering again before everything is heard again.
const RECOVERED: Duration = Duration::from_secs(60);
/// The default of `live_cache_staleness`: how old what a node goes by may be.
const PUSH_BOUND: Duration = Duration::from_secs(2);
const PERSONAL: [&str; 2] = ["ada of the simulation", "bob of the simulation"];
