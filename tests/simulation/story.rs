//! What people do, and what happens to them.

mod logouts;
mod troubles;

use std::time::Duration;

use self::logouts::hasty_logout;
use crate::browser::{Browser, Kind};
use crate::executor::Owner;
use crate::invariants::Invariant::{I5, I7};
use crate::node::{Node, World};
use crate::provider::APP;
use crate::truth::Login;

pub(crate) use self::logouts::logouts_at_the_provider;
pub(crate) use self::troubles::{clocks, cuts, deaths, moods, sleeps, weather};

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
                // The first use of a session, and perhaps its last.
                if login(&browser, &nodes, true).await && chance.permille(200) {
                    parting(&browser, &nodes).await;
                }
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
            63..=65 => drop(browser.send(node, "/slow", Kind::Fetch).await),
            66..=67 => drop(browser.send(node, "/patient", Kind::Fetch).await),
            68..=74 => drop(browser.send(node, "/auth/session", Kind::Fetch).await),
            75..=82 => drop(browser.listen(node, chance.seconds(1, 300)).await),
            83..=89 => old_cookie(&browser, node).await,
            90..=93 => {
                login(&browser, &nodes, true).await;
            }
            94 => logout(&browser, node).await,
            95 => parting(&browser, &nodes).await,
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

/// Requests that are under way when their user signs out.
async fn parting(browser: &Browser, nodes: &[Node]) {
    let chance = &browser.world.chance;
    let requests = (0..chance.between(1, 4)).map(|_| {
        let node = chance.pick(nodes).clone();
        let path = *chance.pick(&["/me", "/token", "/slow", "/patient"]);
        async move { drop(browser.send(&node, path, Kind::Fetch).await) }
    });
    let logout = logout(browser, chance.pick(nodes));
    futures_util::future::join(futures_util::future::join_all(requests), logout).await;
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
    let view = node.view();
    let answer = browser.send(node, "/auth/logout", Kind::Form).await;
    if let (Some(sid), Some(303)) = (sid, answer.map(|answer| answer.status)) {
        truth.is_ended(&sid, view);
    }
}

/// When all is calm again everything works, without a restart: who is signed in still is, and who is not can sign in.
pub(crate) async fn afterwards(browsers: &[Browser], nodes: &[Node]) {
    for browser in browsers {
        let World { truth, chance, sim, .. } = &browser.world;
        let view = chance.pick(nodes).view();
        let live = browser.session_cookie().filter(|it| truth.is_surely_live(it, view));
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
            let is_over = code == "session_expired" && !truth.is_surely_live(&cookie, view);
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
