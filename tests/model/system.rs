//! The application under test: two nodes over one store (one over the memory store), a provider, and browsers.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::RawQuery;
use axum::routing::{MethodRouter, get};
use axum_oidc_session::clock::{Clock as _, ManualClock};
use axum_oidc_session::dev_provider::{LogoutSubject, SessionExpiryMode};
use axum_oidc_session::{
    AuthSession, AuthStore, MemoryStore, OidcAuthBuilder, PostgresStore, SqliteStore, Store,
};
use futures_util::future::{Either, select};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use url::form_urlencoded;

use crate::answers::Answer;
use crate::invariants::Invariant::{I2, I3, I7, I8};
use crate::reference::{ABSOLUTE, BROWSERS, Expected, IDLE, Outcome, USERS};
use crate::steps::Step;
use crate::support::postgres_server::PostgresServer;
use crate::support::{
    App, Browser, CLIENT_ID, Gate, NOW, Node, RedisServer, Reply, SealedTestStore, SteeredStore,
};

pub(crate) struct System {
    world: World,
    /// Dropped last.
    runtime: Runtime,
}

struct World {
    app: App,
    other: Option<Node>,
    browsers: Vec<Browser>,
    sessions: Vec<Session>,
    /// Who signed in last in each browser.
    users: [Option<usize>; BROWSERS],
    answer: Answer,
    file: Option<std::path::PathBuf>,
    gate: Gate,
    /// How many handlers of `/judged` have begun.
    begun: watch::Sender<u64>,
}

struct Session {
    /// A browser with its cookies as of the sign-in.
    copy: Browser,
    sid: String,
    /// What the provider issued with its latest access token, and that itself.
    issued: Vec<String>,
}

impl System {
    pub(crate) fn start(store: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = runtime.block_on(World::start(store));
        Self { world, runtime }
    }

    /// Does the step; `outcome` is what must come of it.
    pub(crate) fn take(mut self, step: &Step, outcome: &Outcome) -> Self {
        let before = self.world.app.op.issued_values().len();
        self.runtime.block_on(self.world.take(step));
        let issued = self.world.app.op.issued_values().split_off(before);
        if let Some(session) = self.world.sessions.last_mut().filter(|it| it.issued.is_empty()) {
            session.issued = issued;
        } else if let Outcome::Token { session, is_new: true, .. } = *outcome {
            self.world.sessions[session].issued = issued;
        }
        self
    }

    /// After each step.
    pub(crate) fn check(&self, expected: &Expected) {
        let refreshes = self.world.app.calls().refresh;
        I3.check(refreshes == expected.refreshes, || {
            format!("{refreshes} refreshes instead of {}", expected.refreshes)
        });
        let issued = match expected.outcome {
            Outcome::Token { session, .. } => &self.world.sessions[session].issued[..],
            _ => &[],
        };
        self.world.answer.check(&expected.outcome, issued);
    }
}

impl World {
    async fn start(name: &str) -> Self {
        let limits = |auth: OidcAuthBuilder| {
            auth.idle_limit(Duration::from_secs(IDLE as u64))
                .absolute_limit(Duration::from_secs(ABSOLUTE as u64))
        };
        let (gate, begun, clock) = (Gate::default(), watch::Sender::new(0), ManualClock::at(NOW));
        let (store, file) = store(name, &clock).await;
        let steered = |node| {
            let store = store.as_ref().map(Arc::clone);
            store.map(|store| Store::from(SteeredStore::new(store, &gate, node)))
        };
        let judged = judged(&clock, &begun);
        let builder = App::builder().sealed_store().on_clock(clock).configure(limits);
        let routes = judged.clone();
        let builder = builder.assemble(move |auth, router| {
            router.route("/judged", routes).layer(auth.layer()).merge(auth.routes())
        });
        let app = match steered(0) {
            Some(store) => builder.configure(|auth| auth.store(store)).start().await,
            None => builder.configure(|auth| auth.store(MemoryStore::default())).start().await,
        };
        let other = match steered(1) {
            Some(store) => {
                let configure = |auth: OidcAuthBuilder| limits(auth).store(store);
                Some(app.node_with(configure, |router| router.route("/judged", judged)).await)
            }
            None => None,
        };
        let browsers = (0..BROWSERS).map(|_| app.browser()).collect();
        let (sessions, users, answer) = (Vec::new(), [None; BROWSERS], Answer::Nothing);
        Self { app, other, browsers, sessions, users, answer, file, gate, begun }
    }

