//! A browser: cookies, and tabs that ask for things at the same time, on any node.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::executor::lock;
use crate::node::{Node, World};
use crate::ports::BEGIN;
use crate::provider::APP;
use crate::story::query;
use crate::truth::{Asked, Refused};
use crate::weather::Trouble;

/// Clones are the same browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) world: World,
    pub(crate) number: usize,
    pub(crate) sub: &'static str,
    /// Name, value and when it is dropped.
    cookies: Arc<Mutex<BTreeMap<String, (String, Option<Duration>)>>>,
    /// Session cookies that it once had.
    old: Arc<Mutex<Vec<String>>>,
    /// When its session ends, as far as it was told. Seconds since the epoch.
    end: Arc<Mutex<Option<i64>>>,
}

/// A response as far as the browser has it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) json: Value,
    /// The session cookie that it sets.
    pub(crate) session: Option<String>,
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Navigation,
    Fetch,
    /// A form of the application's own pages.
    Form,
}

impl Browser {
    pub(crate) fn new(world: &World, number: usize, sub: &'static str) -> Self {
        let (cookies, old, end) = (Arc::default(), Arc::default(), Arc::default());
        Self { world: world.clone(), number, sub, cookies, old, end }
    }

    pub(crate) fn session_cookie(&self) -> Option<String> {
        self.cookie(SESSION)
    }

    pub(crate) fn old_cookies(&self) -> Vec<String> {
        lock(&self.old).clone()
    }

    /// Whether no cookie of a login is left, nor of a session.
    pub(crate) fn clear(&self) {
        lock(&self.cookies).clear();
    }

    /// How long it is until the session ends, if it was told.
    pub(crate) fn until_end(&self) -> Option<Duration> {
        let end = u64::try_from((*lock(&self.end))?.checked_sub(BEGIN)?).ok()?;
        Duration::from_secs(end).checked_sub(self.world.sim.now())
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let now = self.world.sim.now();
        let cookies = lock(&self.cookies);
        let (value, until) = cookies.get(name)?;
        until.is_none_or(|until| now < until).then(|| value.clone())
    }

    /// Sends a request with the browser's own cookies.
    pub(crate) async fn send(&self, node: &Node, path: &str, kind: Kind) -> Option<Answer> {
        let header = {
            let now = self.world.sim.now();
            let cookies = lock(&self.cookies);
            let live = cookies.iter().filter(|(_, (_, until))| until.is_none_or(|at| now < at));
            live.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        };
        let asked = self.asked(node, self.session_cookie(), self.cookie(MARKER).is_some());
        let (answer, set) = self.exchange(node, request(path, kind, &header), &asked).await?;
        set.iter().for_each(|cookie| self.keep(cookie));
        // A session has begun.
        if let (Some(code), Some(cookie)) = (query(path, "code"), &answer.session)
            && let Some(sid) = self.world.truth.session_of_code(&code)
        {
            self.world.truth.signed_in(&sid, cookie);
        }
        if let Some(end) = answer.json["expires_at"].as_i64() {
            *lock(&self.end) = Some(end);
        }
        self.judge(&asked, kind, &answer);
        Some(answer)
    }

    /// The same with nothing but a session cookie: a copy of it, or one that it once had.
    pub(crate) async fn send_cookie(&self, node: &Node, path: &str, cookie: &str) {
        let asked = self.asked(node, Some(cookie.to_owned()), false);
        let header = format!("{SESSION}={cookie}");
        let sent = self.exchange(node, request(path, Kind::Fetch, &header), &asked);
        if let Some((answer, _)) = sent.await {
            self.judge(&asked, Kind::Fetch, &answer);
        }
    }

    /// Reads a stream for so long, or to its end. `None`: there was none.
    pub(crate) async fn listen(&self, node: &Node, longest: Duration) -> Option<()> {
        let cookie = self.session_cookie()?;
        let asked = self.asked(node, Some(cookie.clone()), false);
        let mut request = request("/stream", Kind::Fetch, &format!("{SESSION}={cookie}"));
        request.extensions_mut().insert(asked.clone());
        let sim = &self.world.sim;
        let (task, response) = node.serve(request)?;
        let Some(Ok(response)) = sim.within(PATIENCE, response).await else {
            sim.cancel(task);
            return None;
        };
        if response.status() != 200 {
            return None;
        }
        let mut body = response.into_body();
        let (sender, ended) = tokio::sync::oneshot::channel();
        let writing = node.spawn(async move {
            while let Some(Ok(_)) = body.frame().await {}
            let _ = sender.send(());
        });
        let ended = sim.within(longest, ended).await;
        sim.cancel(writing);
        // By itself, and not with its node.
        if ended.is_some_and(|ended| ended.is_ok()) {
            self.world.truth.stream_ended(&asked);
        }
        Some(())
    }

