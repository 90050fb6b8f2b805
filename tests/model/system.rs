//! The application under test: two nodes over one store (one over the memory store), a provider, and browsers.

use std::time::Duration;

use axum_oidc_session::dev_provider::{LogoutSubject, SessionExpiryMode};
use axum_oidc_session::{OidcAuthBuilder, PostgresStore, SqliteStore, Store};
use tokio::runtime::Runtime;
use url::form_urlencoded;

use crate::answers::Answer;
use crate::invariants::Invariant::{I2, I3, I7, I8};
use crate::reference::{ABSOLUTE, BROWSERS, Expected, IDLE, Outcome, USERS};
use crate::steps::Step;
use crate::support::postgres_server::PostgresServer;
use crate::support::{App, Browser, CLIENT_ID, Node, RedisServer, Reply};

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
        let (store, file) = store(name).await;
        let limits = |auth: OidcAuthBuilder| {
            auth.idle_limit(Duration::from_secs(IDLE as u64))
                .absolute_limit(Duration::from_secs(ABSOLUTE as u64))
        };
        let builder = App::builder().sealed_store().configure(limits);
        let app = match (&store, name) {
            (Some(store), _) => {
                let store = store.clone();
                builder.configure(move |auth| auth.store(store)).start().await
            }
            (None, "Memory") => App::builder().configure(limits).start().await,
            (None, _) => builder.start().await,
        };
        let other = match (store, name) {
            (None, "Memory") => None,
            (None, _) => Some(app.node(limits).await),
            (Some(store), _) => Some(app.node(move |auth| limits(auth).store(store)).await),
        };
        let browsers = (0..BROWSERS).map(|_| app.browser()).collect();
        let (sessions, users) = (Vec::new(), [None; BROWSERS]);
        Self { app, other, browsers, sessions, users, answer: Answer::Nothing, file }
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

/// `None`: the one that the test support has.
async fn store(name: &str) -> (Option<Store>, Option<std::path::PathBuf>) {
    match name {
        "Sqlite" => {
            let file = std::env::temp_dir().join(format!("model-{:032x}.sqlite", random()));
            (Some(SqliteStore::new(&file).unwrap().into()), Some(file))
        }
        "Postgres" => {
            let url = PostgresServer::shared().database().await;
            (Some(PostgresStore::new(&url).unwrap().into()), None)
        }
        "Redis" => {
            let prefix = format!("model-{:032x}:", random());
            (Some(RedisServer::shared().store(&prefix).into()), None)
        }
        _ => (None, None),
    }
}

fn random() -> u128 {
    use axum_oidc_session::random::{Random as _, SystemRandom};
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes).unwrap();
    u128::from_be_bytes(bytes)
}
