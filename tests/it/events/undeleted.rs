//! A store that fails while a session ends.

use axum::routing::post;
use axum_oidc_session::AuthSession;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::tower_sessions::Session;

use super::Told;
use crate::layer::hold_cookies;
use crate::support::{App, CLIENT_ID, Fails, NOW};

const UNAVAILABLE: (&str, &str) = ("store_unavailable", "");

/// Ceiling rule 7: over is over, whatever the store says, and it is over once.
#[tokio::test]
async fn a_session_whose_time_has_come_is_told_once_though_its_record_stays() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let app = builder.start().await;
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    // A store that keeps it for longer.
    let mut session = app.store().stored().remove(0);
    session.expires_at = UnixTime::from_seconds(NOW + 10_000);
    app.store().tamper(session);
    told.events();
    app.later(3_570);
    app.store().fail(Fails::Deletes);
    let ended = ("session_ended", "ceiling");
    for codes in [vec![UNAVAILABLE, ended], vec![UNAVAILABLE], vec![UNAVAILABLE]] {
        let reply = browser.copy().fetch("/api/me").await;
        assert_eq!((reply.status, &reply.json()["reason"]), (401, &"ceiling".into()));
        app.settled().await;
        assert_eq!(told.codes(), codes);
    }
    assert_eq!(app.calls().revocation, 1);
    // After ten minutes nothing of it is kept in memory, and whoever meets the record again tells of it again.
    app.later(700);
    crate::support::pause().await;
    browser.copy().fetch("/api/me").await;
    app.settled().await;
    assert_eq!(told.codes(), [UNAVAILABLE, ended]);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    app.settled().await;
    assert_eq!(told.codes(), []);
    assert_eq!(app.store().stored().len(), 0);
}

/// Whoever ends a session that the store does not delete is told so, and the operator once.
#[tokio::test]
async fn each_end_that_fails_is_told_once() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let leave = async |session: AuthSession| session.end().await.is_ok().to_string();
    let others =
        async |session: AuthSession| session.end_other_sessions().await.is_ok().to_string();
    let flush = async |session: Session, _: AuthSession| session.flush().await.is_ok().to_string();
    let builder = builder.configure(|auth| auth.application_data(true));
    let builder = builder.assemble(move |auth, router| {
        let router = router.route("/leave", post(leave)).route("/others", post(others));
        router.route("/flush", post(flush)).layer(auth.layer()).merge(auth.routes())
    });
    let app = builder.start().await;
    let (browser, _other) = (app.signed_in().await, app.signed_in().await);
    told.events();
    app.store().fail(Fails::Deletes);
    for path in ["/leave", "/others"] {
        // The answer signs this browser out all the same.
        assert_eq!(browser.copy().post(path).await.text(), "false", "{path}");
        assert_eq!(told.codes(), [UNAVAILABLE], "{path}");
    }
    for path in ["/auth/logout", "/flush"] {
        assert_eq!(browser.copy().post(path).await.status, 503, "{path}");
        assert_eq!(told.codes(), [UNAVAILABLE], "{path}");
    }
    assert!(app.auth.end_sessions_of("ada").await.is_err());
    assert_eq!(told.codes(), [UNAVAILABLE]);
    let by_sub = LogoutSubject::Sub("ada".to_owned());
    let token = app.op.logout_token(CLIENT_ID, &by_sub).unwrap();
    assert_eq!(app.op.send_logout_token(CLIENT_ID, &token).await.unwrap().status(), 400);
    assert_eq!(told.codes(), [UNAVAILABLE, ("logout_token_refused", "store_unavailable")]);
    app.store().fail(Fails::Everything);
    assert!(app.auth.sessions_of("ada").await.is_err());
    assert_eq!(told.codes(), [UNAVAILABLE]);
    assert_eq!(browser.post("/auth/logout").await.status, 503);
    assert_eq!(told.codes(), [UNAVAILABLE]);
}
