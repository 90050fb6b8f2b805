//! The last use: sealed with what a list shows of a session, noted by touches that write over nothing newer.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, AuthStore as _, KeyRing, OidcAuthBuilder, StoredSession};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Notify;

use crate::support::{App, Browser, NOW, Node, until};

/// As `node` finds it in the store.
async fn last_use(node: &Node) -> i64 {
    let sessions = node.auth.sessions_of("ada").await.unwrap();
    assert_eq!(sessions.len(), 1);
    sessions[0].last_used_at.seconds()
}

#[tokio::test]
async fn the_list_tells_the_last_use_that_was_noted() {
    let app = App::builder().sealed_store().start().await;
    let (node, browser) = (app.node(|auth| auth).await, app.signed_in().await);
    for (seconds, used) in [(0, 0), (59, 0), (1, 60), (59, 60), (100, 219)] {
        app.later(seconds);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        assert_eq!(last_use(&node).await, NOW + used);
    }
}

#[tokio::test]
async fn a_session_whose_summary_does_not_open_is_none() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let stored = app.store().stored().remove(0);
    app.op.authorize_as("grace");
    let _grace = app.signed_in().await;
    let of_grace = app.store().stored().into_iter().find(|it| it.id != stored.id).unwrap();
    let summary = &stored.listing.summary;
    let mut flipped = summary.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let short = summary[..summary.len() - 1].to_vec();
    for summary in [Vec::new(), vec![0; 200], flipped, short, of_grace.listing.summary] {
        let mut changed = stored.clone();
        changed.listing.summary = summary;
        app.store().tamper(changed);
        let reply = browser.fetch("/api/me").await;
        assert_eq!((reply.status, reply.code()), (401, "session_expired".to_owned()));
        assert!(reply.set_cookies().is_empty());
    }
    app.store().tamper(stored);
    assert_eq!(browser.fetch("/api/me").await.status, 200, "record and cookie have stayed");
}

fn ring(keys: &[u8]) -> impl Fn(OidcAuthBuilder) -> OidcAuthBuilder + Clone + 'static {
    let key = |first: &u8| STANDARD.encode((0..64).map(|at: u8| at ^ first).collect::<Vec<_>>());
    let ring = KeyRing::from_base64(&keys.iter().map(key).collect::<Vec<_>>().join(",")).unwrap();
    move |auth| auth.cookie_keys(ring.clone())
}

#[tokio::test]
async fn a_use_is_sealed_by_the_first_key_and_read_with_any() {
    let app = App::builder().sealed_store().configure(ring(&[1])).start().await;
    let (first, last) = (app.node(ring(&[2, 1])).await, app.node(ring(&[1, 2])).await);
    let browser = app.signed_in().await;
    let before = app.store().stored().remove(0);
    app.later(60);
    assert_eq!(first.serve(&browser).fetch("/api/me").await.status, 200);
    let touched = app.store().stored().remove(0);
    assert_ne!(touched.listing.summary[..4], before.listing.summary[..4], "another key's name");
    assert_eq!(touched.listing.index, before.listing.index, "a touch moves no keys");
    assert_eq!(last_use(&last).await, NOW + 60);
    assert_eq!(last.serve(&browser.copy()).fetch("/api/me").await.status, 200);
    // Its index is known, the last use is not: it is not taken for a session that was never used.
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    assert_eq!(last.serve(&browser.copy()).fetch("/api/me").await.status, 200);
}

/// A node that keeps the session in memory, and hears of nothing that happens to it elsewhere.
async fn deaf(app: &App, browser: &Browser) {
    until(async || {
        let reads = app.store().reads();
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        app.store().reads() == reads
    })
    .await;
    app.store().hold_events_back();
}

fn keeping(auth: OidcAuthBuilder) -> OidcAuthBuilder {
    let auth = auth.push_invalidation(true).live_cache_staleness(Duration::from_secs(30));
    auth.idle_limit(Duration::from_secs(200))
}

