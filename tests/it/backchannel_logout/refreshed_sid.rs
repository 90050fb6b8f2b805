//! A `sid` that changes at a refresh: the session ends by its old name and by its new one, over every store.

use axum_oidc_session::dev_provider::{Endpoint, LogoutSubject};
use axum_oidc_session::{MemoryStore, Store, TowerSessionsStore};
use std::time::Duration;

use super::send;
use crate::layer::stores;
use crate::store_laws::plain_store::PlainStore;
use crate::support::{App, AppBuilder, Browser, CLIENT_ID, pause, until};

/// Both kinds, the adapter, and SQLite in a file of its own.
fn every_store() -> Vec<AppBuilder> {
    let with = |store: Store| App::builder().configure(move |auth| auth.store(store));
    let mut every: Vec<AppBuilder> = stores().into();
    every.push(with(MemoryStore::default().into()));
    every.push(with(TowerSessionsStore::new(PlainStore::default()).into()));
    #[cfg(feature = "sqlite")]
    every.push(App::builder().sqlite(|store| store));
    every
}

async fn renamed(app: &App, browser: &Browser, sid: &str) {
    app.op.set_id_token_claim("sid", sid);
    app.later(2);
    let reply = browser.post("/api/refresh").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

async fn log_out(app: &App, subject: LogoutSubject) -> u16 {
    let claims = app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
    let token = app.op.sign_jwt(Some("logout+jwt"), claims).unwrap();
    send(app, &token).await.status().as_u16()
}

#[tokio::test]
async fn either_name_of_the_provider_s_session_ends_it() {
    for which in 0..4 {
        for builder in every_store() {
            let app = builder.start().await;
            let (browser, other) = (app.signed_in().await, app.signed_in().await);
            let login = app.op.sessions("ada");
            renamed(&app, &browser, "second").await;
            renamed(&app, &browser, "third").await;
            let me = browser.fetch("/api/me").await.json();
            let login = me["claims"]["sid"].as_str().filter(|sid| login.contains(&(*sid).into()));
            let names = [login.unwrap(), "second", "third", "third"];
            let sid = names[which].to_owned();
            let subject = match which {
                3 => LogoutSubject::SubAndSid { sub: "ada".to_owned(), sid },
                _ => LogoutSubject::Sid(sid),
            };
            assert_eq!(log_out(&app, subject).await, 200);
            let after = browser.fetch("/api/me").await;
            assert_eq!(
                (after.status, &after.json()["reason"]),
                (401, &"revoked".into()),
                "{which}"
            );
            assert_eq!(other.fetch("/api/me").await.status, 200, "another session");
        }
    }
}

/// The logout by the new name is answered before the refresh that brings it.
#[tokio::test]
async fn a_logout_by_a_name_that_is_on_its_way_ends_the_session() {
    for builder in every_store() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.op.set_id_token_claim("sid", "second");
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
        let tab = browser.copy();
        let logout = async {
            until(async || app.calls().refresh == 1).await;
            pause().await;
            assert_eq!(log_out(&app, LogoutSubject::Sid("second".to_owned())).await, 200);
            app.later(1);
        };
        let (reply, ()) = tokio::join!(tab.post("/api/refresh"), logout);
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(browser.fetch("/api/me").await.status, 401);
    }
}

#[tokio::test]
async fn nothing_of_it_stays_when_the_session_ends() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    renamed(&app, &browser, "second").await;
    assert_eq!(app.store().records(), 2, "the session and its other name");
    browser.submit("/auth/logout").await;
    assert_eq!(app.store().records(), 0);
}

/// Another user's name ends nothing (Back-Channel Logout: `sid` and `sub` of one user).
#[tokio::test]
async fn a_new_name_of_another_user_s_session_ends_nothing() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        renamed(&app, &browser, "second").await;
        let (sub, sid) = ("grace".to_owned(), "second".to_owned());
        assert_eq!(log_out(&app, LogoutSubject::SubAndSid { sub, sid }).await, 400);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
}
