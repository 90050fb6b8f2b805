//! The clients: each has two connections to the server, one to the provider, and some browsers in turn.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::browser::{Browser, Known, Leaves, Random};
use crate::clock::FastClock;
use crate::model::{Expected, Span};
use crate::provider::Provider;
use crate::server::ServerProcess;
use crate::tally::Tally;
use crate::wire::{Ask, Connection, Reply};

pub(crate) const WORKERS: u64 = 32;
pub(crate) const BROWSERS: u64 = 32;

pub(crate) struct Worker {
    app: Connection,
    other: Connection,
    pub(crate) provider: Connection,
    pub(crate) base_url: String,
    pub(crate) issuer: String,
    pub(crate) clock: FastClock,
    pub(crate) tally: Arc<Tally>,
    pub(crate) random: Random,
}

/// An answer that must not be.
pub(crate) struct Problem {
    what: &'static str,
    detail: String,
}

impl Problem {
    pub(crate) fn new(what: &'static str, detail: &impl Display) -> Self {
        Self { what, detail: detail.to_string() }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::new("a connection fails", &error)
    }
}

/// Starts all clients; they stop at `end`.
pub(crate) fn begin(
    server: &ServerProcess,
    provider: &Provider,
    clock: FastClock,
    tally: &Arc<Tally>,
    end: Instant,
) -> Vec<JoinHandle<()>> {
    let worker = |number| Worker {
        app: Connection::new(server.address()),
        other: Connection::new(server.address()),
        provider: Connection::new(provider.address()),
        base_url: server.base_url().to_owned(),
        issuer: provider.issuer().to_owned(),
        clock,
        tally: Arc::clone(tally),
        random: Random::new(number + 1),
    };
    (0..WORKERS).map(|number| tokio::spawn(worker(number).run(end))).collect()
}

