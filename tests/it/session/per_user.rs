//! How many sessions one user may have, over every store, and what becomes of the oldest.

use std::sync::{Arc, Mutex};

#[cfg(feature = "sqlite")]
use axum_oidc_session::SqliteStore;
use axum_oidc_session::{MemoryStore, OidcAuthBuilder, Store};
use futures_util::future::join_all;

use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser};

const MOST: usize = 3;

/// Why sessions ended, as the application was told.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<Vec<&'static str>>>);

impl Ended {
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn told(&self, builder: AppBuilder) -> AppBuilder {
        let ended = self.clone();
        builder.configure(move |auth| {
            auth.on_session_ended(move |session| {
                ended.0.lock().unwrap().push(session.reason.code());
                std::future::ready(())
            })
        })
    }
}

fn bounded(builder: AppBuilder) -> AppBuilder {
    builder.configure(|auth: OidcAuthBuilder| auth.max_sessions_per_user(MOST))
}

/// Those of [`stores`], and a fresh one of each kind that comes with the crate.
async fn every_store() -> Vec<AppBuilder> {
    let mut all: Vec<Store> = Vec::new();
    #[cfg(feature = "redis")]
    all.push(crate::support::RedisServer::shared().store("per-user:").into());
    #[cfg(feature = "postgres")]
    {
        let server = crate::support::postgres_server::PostgresServer::shared();
        let url = server.database().await;
        all.push(axum_oidc_session::PostgresStore::new(&url).unwrap().into());
    }
    let with = |store: Store| App::builder().sealed_store().configure(|auth| auth.store(store));
    let mut builders: Vec<AppBuilder> = stores().into();
    builders.extend(all.into_iter().map(with));
    #[cfg(feature = "sqlite")]
    builders
        .extend([App::builder().sqlite(|it| it), App::builder().sqlite(SqliteStore::exclusive)]);
    builders
}

async fn is_live(browser: &Browser) -> bool {
    browser.copy().fetch("/api/me").await.status == 200
}

#[tokio::test]
async fn a_login_beyond_the_limit_ends_the_oldest_session() {
    for builder in every_store().await {
        let ended = Ended::default();
        let app = ended.told(bounded(builder)).start().await;
        // All within one second.
        let mut browsers = Vec::new();
        for _ in 0..MOST {
            browsers.push(app.signed_in().await);
        }
        app.op.authorize_as("grace");
        let grace = app.signed_in().await;
        app.op.authorize_as("ada");
        assert_eq!(ended.take(), [""; 0], "{:?}", app.auth);
        for oldest in 0..2 {
            browsers.push(app.signed_in().await);
            app.settled().await;
            assert_eq!(ended.take(), ["session_limit"], "{:?}", app.auth);
            for (number, browser) in browsers.iter().enumerate() {
                assert_eq!(is_live(browser).await, number > oldest, "{number} {:?}", app.auth);
            }
        }
        assert!(is_live(&grace).await);
        let refused = browsers[0].fetch("/api/me").await;
        assert_eq!(
            (refused.code(), refused.json()["reason"] == "revoked"),
            ("session_expired".to_owned(), true)
        );
        // In a browser that is signed in the new session takes the place of its own.
        assert_eq!(browsers[MOST].sign_in().await.status, 303);
        app.settled().await;
        assert_eq!(ended.take(), ["replaced"]);
        assert!(is_live(&browsers[MOST - 1]).await && is_live(&browsers[MOST]).await);
        assert_eq!(app.calls().revocation, 0, "of what the newer sessions may live on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_logins_at_once_as_many_stay_as_are_allowed() {
    for builder in every_store().await {
        let app = bounded(builder).start().await;
        let logins = (0..4 * MOST).map(|_| async {
            let browser = app.browser();
            assert_eq!(browser.sign_in().await.status, 303);
            browser
        });
        let mut browsers = join_all(logins).await;
        // Those that cross agree on the oldest, unless one of them is it.
        app.later(1);
        browsers.push(app.signed_in().await);
        assert_eq!(app.auth.sessions_of("ada").await.unwrap().len(), MOST, "{:?}", app.auth);
        let live = join_all(browsers.iter().map(is_live)).await;
        assert_eq!(live.into_iter().filter(|live| *live).count(), MOST);
    }
}

/// Each sees what the other has stored.
#[tokio::test]
async fn it_is_one_limit_for_all_nodes() {
    let app = bounded(App::builder().sealed_store()).start().await;
    let node = app.node(|auth| auth.max_sessions_per_user(MOST)).await;
    let logins = (0..4 * MOST).map(|number| {
        let (app, node) = (&app, &node);
        async move {
            let browser = app.browser();
            let callback = browser.until_callback("/auth/login").await;
            let path = callback.strip_prefix(&app.origin).unwrap();
            let browser = if number % 2 == 0 { browser } else { node.serve(&browser) };
            assert_eq!(browser.navigate(path).await.status, 303);
        }
    });
    join_all(logins).await;
    // Logins that cross agree on the oldest, unless one of them is it.
    assert!((MOST..=MOST + 1).contains(&app.store().stored().len()));
    app.later(1);
    app.signed_in().await;
    assert_eq!(app.store().stored().len(), MOST);
}

#[tokio::test]
async fn one_account_does_not_fill_the_memory_store() {
    let store = MemoryStore::with_capacity(MOST + 1);
    let kept = store.clone();
    let app = bounded(App::builder().configure(|auth| auth.store(kept))).start().await;
    for _ in 0..10 {
        app.signed_in().await;
    }
    assert_eq!(store.len(), MOST);
    app.op.authorize_as("grace");
    let grace = app.signed_in().await;
    app.op.authorize_as("ada");
    assert!(is_live(&grace).await);
    // At the bound a login is turned away, and nobody who is signed in.
    assert_eq!(app.browser().sign_in().await.status, 503);
    assert!(is_live(&grace).await);
}

/// By a clock that is behind that of another node, or was set back, the newest session looks like the oldest.
#[tokio::test]
async fn a_login_never_ends_its_own_session() {
    for builder in stores() {
        let app = builder.configure(|auth| auth.max_sessions_per_user(1)).start().await;
        app.later(5);
        let first = app.signed_in().await;
        app.clock.step(-5);
        let second = app.signed_in().await;
        assert!(is_live(&second).await, "{:?}", app.auth);
        app.later(10);
        let third = app.signed_in().await;
        let live = [is_live(&first).await, is_live(&second).await, is_live(&third).await];
        assert_eq!(live, [false, false, true], "the next one makes up for it");
    }
}

/// The user keeps a session too many, not none.
#[tokio::test]
async fn a_store_that_does_not_list_refuses_no_login() {
    let app = bounded(App::builder().sealed_store()).start().await;
    for _ in 0..MOST {
        app.signed_in().await;
    }
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.store().fail(crate::support::Fails::Deletes);
    assert_eq!(browser.navigate(&callback).await.status, 303);
    app.store().fail(crate::support::Fails::Nothing);
    assert!(is_live(&browser).await);
    assert_eq!(app.store().stored().len(), MOST + 1);
    app.signed_in().await;
    assert_eq!(app.store().stored().len(), MOST, "the next one makes up for it");
}
