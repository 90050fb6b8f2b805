//! The live cache with push invalidation: no question to the store while nothing has changed, and what changes is heard.

use std::time::Duration;

use axum::extract::RawQuery;
use axum::routing::get;
use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, AuthStore as _, OidcAuthBuilder, Store};

use crate::support::{App, Browser, CLIENT_ID, Fails, until};

fn push(auth: OidcAuthBuilder) -> OidcAuthBuilder {
    auth.push_invalidation(true)
}

async fn application() -> App {
    App::builder().sealed_store().configure(push).start().await
}

/// Uses the session until it is kept in memory.
async fn kept(app: &App, browser: &Browser) {
    until(async || {
        let reads = app.store().reads();
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        app.store().reads() == reads
    })
    .await;
}

#[tokio::test]
async fn a_kept_session_asks_the_store_nothing() {
    let app = application().await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    let (reads, writes) = (app.store().reads(), app.store().writes());
    for _ in 0..20 {
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
    assert_eq!((app.store().reads() - reads, app.store().writes() - writes), (0, 0));
    // A cookie whose second half is another's opens nothing, kept or not.
    let forged = browser.copy();
    let mut value = browser.cookie("app").unwrap();
    let last = if value.ends_with('A') { 'E' } else { 'A' };
    value.pop();
    value.push(last);
    forged.set_cookie("app", &value);
    assert_eq!(forged.fetch("/api/me").await.status, 401);
}

#[tokio::test]
async fn an_end_on_another_node_is_heard() {
    let app = application().await;
    let node = app.node(push).await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    assert_eq!(node.serve(&browser.copy()).submit("/auth/logout").await.status, 303);
    until(async || browser.copy().fetch("/api/me").await.status == 401).await;
}

#[tokio::test]
async fn a_change_on_another_node_is_heard() {
    let app = application().await;
    let node = app.node(push).await;
    let browser = app.signed_in().await;
    app.later(250);
    kept(&app, &browser).await;
    let there = node.serve(&browser.copy());
    let new = there.fetch("/api/token").await.json()["access_token"].clone();
    until(async || browser.fetch("/api/token").await.json()["access_token"] == new).await;
    assert_eq!(app.calls().refresh, 1);
}

/// The ceiling is enforced on what is kept, and an idle end only after a look at the store: another node may have seen a use.
#[tokio::test]
async fn the_deadline_is_that_of_the_store() {
    let app = App::builder()
        .sealed_store()
        .configure(|auth| push(auth).idle_limit(Duration::from_secs(200)))
        .start()
        .await;
    let node = app.node(|auth| push(auth).idle_limit(Duration::from_secs(200))).await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    for _ in 0..3 {
        app.later(150);
        assert_eq!(node.serve(&browser).fetch("/api/me").await.status, 200);
    }
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    app.later(200);
    assert_eq!(browser.fetch("/api/me").await.json()["reason"], "idle");
}

/// Without the store's messages the store is asked, and if it does not answer nobody is admitted from memory for longer than the
/// bound.
#[tokio::test]
async fn nothing_is_served_from_memory_beyond_the_bound() {
    let app = application().await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    app.store().fail(Fails::Everything);
    app.store().lose_listeners();
    until(async || browser.fetch("/api/me").await.status == 503).await;
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

/// A listener that has fallen silent, and does not know: what it last confirmed serves for the bound, and no longer.
#[tokio::test]
async fn an_end_that_nobody_hears_of_is_true_within_the_bound() {
    let app = application().await;
    let node = app.node(push).await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    app.store().hold_events_back();
    assert_eq!(node.serve(&browser.copy()).submit("/auth/logout").await.status, 303);
    assert_eq!(browser.copy().fetch("/api/me").await.status, 200, "this is what the bound is for");
    app.clock.advance(Duration::from_millis(1_999));
    assert_eq!(browser.copy().fetch("/api/me").await.status, 200);
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
}

/// The same, where the answer waits: a logout token is answered when it is true everywhere.
#[tokio::test]
async fn a_logout_token_waits_for_nodes_that_hear_nothing() {
    let waits = |auth: OidcAuthBuilder| push(auth).logout_waits_for_nodes(true);
    let app = App::builder().sealed_store().configure(waits).start().await;
    let node = app.node(waits).await;
    let browser = node.serve(&app.signed_in().await);
    kept(&app, &browser).await;
    app.store().hold_events_back();
    let by_sub = LogoutSubject::Sub("ada".to_owned());
    let token = app.op.logout_token(CLIENT_ID, &by_sub).unwrap();
    let reply = app.ticking(app.op.send_logout_token(CLIENT_ID, &token)).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
}

/// The answer to a logout is held back until no node can admit the session any more.
#[tokio::test]
async fn a_logout_can_wait_for_the_nodes() {
    let waits = |auth: OidcAuthBuilder| push(auth).logout_waits_for_nodes(true);
    let app = App::builder().sealed_store().configure(waits).start().await;
    let node = app.node(waits).await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    let there = node.serve(&browser.copy());
    let reply = app.ticking(there.submit("/auth/logout")).await;
    assert_eq!(reply.status, 303);
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
}

/// Also that of a session of which the store has nothing any more, and another node may have it in memory.
#[tokio::test]
async fn a_logout_waits_for_what_the_store_has_lost() {
    let waits = |auth: OidcAuthBuilder| push(auth).logout_waits_for_nodes(true);
    let app = App::builder().sealed_store().configure(waits).start().await;
    let node = app.node(waits).await;
    let browser = app.signed_in().await;
    kept(&app, &browser).await;
    app.store().hold_events_back();
    app.store().delete(&app.store().stored()[0].id).await.unwrap();
    let there = node.serve(&browser.copy());
    let reply = app.ticking(there.submit("/auth/logout")).await;
    assert_eq!(reply.status, 303);
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
}

/// A store that this process has alone is not asked about what is kept: also where a client hung up before its save was
/// answered, what is kept is what is stored.
#[tokio::test]
async fn a_save_whose_client_hung_up_leaves_nothing_old_in_memory() {
    let app = App::builder().sealed_store().start().await;
    let alone = Store::from(app.store().exclusive());
    let set = async |session: Session, _: AuthSession, RawQuery(number): RawQuery| {
        session.insert("n", number.unwrap()).await.unwrap();
        session.save().await.unwrap();
    };
    let read = async |session: Session, _: AuthSession| {
        session.get::<String>("n").await.unwrap().unwrap_or_default()
    };
    let node = app
        .node_with(
            |auth| auth.application_data(true).store(alone),
            move |router| router.route("/set", get(set)).route("/read", get(read)),
        )
        .await;
    let browser = node.serve(&app.signed_in().await);
    assert_eq!(browser.fetch("/set?one").await.status, 200);
    kept(&app, &browser).await;
    let writes = app.store().writes();
    app.store().keep_answers();
    tokio::select! {
        _ = browser.fetch("/set?two") => panic!("it hung up"),
        () = until(async || app.store().writes() == writes + 1) => {}
    }
    app.store().fail(Fails::Nothing);
    until(async || browser.fetch("/read").await.text() == "two").await;
}

/// Beyond the capacity one kept session makes room for another: it is asked for again when it is used.
#[tokio::test]
async fn no_more_are_kept_than_the_capacity_says() {
    const CAPACITY: usize = 256;
    let small = |auth: OidcAuthBuilder| {
        push(auth).live_cache_capacity(CAPACITY).max_sessions_per_user(CAPACITY + 100)
    };
    let app = App::builder().sealed_store().configure(small).start().await;
    let mut browsers = Vec::new();
    for _ in 0..CAPACITY + 100 {
        browsers.push(app.signed_in().await);
    }
    kept(&app, &browsers[0]).await;
    for browser in &browsers {
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
    // Half a round later those of the last round are kept, as far as there is room.
    let reads = app.store().reads();
    for browser in &browsers {
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
    let asked = usize::try_from(app.store().reads() - reads).unwrap();
    assert!(asked >= 100, "{asked} were asked for: too many are kept");
    assert!(asked < browsers.len(), "nothing is kept");
}