    async fn take(&mut self, step: &Step) {
        self.answer = match *step {
            Step::Login { browser, node, user, back, ceiling } => {
                self.prepare(browser, user, back);
                self.login(browser, node, ceiling).await;
                Answer::Page(self.page(browser, node, "/api/me").await)
            }
            Step::Use { browser, node } => Answer::Page(self.page(browser, node, "/api/me").await),
            Step::Token { browser, node, ceiling } => {
                let after = ceiling.map(Duration::from_secs).map(SessionExpiryMode::AfterIssue);
                self.app.op.set_refresh_session_expiry(after.or(Some(SessionExpiryMode::Absent)));
                Answer::Token(self.page(browser, node, "/api/token").await)
            }
            Step::Status { browser, node } => {
                Answer::Status(self.page(browser, node, "/auth/session").await)
            }
            Step::Logout { browser, node } => {
                let browser = self.at(&self.browsers[browser], node);
                let reply = browser.submit("/auth/logout").await;
                I8.check(reply.status == 303, || reply.text());
                Answer::Nothing
            }
            Step::Overtaken { browser, node, other } => {
                Answer::Page(self.overtaken(browser, node, other).await)
            }
            Step::LogoutTokenBySub { user, node } => {
                self.logout_token(LogoutSubject::Sub(USERS[user].to_owned()), node).await;
                self.app.later(1);
                Answer::Nothing
            }
            Step::LogoutTokenBySid { session, node } => {
                let sid = self.sessions[session].sid.clone();
                self.logout_token(LogoutSubject::Sid(sid), node).await;
                self.app.later(1);
                Answer::Nothing
            }
            Step::Replay { session, node } => {
                let copy = self.sessions[session].copy.copy();
                Answer::Page(self.at(&copy, node).fetch("/api/me").await)
            }
            Step::Wait { seconds } => {
                self.app.later(seconds.unsigned_abs());
                Answer::Nothing
            }
        };
        // Refreshes and revocations go on in tasks of their own.
        self.app.settled().await;
        if let Some(other) = &self.other {
            other.settled().await;
        }
    }

    /// Who is to sign in; unless they come back to the provider's session of theirs, as a person who is new there.
    fn prepare(&mut self, browser: usize, user: usize, back: bool) {
        self.app.op.authorize_as(USERS[user]);
        if self.users[browser].replace(user) == Some(user) && back {
            return;
        }
        let browser = &self.browsers[browser];
        for name in browser.cookie_names() {
            if !name.starts_with("app") {
                browser.remove_cookie(&name);
            }
        }
    }

    async fn login(&mut self, browser: usize, node: usize, ceiling: Option<u64>) {
        let after = ceiling.map(Duration::from_secs).map(SessionExpiryMode::AfterIssue);
        self.app.op.set_session_expiry(after.unwrap_or(SessionExpiryMode::Absent));
        let browser = &self.browsers[browser];
        let here = self.at(browser, node);
        // It begins where the provider will send the browser back to, and ends on this node, as behind a balancer.
        let callback = browser.until_callback("/auth/login").await;
        let path = callback.strip_prefix(&self.app.origin).unwrap();
        let reply = here.navigate(path).await;
        I7.check(reply.status == 303, || format!("{} {}", reply.status, reply.text()));
        hold_cookies(&here);
        let copy = here.copy();
        let me = copy.copy().fetch("/api/me").await;
        I7.check(me.status == 200, || me.text());
        let sid = me.json()["claims"]["sid"].as_str().unwrap().to_owned();
        self.sessions.push(Session { copy, sid, issued: Vec::new() });
    }

