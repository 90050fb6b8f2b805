//! Logouts at the provider: its tokens come late, twice, or before the login they end is over.

use std::time::Duration;

use axum::body::Body;
use axum_oidc_session::dev_provider::LogoutSubject;

use crate::executor::Owner;
use crate::node::{Node, World};
use crate::truth::Asked;

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
        let view = node.view();
        let asked = Asked {
            node: node.number(),
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
            world.truth.is_ended_by(subject, *issued_at, view);
        }
    }
}

/// The provider ends a session as soon as it has issued its tokens.
pub(super) async fn hasty_logout(world: World, nodes: Vec<Node>, code: String) {
    for _ in 0..200 {
        world.sim.sleep(Duration::from_millis(20)).await;
        if let Some(sid) = world.truth.session_of_code(&code) {
            let token = LogoutToken::issue(&world, LogoutSubject::Sid(sid));
            return token.deliver(world.chance.pick(&nodes)).await;
        }
    }
}
