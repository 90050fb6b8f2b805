//! A session moves to a new id over a store so slow that the move's lease is over before it is done.

use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::Endpoint;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, OidcAuthBuilder};

use crate::support::{App, Browser, Fails, Node, pause, until};

/// A node whose `/cycle` moves the session.
pub(super) async fn cycling(
    app: &App,
    configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder,
) -> Node {
    let cycle = async |session: Session, _: AuthSession| {
        session.cycle_id().await.map_err(|error| error.to_string())
    };
    app.node_with(
        |auth| configure(auth).application_data(true),
        move |router| router.route("/cycle", get(cycle)),
    )
    .await
}

async fn assert_token(browser: &Browser) {
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// Another node is refreshing by now: the session stays where it is, and so do the new tokens.
#[tokio::test]
async fn a_move_whose_lease_is_over_before_the_old_id_is_left_is_none() {
    for slow in ["the new session", "the trace"] {
        let app = App::builder().sealed_store().start().await;
        let node = cycling(&app, |auth| auth.store_timeout(Duration::from_secs(60))).await;
        let browser = app.signed_in().await;
        app.later(300);
        let (old, moving) = (browser.copy(), node.serve(&browser));
        let (inserts, saves) = (app.store().inserts(), app.store().saves());
        match slow {
            "the trace" => app.store().save_slowly(Duration::from_secs(3)),
            _ => app.store().insert_slowly(Duration::from_secs(3)),
        }
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
        let refresh = async {
            until(async || match slow {
                "the trace" => app.store().saves() > saves,
                _ => app.store().inserts() > inserts,
            })
            .await;
            // What is under way stays slow.
            app.store().save_slowly(Duration::ZERO);
            app.store().drop_locks();
            app.later(12);
            app.ticking(old.fetch("/api/token")).await
        };
        let moved = async {
            let moved = moving.fetch("/cycle").await;
            assert_eq!(app.calls().refresh, 1, "the other node was too slow for this test");
            app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
            app.later(1);
            moved
        };
        let (moved, refreshed) = tokio::join!(moved, refresh);
        assert_eq!((moved.status, refreshed.status), (503, 200), "{slow}: {}", refreshed.text());
        assert_eq!(app.store().stored().len(), 1, "{slow}");
        for browser in [&moving, &old] {
            app.ticking(assert_token(browser)).await;
        }
        assert_eq!(app.calls().refresh, 1, "{slow}");
        app.later(300);
        app.ticking(assert_token(&moving)).await;
        assert_eq!(app.calls().refresh, 2, "{slow}: with the rotated token");
    }
}

/// The store fails where the old id is to be left, and another node refreshes under it before it is back.
#[tokio::test]
async fn tokens_that_were_saved_to_the_old_id_meanwhile_move_along() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app, |auth| auth).await;
    let browser = app.signed_in().await;
    let (old, moving) = (browser.copy(), node.serve(&browser));
    // The lease and the new session.
    app.store().fail_writes_after(2);
    assert_eq!(moving.fetch("/cycle").await.status, 200);
    // The lease is over, and what looks after the old id has tried in vain.
    app.later(300);
    pause().await;
    app.store().drop_locks();
    app.store().fail(Fails::Nothing);
    let writes = app.store().writes();
    assert_token(&old).await;
    assert!(app.store().writes() > writes);
    let closed = until(async || old.copy().fetch("/api/me").await.status == 401);
    app.ticking(closed).await;
    app.ticking(assert_token(&moving)).await;
    app.later(300);
    app.ticking(assert_token(&moving)).await;
    assert_eq!(app.calls().refresh, 2, "with the rotated token");
}
