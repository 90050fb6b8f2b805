//! What people do, and what happens to them.

use std::time::Duration;

use axum::body::Body;
use axum_oidc_session::dev_provider::LogoutSubject;

use crate::browser::{Browser, Kind};
use crate::executor::Owner;
use crate::invariants::Invariant::{I5, I7};
use crate::node::{Node, World};
use crate::provider::APP;
use crate::truth::{Asked, Login};

/// A person with a tab, until the end.
pub(crate) async fn tab(browser: Browser, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, .. } = browser.world.clone();
    while sim.now() < until {
        let to_the_end = browser.until_end().filter(|_| chance.permille(60));
        let pause = match chance.below(20) {
            // To the very second of the end, and a little before and after.
            _ if to_the_end.is_some() => {
                let end = to_the_end.unwrap_or_default() + chance.millis(0, 2_000);
                end.saturating_sub(Duration::from_secs(1))
            }
            0 => chance.seconds(300, 950),
            1..=4 => chance.seconds(20, 250),
            5..=8 => chance.millis(0, 50),
            _ => chance.millis(50, 20_000),
        };
        sim.sleep(pause).await;
        browser.world.truth.check_told();
        let node = chance.pick(&nodes);
        if browser.session_cookie().is_none() {
            if chance.permille(700) {
                login(&browser, &nodes, true).await;
            } else {
                browser.send(node, "/me", Kind::Fetch).await;
            }
            continue;
        }
        match chance.below(100) {
            0..=24 => drop(browser.send(node, "/me", Kind::Fetch).await),
            25..=29 => drop(browser.send(node, "/me", Kind::Navigation).await),
            30..=34 => drop(browser.send(node, "/act", Kind::Form).await),
            35..=62 => drop(browser.send(node, "/token", Kind::Fetch).await),
            63..=67 => drop(browser.send(node, "/slow", Kind::Fetch).await),
            68..=74 => drop(browser.send(node, "/auth/session", Kind::Fetch).await),
            75..=82 => drop(browser.listen(node, chance.seconds(1, 300)).await),
            83..=89 => old_cookie(&browser, node).await,
            90..=93 => {
                login(&browser, &nodes, true).await;
            }
            94..=95 => logout(&browser, node).await,
            _ => at_once(&browser, &nodes).await,
        }
    }
}

/// Several requests at the same time.
async fn at_once(browser: &Browser, nodes: &[Node]) {
    let chance = &browser.world.chance;
    let requests = (0..chance.between(2, 6)).map(|_| {
        let node = chance.pick(nodes).clone();
        let path = *chance.pick(&["/me", "/token", "/token", "/token"]);
        async move { drop(browser.send(&node, path, Kind::Fetch).await) }
    });
    futures_util::future::join_all(requests).await;
}

async fn old_cookie(browser: &Browser, node: &Node) {
    let chance = &browser.world.chance;
    let old = browser.old_cookies();
    if !old.is_empty() {
        let path = *chance.pick(&["/me", "/token"]);
        let cookie: &String = chance.pick(&old);
        browser.send_cookie(node, path, cookie).await;
    }
}

/// A whole login: begun on one node, completed on another. `true`: there is a session. `is_hasty`: the provider may end it at once.
pub(crate) async fn login(browser: &Browser, nodes: &[Node], is_hasty: bool) -> bool {
    let World { chance, truth, provider, sim, .. } = &browser.world;
    let (attempt, attempt_at) = (truth.next(), sim.now());
    let begun = browser.send(chance.pick(nodes), "/auth/login?return_to=/me", Kind::Navigation);
    let Some(url) = begun.await.filter(|answer| answer.status == 303).and_then(|it| it.location)
    else {
        return false;
    };
    let Some(callback) = provider.authorize(&url, browser.sub).await else { return false };
    let Some(path) = callback.strip_prefix(APP).map(str::to_owned) else { return false };
    let Some(code) = query(&path, "code") else { return false };
    let authenticated_at = sim.now();
    truth.authorized(
        &code,
        Login { browser: browser.number, attempt, attempt_at, authenticated_at },
    );
    // A slow line, or a page in between; and the provider may end the session before it begins.
    if chance.permille(150) {
        sim.sleep(chance.seconds(5, 100)).await;
    }
    if is_hasty && chance.permille(60) {
        sim.spawn(Owner::World, hasty_logout(browser.world.clone(), nodes.to_vec(), code.clone()));
    }
    // The session that it replaces ends, unless something goes wrong.
    if let Some(sid) = browser.session_cookie().and_then(|it| truth.session_of_cookie(&it)) {
        truth.may_be_replaced(&sid);
    }
    // Clicked twice, perhaps.
    let times = if chance.permille(60) { 2 } else { 1 };
    let sends = (0..times).map(|_| browser.send(chance.pick(nodes), &path, Kind::Navigation));
    let answers = futures_util::future::join_all(sends).await;
    let is_begun = answers.iter().flatten().any(|answer| answer.session.is_some());
    if chance.permille(50) {
        // The Back button, or a page that is loaded again.
        browser.send(chance.pick(nodes), &path, Kind::Navigation).await;
    }
    is_begun
}