impl Worker {
    async fn run(mut self, end: Instant) {
        let mut browsers: Vec<Browser> = (0..BROWSERS).map(|_| Browser::default()).collect();
        while Instant::now() < end {
            let mut all_rest = true;
            for browser in &mut browsers {
                let rests = browser.session.as_ref().map_or(0, |session| session.rests_until);
                if self.clock.seconds() < rests {
                    continue;
                }
                all_rest = false;
                if let Err(problem) = self.step(browser).await {
                    self.tally.error(problem.what, &problem.detail);
                    browser.forget();
                }
            }
            if all_rest {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    async fn step(&mut self, browser: &mut Browser) -> Result<(), Problem> {
        let Some(session) = &mut browser.session else {
            return self.sign_in(browser).await;
        };
        if session.requests > 0 {
            session.requests -= 1;
            return self.use_session(browser).await;
        }
        match session.leaves {
            Leaves::SignsOut => self.sign_out(browser).await,
            Leaves::LeftBehind => {
                self.tally.left_behind.add();
                browser.forget();
                Ok(())
            }
            Leaves::Idle | Leaves::Ceiling(_) | Leaves::Absolute => {
                session.rests_until = session.deadlines.latest();
                session.requests = 1;
                Ok(())
            }
        }
    }

    async fn use_session(&mut self, browser: &mut Browser) -> Result<(), Problem> {
        let (method, target) = match self.random.below(100) {
            0..90 => ("GET", "/profile"),
            90..96 => ("GET", "/"),
            96..99 => return self.tokens(browser).await,
            _ => ("POST", "/note"),
        };
        let headers = if self.random.below(2) == 0 { FETCH } else { NAVIGATION };
        let (reply, span) = self.ask(browser, method, target, headers).await?;
        if target == "/" && ended_on_the_way(browser, &reply, span) {
            return Ok(());
        }
        let goes_on = self.judge(browser, &reply, span)?;
        let Some(session) = browser.session.as_mut().filter(|_| goes_on) else { return Ok(()) };
        let right = match target {
            "/profile" => shows(session, &reply.body),
            "/note" => {
                self.tally.saves.add();
                session.notes += 1;
                reply.body == session.notes.to_string()
            }
            _ => reply.body == session.sub,
        };
        right.then_some(()).ok_or_else(|| Problem::new("not what was asked for", &reply))
    }

    /// Asks for the access token twice at once: a refresh token that was sent twice would end the session.
    async fn tokens(&mut self, browser: &mut Browser) -> Result<(), Problem> {
        let cookies = browser.jar.header();
        let ask =
            || Ask { method: "GET", target: "/token", headers: FETCH, cookies: &cookies, body: "" };
        let from = self.clock.seconds();
        let (one, other) = (ask(), ask());
        let (one, other) = tokio::join!(self.app.send(&one), self.other.send(&other));
        let span = Span { from, to: self.clock.seconds() };
        for reply in [one?, other?] {
            self.tally.requests.add();
            self.tally.tokens.add();
            browser.jar.keep(&reply);
            if !self.judge(browser, &reply, span)? {
                return Ok(());
            }
            if reply.body.parse::<i64>().ok().is_none_or(|expires_at| expires_at <= span.from) {
                return Err(Problem::new("an access token is stale", &reply));
            }
        }
        Ok(())
    }

    /// Whether the session goes on; `false` if it has ended when it had to.
    fn judge(&self, browser: &mut Browser, reply: &Reply, span: Span) -> Result<bool, Problem> {
        let Some(session) = &mut browser.session else { return Ok(false) };
        match (reply.status, session.deadlines.expected(span)) {
            (200, Expected::Live | Expected::Either) => {
                session.deadlines.used = span;
                return Ok(true);
            }
            (200, Expected::Over) => return Err(Problem::new("a session outlives its end", reply)),
            (_, Expected::Live) => return Err(Problem::new("a live session is refused", reply)),
            // Saving data is what was under way at the end.
            (401 | 303, _) | (410, Expected::Either) => {}
            _ => return Err(Problem::new("not the answer after the end", reply)),
        }
        let reason =
            browser.jar.marker().ok_or_else(|| Problem::new("no reason for the end", reply))?;
        if !session.deadlines.can_be(&reason, span) {
            return Err(Problem::new("a wrong reason for the end", reply));
        }
        match reason.as_str() {
            "ceiling" => self.tally.ceilings.add(),
            "idle" => self.tally.idle_ends.add(),
            _ => self.tally.absolute_ends.add(),
        };
        browser.forget();
        Ok(false)
    }

    /// A page that the user opens.
    pub(crate) async fn navigate(
        &mut self,
        browser: &mut Browser,
        target: &str,
    ) -> Result<(Reply, Span), Problem> {
        self.ask(browser, "GET", target, NAVIGATION).await
    }

    pub(crate) async fn ask(
        &mut self,
        browser: &mut Browser,
        method: &str,
        target: &str,
        headers: &str,
    ) -> Result<(Reply, Span), Problem> {
        let cookies = browser.jar.header();
        let ask = Ask { method, target, headers, cookies: &cookies, body: "" };
        let from = self.clock.seconds();
        let reply = self.app.send(&ask).await?;
        self.tally.requests.add();
        browser.jar.keep(&reply);
        Ok((reply, Span { from, to: self.clock.seconds() }))
    }
}

/// Whether the time came after the layer had let the request through: a page for everyone has nobody then, and the next request
/// is told of the end.
fn ended_on_the_way(browser: &Browser, reply: &Reply, span: Span) -> bool {
    let may_end = |session: &Known| session.deadlines.expected(span) == Expected::Either;
    let is_nobody = (reply.status, reply.body.as_str()) == (200, "nobody");
    is_nobody && browser.session.as_ref().is_some_and(may_end)
}

/// Whether `/profile` shows the session's subject and an end that it may have.
fn shows(session: &Known, body: &str) -> bool {
    let shown = body.split_once(' ');
    shown.is_some_and(|(sub, end)| {
        let end = end.parse::<i64>().ok();
        sub == session.sub && end.is_some_and(|end| end <= session.deadlines.latest())
    })
}

/// Headers of a page that the user opens.
pub(crate) const NAVIGATION: &str = "sec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\naccept: text/html\r\n";
/// Headers of a script of the page.
pub(crate) const FETCH: &str = "sec-fetch-site: same-origin\r\nsec-fetch-mode: cors\r\nsec-fetch-dest: empty\r\naccept: */*\r\n";
