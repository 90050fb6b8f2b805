//! What goes wrong around them.

use std::time::Duration;

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
pub(crate) async fn sleeps(world: World, nodes: Vec<Node>, until: Duration) {
    let World { sim, chance, .. } = &world;
    while sim.now() < until {
        sim.sleep(chance.seconds(60, 900)).await;
        let longest = (until + Duration::from_secs(120)).saturating_sub(sim.now());
        let duration = match chance.below(3) {
            0 => chance.millis(100, 20_000),
            1 => chance.seconds(20, 600),
            _ => Duration::from_secs(3_600),
        };
        chance.pick(&nodes).sleep(duration.min(longest)).await;
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