    async fn page(&self, browser: usize, node: usize, path: &str) -> Reply {
        let browser = self.at(&self.browsers[browser], node);
        let reply = browser.fetch(path).await;
        hold_cookies(&browser);
        reply
    }

    /// The answer to a request that has read its session when the user signs out.
    async fn overtaken(&self, browser: usize, node: usize, other: usize) -> Reply {
        let tab = self.at(&self.browsers[browser].copy(), node);
        let mut load = self.gate.hold_load(node);
        let mut begun = self.begun.subscribe();
        let until = self.app.clock.now().seconds() + 2;
        let path = format!("/judged?{until}");
        let mut request = pin!(tab.fetch(&path));
        let is_under_way = async {
            // The memory store has nothing to hold back.
            select(pin!(load.reached()), pin!(begun.changed())).await;
        };
        let early = match select(request.as_mut(), pin!(is_under_way)).await {
            Either::Left((reply, _)) => Some(reply),
            Either::Right(_) => None,
        };
        let logout = self.at(&self.browsers[browser], other).submit("/auth/logout").await;
        I8.check(logout.status == 303, || logout.text());
        load.release();
        self.app.later(2);
        match early {
            Some(reply) => reply,
            None => request.await,
        }
    }

    async fn logout_token(&self, subject: LogoutSubject, node: usize) {
        let claims = self.app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
        let token = self.app.op.sign_jwt(Some("logout+jwt"), claims).unwrap();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", &token)
            .finish();
        let provider = self.at(&self.app.browser(), node);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let reply = provider.send("POST", "/auth/backchannel-logout", &form, &body).await;
        I2.check(reply.status == 200, || reply.text());
    }

    fn at(&self, browser: &Browser, node: usize) -> Browser {
        match &self.other {
            Some(other) if node == 1 => other.serve(browser),
            _ => browser.at(&self.app.origin),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let Some(file) = &self.file else { return };
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}

/// Makes the browser send its session cookie past its `Max-Age`: the server's word counts, not the browser's.
fn hold_cookies(browser: &Browser) {
    for name in ["app", "app_m"] {
        if let Some(value) = browser.cookie(name) {
            browser.set_cookie(name, &value);
        }
    }
}

/// A handler that looks at its session when it is a certain time.
fn judged(clock: &ManualClock, begun: &watch::Sender<u64>) -> MethodRouter {
    let (clock, begun) = (clock.clone(), begun.clone());
    get(async move |session: AuthSession, RawQuery(until): RawQuery| {
        begun.send_modify(|count| *count += 1);
        let until: i64 = until.and_then(|until| until.parse().ok()).unwrap_or_default();
        while let Ok(left @ 1..) = u64::try_from(until - clock.now().seconds()) {
            clock.sleep(Duration::from_secs(left)).await;
        }
        session.check().await
    })
}

/// `None`: the memory store.
async fn store(
    name: &str,
    clock: &ManualClock,
) -> (Option<Arc<dyn AuthStore>>, Option<std::path::PathBuf>) {
    match name {
        "Sqlite" => {
            let file = std::env::temp_dir().join(format!("model-{:032x}.sqlite", random()));
            (Some(Arc::new(SqliteStore::new(&file).unwrap())), Some(file))
        }
        "Postgres" => {
            let url = PostgresServer::shared().database().await;
            (Some(Arc::new(PostgresStore::new(&url).unwrap())), None)
        }
        "Redis" => {
            let prefix = format!("model-{:032x}:", random());
            (Some(Arc::new(RedisServer::shared().store(&prefix))), None)
        }
        "Memory" => (None, None),
        _ => (Some(Arc::new(SealedTestStore::new(clock.clone()))), None),
    }
}

fn random() -> u128 {
    use axum_oidc_session::random::{Random as _, SystemRandom};
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes).unwrap();
    u128::from_be_bytes(bytes)
}