    fn asked(&self, node: &Node, cookie: Option<String>, has_marker: bool) -> Asked {
        let (began, began_at) = (self.world.truth.next(), self.world.sim.now());
        let (node, browser) = (node.number(), self.number);
        let asked = Asked { node, browser, cookie, has_marker, began, began_at };
        self.world.truth.may_use(&asked);
        asked
    }

    async fn exchange(
        &self,
        node: &Node,
        request: Request,
        asked: &Asked,
    ) -> Option<(Answer, Vec<String>)> {
        let answer = self.answer(node, request, asked).await;
        self.world.truth.may_use(asked);
        answer
    }

    async fn answer(
        &self,
        node: &Node,
        mut request: Request,
        asked: &Asked,
    ) -> Option<(Answer, Vec<String>)> {
        let World { sim, chance, weather, .. } = &self.world;
        sim.sleep(chance.millis(1, 50)).await;
        request.extensions_mut().insert(asked.clone());
        let (task, response) = node.serve(request)?;
        let hangs_up = chance.permille(weather.of(Trouble::ClientHangsUp));
        let patience = if hangs_up { chance.millis(0, 400) } else { PATIENCE };
        let Some(response) = sim.within(patience, response).await else {
            sim.cancel(task);
            return None;
        };
        // A node that died, or an answer that is lost.
        let response: Response = response.ok()?;
        if chance.permille(weather.of(Trouble::ClientLosesReply)) {
            return None;
        }
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        sim.sleep(chance.millis(1, 50)).await;
        let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let set: Vec<String> = parts.headers.get_all(SET_COOKIE).iter().map(text).collect();
        let session = set.iter().find_map(|set| {
            let (name, value) = set.split(';').next()?.split_once('=')?;
            (name == SESSION && !value.is_empty()).then(|| value.to_owned())
        });
        let answer = Answer {
            session,
            status: parts.status.as_u16(),
            location: parts.headers.get(LOCATION).map(text),
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
        };
        Some((answer, set))
    }

    /// `name=value; …; Max-Age=n; …`
    fn keep(&self, set: &str) {
        let mut parts = set.split("; ");
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let max_age = parts.find_map(|part| part.strip_prefix("Max-Age="));
        let until = max_age
            .and_then(|age| age.parse().ok())
            .map(|age: u64| self.world.sim.now() + Duration::from_secs(age));
        if name == SESSION && !value.is_empty() {
            let mut old = lock(&self.old);
            if !old.iter().any(|known| known == value) {
                old.push(value.to_owned());
            }
        }
        lock(&self.cookies).insert(name.to_owned(), (value.to_owned(), until));
    }

    /// Whether a refusal is right.
    fn judge(&self, asked: &Asked, kind: Kind, answer: &Answer) {
        let to_login = answer.location.as_ref().is_some_and(|to| to.contains("/auth/login"));
        let code = answer.json["error"].as_str().unwrap_or_default();
        if let Some(authenticated) = answer.json["authenticated"].as_bool() {
            let end = answer.json["expires_at"].as_i64();
            self.world.truth.status(asked, authenticated, end);
        }
        let is_page = kind == Kind::Form && answer.status == 401;
        let is_refusal =
            is_page || answer.status == 401 && matches!(code, "session_expired" | "login_required");
        if is_refusal || (kind == Kind::Navigation && to_login && answer.status == 303) {
            let reason = answer.json["reason"].as_str().unwrap_or_default().to_owned();
            let refused = Refused { status: answer.status, code: code.to_owned(), reason };
            self.world.truth.refused(asked, &refused);
        }
    }
}

fn request(path: &str, kind: Kind, cookies: &str) -> Request {
    let method = if kind == Kind::Form { "POST" } else { "GET" };
    let (mode, destination) = match kind {
        Kind::Fetch => ("cors", "empty"),
        _ => ("navigate", "document"),
    };
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "app.example.com")
        .header("sec-fetch-mode", mode)
        .header("sec-fetch-dest", destination)
        .header("sec-fetch-site", "same-origin");
    if kind == Kind::Form {
        request = request.header("origin", APP);
    }
    if !cookies.is_empty() {
        request = request.header(COOKIE, cookies);
    }
    request.body(Body::empty()).expect("a request")
}

const SESSION: &str = "__Host-app";
const MARKER: &str = "__Host-app_m";
/// How long a browser waits.
const PATIENCE: Duration = Duration::from_secs(90);
