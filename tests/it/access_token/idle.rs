//! The store fails while a refresh holds rotated tokens, and the idle limit seems to be reached in the meantime.

use std::time::Duration;

use super::{access_token, during_refresh, newest_refresh_token};
use crate::support::{App, Browser, Fails, pause, until};

/// An application whose sessions are idle after 600 s, and a browser that used its session at 250 s; a rotated refresh token is held
/// by its task at 311 s, because the store fails.
async fn with_held_tokens() -> (App, Browser) {
    let idle = Duration::from_secs(600);
    let app = App::builder().sealed_store().configure(move |auth| auth.idle_limit(idle));
    let app = app.start().await;
    let browser = app.signed_in().await;
    app.op.set_access_token_lifetime(Duration::from_secs(3_000));
    app.later(250);
    let failing = async || app.store().fail(Fails::Everything);
    let impatient = async {
        until(async || app.calls().refresh == 1).await;
        for _ in 0..5 {
            pause().await;
        }
        app.later(60);
    };
    let (reply, ()) = tokio::join!(during_refresh(&app, &browser, failing), impatient);
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    (app, browser)
}

/// The tokens are where they were: nothing has ended.
async fn wait_until(app: &App, seconds: u64) {
    app.later(seconds);
    pause().await;
    app.settled().await;
    assert_eq!(app.op.revoked_tokens(), Vec::<String>::new());
}

#[tokio::test]
async fn idle_postponed_elsewhere_keeps_the_rotated_token() {
    let (app, browser) = with_held_tokens().await;
    let node = app.node(|auth| auth).await;
    app.store().fail(Fails::Nothing);
    let there = node.serve(&browser.copy());
    assert_eq!(there.fetch("/api/me").await.status, 200);
    app.store().fail(Fails::Everything);
    wait_until(&app, 550).await;
    app.store().fail(Fails::Nothing);
    wait_until(&app, 10).await;
    let token = access_token(&there).await;
    let again = access_token(&there).await;
    assert_eq!((again, app.calls().refresh), (token, 1), "nothing was lost");
}

#[tokio::test]
async fn idle_that_the_store_confirms_revokes_the_rotated_token() {
    let (app, _browser) = with_held_tokens().await;
    wait_until(&app, 550).await;
    app.store().fail(Fails::Nothing);
    app.later(10);
    pause().await;
    app.settled().await;
    assert_eq!(app.op.revoked_tokens(), [newest_refresh_token(&app)]);
}

/// The ceiling needs no store.
#[tokio::test]
async fn the_ceiling_ends_the_wait_for_the_store() {
    let (app, _browser) = with_held_tokens().await;
    wait_until(&app, 550).await;
    wait_until(&app, 3_569 - 861).await;
    app.later(10);
    pause().await;
    app.settled().await;
    assert_eq!(app.op.revoked_tokens(), [newest_refresh_token(&app)]);
}
