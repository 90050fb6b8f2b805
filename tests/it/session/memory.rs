//! The memory store: bounded, nothing live is given up, what has ended is freed.

use axum_oidc_session::{MemoryStore, OidcAuthBuilder};

use crate::events::Told;
use crate::layer::hold_cookies;
use crate::support::{App, AppBuilder, pause, until};

fn bounded(store: &MemoryStore) -> AppBuilder {
    let store = store.clone();
    App::builder().configure(move |auth: OidcAuthBuilder| auth.store(store))
}

#[tokio::test]
async fn at_the_bound_new_logins_wait_and_nothing_live_is_given_up() {
    let store = MemoryStore::with_capacity(2);
    let app = bounded(&store).start().await;
    let (one, two) = (app.signed_in().await, app.signed_in().await);
    let three = app.browser();
    let refused = three.sign_in().await;
    assert_eq!(refused.refusal(), (503, "store_full".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!((three.cookie("app"), store.len()), (None, 2));
    app.settled().await;
    assert_eq!(app.calls().revocation, 1, "the tokens that nobody will use");
    for browser in [&one, &two] {
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
    assert_eq!(one.submit("/auth/logout").await.status, 303);
    assert_eq!(store.len(), 1);
    assert_eq!(three.sign_in().await.status, 303);
    assert_eq!((store.len(), three.get("/").await.text()), (2, "hello ada".to_owned()));
}

#[tokio::test]
async fn sessions_that_nobody_uses_again_make_room() {
    let store = MemoryStore::with_capacity(2);
    let app = bounded(&store).start().await;
    let (gone, _) = (app.signed_in().await, app.signed_in().await);
    hold_cookies(&gone);
    app.later(3_569);
    assert_eq!(app.browser().sign_in().await.status, 503);
    app.later(1);
    assert_eq!(app.browser().sign_in().await.status, 303);
    assert_eq!(store.len(), 1);
    assert_eq!(gone.fetch("/api/me").await.json()["reason"], "ceiling", "the reason is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_end_with_the_right_count() {
    let store = MemoryStore::default();
    let app = std::sync::Arc::new(bounded(&store).start().await);
    let browsers: Vec<_> = futures_util::future::join_all((0..20).map(|_| app.signed_in())).await;
    assert_eq!(store.len(), 20);
    let work = browsers.iter().enumerate().map(async |(index, browser)| {
        for _ in 0..5 {
            assert_eq!(browser.fetch("/api/me").await.status, 200);
        }
        if index % 2 == 0 {
            let (a, b) = (browser.copy(), browser.copy());
            let (a, b) = tokio::join!(a.submit("/auth/logout"), b.submit("/auth/logout"));
            assert_eq!((a.status, b.status), (303, 303));
            assert_eq!(browser.fetch("/api/me").await.json()["reason"], "revoked");
        }
    });
    futures_util::future::join_all(work).await;
    assert_eq!(store.len(), 10);
}

/// The browser drops its cookie at the deadline: no request meets the session any more.
#[tokio::test]
async fn the_sweep_revokes_the_tokens_of_sessions_that_ran_out() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let browsers = [app.signed_in().await, app.signed_in().await];
    hold_cookies(&browsers[0]);
    told.events();
    app.later(3_569);
    pause().await;
    assert_eq!(app.calls().revocation, 0);
    // The sweep comes within a minute.
    app.later(61);
    until(async || app.calls().revocation == 2).await;
    app.settled().await;
    assert_eq!(told.codes(), [("session_ended", "ceiling"); 2]);
    let late = browsers[0].fetch("/api/me").await;
    assert_eq!((late.status, &late.json()["reason"]), (401, &"ceiling".into()));
    assert_eq!(told.codes(), [], "it was told");
}

/// Some providers revoke with it the grant that the user's other session lives on.
#[tokio::test]
async fn a_live_session_of_the_user_keeps_the_token_of_one_that_ran_out() {
    let app = App::start().await;
    let old = app.signed_in().await;
    app.op.authorize_as("grace");
    app.signed_in().await;
    app.op.authorize_as("ada");
    app.later(3_569);
    let third = app.browser();
    third.sign_in().await;
    // The browser has dropped the cookie: the new session knows of none before it.
    app.later(1);
    let new = app.browser();
    new.sign_in().await;
    drop(old);
    app.later(60);
    until(async || app.calls().revocation > 0).await;
    app.settled().await;
    pause().await;
    assert_eq!(app.calls().revocation, 1, "grace's alone");
    for browser in [&third, &new] {
        assert_eq!(browser.post("/api/refresh").await.status, 200);
    }
}

#[tokio::test]
async fn the_sweep_leaves_the_tokens_alone_where_that_is_configured() {
    let app = App::builder().configure(|auth| auth.revoke_tokens_at_end(false)).start().await;
    app.signed_in().await;
    app.later(3_700);
    pause().await;
    app.settled().await;
    assert_eq!(app.calls().revocation, 0);
}