/// Somebody has another's callback opened in this browser.
pub(crate) async fn foreign_callback(browser: &Browser, victim: &Browser, nodes: &[Node]) {
    let World { chance, truth, provider, sim, .. } = &browser.world;
    let (attempt, attempt_at) = (truth.next(), sim.now());
    let begun = victim.send(chance.pick(nodes), "/auth/login", Kind::Navigation).await;
    let Some(url) = begun.and_then(|answer| answer.location) else { return };
    let Some(callback) = provider.authorize(&url, victim.sub).await else { return };
    let (Some(path), Some(code)) = (callback.strip_prefix(APP), query(&callback, "code")) else {
        return;
    };
    let authenticated_at = sim.now();
    let login = Login { browser: victim.number, attempt, attempt_at, authenticated_at };
    truth.authorized(&code, login);
    browser.send(chance.pick(nodes), path, Kind::Navigation).await;
}

async fn logout(browser: &Browser, node: &Node) {
    let truth = &browser.world.truth;
    let Some(cookie) = browser.session_cookie() else { return };
    let sid = truth.session_of_cookie(&cookie);
    if let Some(sid) = &sid {
        truth.may_end(sid);
    }
    let answer = browser.send(node, "/auth/logout", Kind::Form).await;
    if let (Some(sid), Some(303)) = (sid, answer.map(|answer| answer.status)) {
        truth.is_ended(&sid);
    }
}

/// The provider ends sessions: its tokens arrive late, twice, or before the login they end is over.
pub(crate) async fn logouts_at_the_provider(world: World, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, truth, .. } = &world;
    while sim.now() < until {
        sim.sleep(chance.seconds(10, 240)).await;
        let sessions = truth.sessions();
        if sessions.is_empty() {
            continue;
        }
        let (sid, sub) = chance.pick(&sessions);
        let subject = match chance.below(4) {
            0 => LogoutSubject::Sub(sub.clone()),
            _ => LogoutSubject::Sid(sid.clone()),
        };
        let token = LogoutToken::issue(&world, subject);
        // Perhaps twice.
        for _ in 0..chance.between(1, 2) {
            let (sent, node, delay) =
                (token.clone(), chance.pick(&nodes).clone(), chance.millis(1, 5_000));
            sim.spawn(Owner::World, async move {
                sent.world.sim.sleep(delay).await;
                sent.deliver(&node).await;
            });
        }
    }
}

/// A logout token of the provider's.
#[derive(Clone)]
struct LogoutToken {
    world: World,
    subject: LogoutSubject,
    issued_at: Duration,
    token: String,
    /// By `sub`, it means logins that are not over.
    under_way: Option<usize>,
}

impl LogoutToken {
    fn issue(world: &World, subject: LogoutSubject) -> Self {
        let under_way = match &subject {
            LogoutSubject::Sub(sub) => Some(world.truth.begins_to_end(sub)),
            _ => None,
        };
        world.truth.may_end_by(&subject);
        let (issued_at, token) = (world.sim.now(), world.provider.logout_token(&subject));
        Self { world: world.clone(), subject, issued_at, token, under_way }
    }

    async fn deliver(&self, node: &Node) {
        let Self { world, subject, issued_at, token, under_way } = self;
        let asked = Asked {
            browser: usize::MAX,
            cookie: None,
            has_marker: false,
            began: world.truth.next(),
            began_at: world.sim.now(),
        };
        let request = http::Request::post("/auth/backchannel-logout")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(asked)
            .body(Body::from(format!("logout_token={token}")))
            .expect("a request");
        let accepted = match node.serve(request) {
            Some((_, response)) => response.await.is_ok_and(|response| response.status() == 200),
            None => false,
        };
        if let Some(under_way) = under_way {
            world.truth.has_come_to_end(*under_way);
        }
        if accepted {
            world.truth.is_ended_by(subject, *issued_at);
        }
    }
}

