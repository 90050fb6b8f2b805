//! What goes wrong around them.

use std::time::Duration;

use crate::browser::{Browser, Kind};
use crate::executor::lock;
use crate::node::{Node, World};

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

/// Machines are suspended, for seconds or for an hour.
pub(crate) async fn sleeps(browsers: Vec<Browser>, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, .. } = &browsers[0].world;
    while sim.now() < until {
        sim.sleep(chance.seconds(60, 900)).await;
        let longest = (until + Duration::from_secs(120)).saturating_sub(sim.now());
        let duration = match chance.below(3) {
            0 => chance.millis(100, 20_000),
            1 => chance.seconds(20, 600),
            _ => Duration::from_secs(3_600),
        };
        let (node, duration) = (chance.pick(&nodes), duration.min(longest));
        if chance.permille(400) {
            ended_elsewhere(chance.pick(&browsers), node, &nodes, duration).await;
        } else {
            node.sleep(duration).await;
        }
    }
}

/// A session is used on a node that falls asleep, ends on another one, and is asked for on the first as it wakes.
async fn ended_elsewhere(browser: &Browser, node: &Node, nodes: &[Node], duration: Duration) {
    let World { sim, chance, .. } = &browser.world;
    browser.send(node, "/me", Kind::Fetch).await;
    let cookie = browser.session_cookie();
    let others: Vec<Node> =
        nodes.iter().filter(|it| it.number() != node.number()).cloned().collect();
    let (Some(cookie), false) = (cookie, others.is_empty()) else {
        return node.sleep(duration).await;
    };
    let meanwhile = async {
        sim.sleep(duration / 4).await;
        super::logout(browser, chance.pick(&others)).await;
    };
    let asked = async {
        sim.sleep(duration.saturating_sub(chance.millis(0, 2_000))).await;
        for _ in 0..3 {
            browser.send_cookie(node, "/me", &cookie).await;
        }
    };
    futures_util::future::join3(node.sleep(duration), meanwhile, asked).await;
}

/// The store's old master is cut off, and some nodes with it; what was written there is lost.
pub(crate) async fn cuts(browsers: Vec<Browser>, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, truth, server, .. } = &browsers[0].world;
    while sim.now() < until {
        sim.sleep(chance.seconds(60, 900)).await;
        if sim.now() > until {
            return;
        }
        let alone = chance.index(nodes.len());
        let is_old = chance.permille(500);
        let old: Vec<usize> = (0..nodes.len()).filter(|node| (*node == alone) == is_old).collect();
        lock(&server.0).fall_behind();
        truth.falls_behind(&old);
        sim.sleep(chance.millis(0, 3_000)).await;
        lock(&server.0).split(&old);
        truth.splits();
        let longest = (until + Duration::from_secs(120)).saturating_sub(sim.now());
        let duration = match chance.below(3) {
            0 => chance.seconds(1, 30),
            _ => chance.seconds(30, 600),
        };
        let healed = async {
            sim.sleep(duration.min(longest)).await;
            lock(&server.0).heal();
            truth.heals();
        };
        if chance.permille(600) {
            let uses = on_both_sides(chance.pick(&browsers), &nodes, duration.min(longest));
            futures_util::future::join(healed, uses).await;
        } else {
            healed.await;
        }
    }
}

/// A session is refreshed by both masters' nodes, and in use on each of them when one master is given up.
async fn on_both_sides(browser: &Browser, nodes: &[Node], duration: Duration) {
    let World { sim, chance, .. } = &browser.world;
    let uses = nodes.iter().map(|node| async move {
        let end = sim.now() + duration;
        while sim.now() < end {
            sim.sleep(chance.seconds(1, 60).min(end.saturating_sub(sim.now()))).await;
            let Some(cookie) = browser.session_cookie() else { return };
            browser.send_cookie(node, "/token", &cookie).await;
        }
    });
    let streams = nodes.iter().map(|node| async move {
        sim.sleep(duration * 3 / 4).await;
        browser.listen(node, duration / 4 + chance.seconds(5, 60)).await;
    });
    let afterwards = async {
        sim.sleep(duration).await;
        for _ in 0..6 {
            sim.sleep(chance.millis(50, 2_500)).await;
            let Some(cookie) = browser.session_cookie() else { return };
            browser.send_cookie(chance.pick(nodes), "/me", &cookie).await;
        }
    };
    let (uses, streams) =
        (futures_util::future::join_all(uses), futures_util::future::join_all(streams));
    futures_util::future::join3(uses, streams, afterwards).await;
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