#[tokio::test]
async fn a_touch_that_finds_a_newer_version_takes_it_over_and_is_noted() {
    let app = App::builder().sealed_store().configure(keeping).start().await;
    let node = app.node(|auth| auth.idle_limit(Duration::from_secs(200))).await;
    let browser = app.signed_in().await;
    for _ in 0..2 {
        app.later(125);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
    deaf(&app, &browser).await;
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 300)));
    assert_eq!(node.serve(&browser.copy()).fetch("/api/token").await.status, 200);
    let saved = app.store().stored().remove(0);
    assert_eq!(saved.expires_at.seconds(), NOW + 270);
    app.later(15);
    let writes = app.store().writes();
    let reply = browser.fetch("/api/me").await;
    assert_eq!((reply.status, reply.set_cookie("app").unwrap().max_age), (200, Some(5)));
    assert_eq!(app.store().writes() - writes, 2, "the first of them was stale");
    let touched = app.store().stored().remove(0);
    assert_eq!(touched.auth, saved.auth);
    assert_eq!(touched.expires_at, saved.expires_at, "the earlier ceiling stays");
    assert_eq!(last_use(&node).await, NOW + 265);
}

/// What is stored in the end is found by the next request, which touches.
#[tokio::test]
async fn a_touch_that_others_outrun_is_left_to_the_next_request() {
    for (saves, writes, cookies, used) in [(0, 1, 2, 60), (2, 3, 2, 60), (3, 3, 0, 0)] {
        let app = App::builder().sealed_store().start().await;
        let (node, browser) = (app.node(|auth| auth).await, app.signed_in().await);
        app.later(60);
        app.store().save_before_touches(saves);
        let before = app.store().writes();
        let reply = browser.fetch("/api/me").await;
        assert_eq!((reply.status, reply.set_cookies().len()), (200, cookies), "{saves}");
        assert_eq!(app.store().writes() - before, writes, "{saves}");
        assert_eq!(last_use(&node).await, NOW + used, "{saves}");
        assert_eq!(browser.fetch("/api/me").await.set_cookies().len(), 2 - cookies);
        assert_eq!(last_use(&node).await, NOW + 60, "{saves}");
    }
}

async fn cycling(app: &App) -> Node {
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    let limit = Duration::from_secs(200);
    let configure = move |auth: OidcAuthBuilder| auth.application_data(true).idle_limit(limit);
    app.node_with(configure, move |router| router.route("/cycle", get(cycle))).await
}

#[tokio::test]
async fn a_touch_leaves_what_a_moved_session_left_behind_alone() {
    let app = App::builder().sealed_store().configure(keeping).start().await;
    let node = cycling(&app).await;
    let browser = app.signed_in().await;
    deaf(&app, &browser).await;
    let old = app.store().stored().remove(0).id;
    let late = browser.copy();
    assert_eq!(node.serve(&browser).fetch("/cycle").await.status, 200);
    let trace = async || -> StoredSession {
        let now = UnixTime::from_seconds(NOW);
        app.store().fetch(&old, now).await.unwrap().unwrap()
    };
    let left = trace().await;
    app.later(15);
    let writes = app.store().writes();
    for touches in [1, 1] {
        let reply = late.fetch("/api/me").await;
        assert_eq!((reply.status, reply.set_cookies().len()), (401, 0));
        assert_eq!(app.store().writes() - writes, touches, "it was kept in memory until then");
        assert_eq!(trace().await, left);
    }
}

/// The save moves the session to the first key, and so brings a summary, from a process that has not heard of the use.
#[tokio::test]
async fn a_save_that_brings_a_summary_does_not_move_the_last_use_back() {
    let app = App::builder().sealed_store().configure(ring(&[1])).start().await;
    let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, wait) = (Arc::clone(&entered), Arc::clone(&go_on));
    let both = ring(&[2, 1]);
    let node = app
        .node_with(
            move |auth| both(auth).application_data(true),
            move |router| {
                let set = async move |session: Session, _: AuthSession| {
                    told.notify_one();
                    wait.notified().await;
                    session.insert("n", 1).await.unwrap();
                };
                router.route("/set", get(set))
            },
        )
        .await;
    let browser = app.signed_in().await;
    let before = app.store().stored().remove(0);
    app.later(30);
    let there = node.serve(&browser.copy());
    let use_meanwhile = async {
        entered.notified().await;
        app.later(30);
        assert_eq!(browser.fetch("/api/me").await.set_cookies().len(), 2, "a touch");
        go_on.notify_one();
    };
    let (reply, ()) = tokio::join!(there.fetch("/set"), use_meanwhile);
    assert_eq!(reply.status, 200);
    let saved = app.store().stored().remove(0);
    assert_ne!(saved.listing.index.key_id, before.listing.index.key_id);
    assert_eq!(last_use(&node).await, NOW + 60);
}