/// The provider ends a session as soon as it has issued its tokens.
async fn hasty_logout(world: World, nodes: Vec<Node>, code: String) {
    for _ in 0..200 {
        world.sim.sleep(Duration::from_millis(20)).await;
        if let Some(sid) = world.truth.session_of_code(&code) {
            let token = LogoutToken::issue(&world, LogoutSubject::Sid(sid));
            return token.deliver(world.chance.pick(&nodes)).await;
        }
    }
}

/// What goes wrong comes and goes.
pub(crate) async fn weather(world: World, until: Duration) {
    let World { sim, chance, weather, truth, .. } = &world;
    while sim.now() < until {
        sim.sleep(chance.seconds(60, 400)).await;
        weather.storm(chance);
        truth.note(format_args!("a storm"));
        sim.sleep(chance.seconds(5, 120)).await;
        weather.calm();
        truth.note(format_args!("calm"));
    }
    weather.calm();
}

/// Nodes die and begin anew.
pub(crate) async fn deaths(world: World, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, .. } = &world;
    while sim.now() < until {
        sim.sleep(chance.seconds(30, 900)).await;
        if sim.now() > until {
            return;
        }
        let node = chance.pick(&nodes);
        node.die();
        sim.sleep(chance.millis(0, 30_000)).await;
        node.begin();
    }
}

/// The provider changes its keys and what it asserts.
pub(crate) async fn moods(world: World, until: Duration) {
    let World { sim, chance, provider, .. } = &world;
    while sim.now() < until {
        provider.change_mind();
        if chance.permille(60) {
            provider.rotate_keys();
        }
        sim.sleep(chance.seconds(5, 60)).await;
    }
}

/// Somebody sets a clock wrong, and it is corrected.
pub(crate) async fn clocks(world: World, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, truth, .. } = &world;
    while sim.now() < until {
        sim.sleep(chance.seconds(200, 1_500)).await;
        if sim.now() > until {
            return;
        }
        let clock = chance.pick(&nodes).clock().clone();
        let right = clock.wrong_by();
        let far = i64::try_from(chance.between(1_000, 1_500_000)).unwrap_or(0);
        let wrong = if chance.permille(500) { right + far } else { right - far };
        truth.clock_is_wrong_by(wrong);
        clock.set_wrong_by(wrong);
        sim.sleep(chance.seconds(1, 90)).await;
        clock.set_wrong_by(right);
    }
}

/// When all is calm again everything works, without a restart: who is signed in still is, and who is not can sign in.
pub(crate) async fn afterwards(browsers: &[Browser], nodes: &[Node]) {
    for browser in browsers {
        let World { truth, chance, sim, .. } = &browser.world;
        let live = browser.session_cookie().filter(|cookie| truth.is_surely_live(cookie));
        if let Some(cookie) = live {
            let node = chance.pick(nodes);
            let status = browser.send(node, "/me", Kind::Fetch).await.map(|answer| answer.status);
            I7.check(status == Some(200), || format!("a live session gets {status:?} in calm"));
            let answer = browser.send(node, "/token", Kind::Fetch).await;
            let (status, code) = answer.map_or((0, String::new()), |answer| {
                (answer.status, answer.json["error"].as_str().unwrap_or_default().to_owned())
            });
            let sid = truth.session_of_cookie(&cookie).unwrap_or_default();
            let lost = matches!(code.as_str(), "refresh_rejected" | "refresh_answer_lost");
            // The refreshed ID Token may say that the session is over.
            let is_over = code == "session_expired" && !truth.is_surely_live(&cookie);
            let excused = is_over || lost && truth.is_refresh_in_doubt(&sid);
            I5.check(status == 200 || excused, || {
                format!("the token of {sid} cannot be refreshed: {status} {code}")
            });
        } else {
            let mut signed_in = false;
            for _ in 0..4 {
                browser.clear();
                signed_in = login(browser, nodes, false).await;
                if signed_in {
                    break;
                }
                sim.sleep(Duration::from_secs(35)).await;
            }
            I7.check(signed_in, || format!("browser {} can't sign in in calm", browser.number));
            let status = browser.send(chance.pick(nodes), "/me", Kind::Fetch).await;
            let status = status.map(|answer| answer.status);
            I7.check(status == Some(200), || format!("a new session gets {status:?} in calm"));
        }
    }
}

pub(crate) fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
