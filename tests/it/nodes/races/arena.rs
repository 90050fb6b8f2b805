//! Two nodes over one steered store, and rounds in which they race.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::routing::get;
use axum_oidc_session::clock::{Clock as _, ManualClock, SystemClock};
use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, AuthStore, Store};
use futures_util::future::{Either, join, select};
use url::Url;

use super::orders::{Order, Passed};
use crate::support::{
    App, Browser, CLIENT_ID, Gate, NOW, Node, Reply, SealedTestStore, SteeredStore, until,
};

/// An application on two nodes.
pub(super) struct Arena {
    pub(super) app: App,
    pub(super) nodes: [Node; 2],
    gate: Gate,
}

/// What came before the race: a browser that is signed in, with a due access token.
pub(super) struct Round<'a> {
    pub(super) arena: &'a Arena,
    pub(super) browser: Browser,
    /// With the cookies of before the race.
    pub(super) before: Browser,
    pub(super) order: Order,
    issued: usize,
    refreshes: u64,
}

impl Arena {
    pub(super) async fn new() -> Self {
        let clock = ManualClock::at(NOW);
        Self::over(Arc::new(SealedTestStore::new(clock.clone())), clock).await
    }

    pub(super) async fn over(store: Arc<dyn AuthStore>, clock: ManualClock) -> Self {
        let app = App::builder().sealed_store().on_clock(clock).start().await;
        let gate = Gate::default();
        let node = async |number| {
            let store = Store::from(SteeredStore::new(Arc::clone(&store), &gate, number));
            app.node_with(move |auth| auth.application_data(true).store(store), routes).await
        };
        let nodes = [node(0).await, node(1).await];
        Self { app, nodes, gate }
    }

    /// Runs `race` once for each order, and says how many there were.
    pub(super) async fn in_all_orders(
        &self,
        mut race: impl AsyncFnMut(Round<'_>) -> Passed,
    ) -> usize {
        let (mut order, mut count) = (Some(Order::FIRST), 0);
        while let Some(now) = order {
            let passed = race(self.round(now).await).await;
            count += 1;
            order = now.next(passed);
        }
        count
    }

    async fn round(&self, order: Order) -> Round<'_> {
        // No login of this round is met by a marker of the last, and the ceiling of the last is far away.
        self.app.later(2);
        let browser = self.nodes[0].serve(&self.app.browser());
        let callback = self.callback(&browser).await;
        assert_eq!(browser.navigate(&callback).await.status, 303);
        self.app.later(300);
        let issued = self.app.op.issued_values().len();
        let (before, refreshes) = (browser.copy(), self.app.calls().refresh);
        Round { arena: self, browser, before, order, issued, refreshes }
    }

    /// Begins a login at the base URL: the callback's path, not yet visited, on whatever node.
    pub(super) async fn callback(&self, browser: &Browser) -> String {
        let browser = browser.at(&self.app.origin);
        let callback = Url::parse(&browser.until_callback("/auth/login").await).unwrap();
        format!("{}?{}", callback.path(), callback.query().unwrap())
    }
}

impl Round<'_> {
    /// The browser on a node; its cookies are shared.
    pub(super) fn on(&self, node: usize) -> Browser {
        self.arena.nodes[node].serve(&self.browser)
    }

    /// Lets the first node do `one`, and the second `two`, in this round's order. Their outcomes, and the calls of each run.
    pub(super) async fn race<A, B>(
        &self,
        one: impl Future<Output = A>,
        two: impl Future<Output = B>,
    ) -> (A, B, Passed) {
        let gate = &self.arena.gate;
        gate.close();
        let one = async {
            let outcome = one.await;
            gate.finish(0);
            outcome
        };
        let two = async {
            let outcome = two.await;
            gate.finish(1);
            outcome
        };
        let mut both = std::pin::pin!(join(one, two));
        let mut steered = std::pin::pin!(self.order.steer(gate));
        // What is left waits for a clock that goes on.
        let (outcomes, passed) = match select(both.as_mut(), steered.as_mut()).await {
            Either::Left((outcomes, _)) => (Some(outcomes), steered.await),
            Either::Right((passed, _)) => (None, passed),
        };
        gate.open();
        let (one, two) = match outcomes {
            Some(outcomes) => outcomes,
            None => self.arena.app.ticking(both).await,
        };
        self.arena.app.ticking(self.arena.nodes[0].settled()).await;
        self.arena.app.ticking(self.arena.nodes[1].settled()).await;
        (one, two, passed)
    }

    /// Sends a logout token to a node.
    pub(super) async fn logout_token(&self, node: usize, subject: &LogoutSubject) -> Reply {
        let token = self.arena.app.op.logout_token(CLIENT_ID, subject).unwrap();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let provider = self.arena.nodes[node].serve(&self.arena.app.browser());
        provider
            .send("POST", "/auth/backchannel-logout", &form, &format!("logout_token={token}"))
            .await
    }

    /// Whether these cookies open a session on either node.
    pub(super) async fn is_live(&self, browser: &Browser) -> bool {
        let mut answers = BTreeSet::new();
        for node in &self.arena.nodes {
            answers.insert(node.serve(&browser.copy()).fetch("/api/me").await.status);
        }
        assert_eq!(answers.len(), 1, "the nodes disagree: {:?}", self.order);
        answers.contains(&200)
    }

    pub(super) async fn assert_dead(&self, browser: &Browser) {
        assert!(!self.is_live(browser).await, "it lives on: {:?}", self.order);
    }

    pub(super) async fn assert_live(&self, browser: &Browser) {
        assert!(self.is_live(browser).await, "it is lost: {:?}", self.order);
    }

    /// How often the provider was asked for new tokens in this round.
    pub(super) fn refreshes(&self) -> u64 {
        self.arena.app.calls().refresh - self.refreshes
    }

    /// A token that was issued in this round is revoked, or is about to be. None was issued if the logout had revoked the old
    /// one before the provider got it.
    pub(super) async fn assert_new_token_revoked(&self) {
        if self.arena.app.op.issued_values().len() == self.issued {
            return;
        }
        let is_revoked = async || {
            let issued = self.arena.app.op.issued_values();
            let revoked = self.arena.app.op.revoked_tokens();
            issued[self.issued..].iter().any(|token| revoked.contains(token))
        };
        let waits = Box::pin(self.arena.app.ticking(until(is_revoked)));
        match select(waits, SystemClock.sleep(Duration::from_secs(5))).await {
            Either::Left(_) => {}
            Either::Right(_) => panic!("the new token is left alive: {:?}", self.order),
        }
    }
}

fn routes(router: axum::Router) -> axum::Router {
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    let set = async |session: Session, _: AuthSession, RawQuery(key): RawQuery| {
        session.insert(&key.unwrap(), 1).await.unwrap();
        // A session that is gone takes nothing.
        session.save().await.map_or(StatusCode::CONFLICT, |()| StatusCode::OK)
    };
    let read = async |session: Session, _: AuthSession, RawQuery(key): RawQuery| {
        format!("{:?}", session.get::<i32>(&key.unwrap()).await.unwrap())
    };
    router.route("/cycle", get(cycle)).route("/set", get(set)).route("/read", get(read))
}
