//! Who hangs up hears no answer; the operator hears of what happened all the same.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum_oidc_session::LoginDecision;
use axum_oidc_session::dev_provider::LogoutSubject;
use tokio::sync::Notify;

use super::Told;
use crate::support::{App, CLIENT_ID, until};

#[tokio::test]
async fn a_sign_in_that_is_refused_to_nobody_is_told() {
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (ask, wait) = (Arc::clone(&asked), Arc::clone(&answer));
    let (told, builder) = Told::by(App::builder());
    let builder = builder.configure(move |auth| {
        auth.after_login(move |_| {
            let (ask, wait) = (Arc::clone(&ask), Arc::clone(&wait));
            async move {
                ask.notify_one();
                wait.notified().await;
                LoginDecision::Reject("not you".to_owned())
            }
        })
    });
    let app = builder.start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let cookies = browser.cookie_header(&callback);
    let request = Request::get(&callback).header("cookie", cookies).body(Body::empty()).unwrap();
    tokio::select! {
        _ = app.ask(request) => panic!("it hung up"),
        () = asked.notified() => {}
    }
    answer.notify_one();
    app.settled().await;
    assert_eq!(told.codes(), [("sign_in_refused", "login_rejected")]);
}

#[tokio::test]
async fn a_logout_whose_provider_has_hung_up_is_told() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let app = builder.start().await;
    app.signed_in().await;
    told.events();
    let by_sub = LogoutSubject::Sub("ada".to_owned());
    let token = app.op.logout_token(CLIENT_ID, &by_sub).unwrap();
    for codes in [
        vec![("session_ended", "backchannel_logout"), ("backchannel_logout", "")],
        vec![("replay_seen", "logout_token_replayed")],
    ] {
        let request = Request::post("/auth/backchannel-logout")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("logout_token={token}")))
            .unwrap();
        let writes = app.store().writes();
        app.store().answer_slowly(Duration::from_millis(50));
        tokio::select! {
            _ = app.ask(request) => panic!("it hung up"),
            // It has begun to lock the token.
            () = until(async || app.store().writes() > writes) => {}
        }
        app.store().answer_slowly(Duration::ZERO);
        let mut seen = Vec::new();
        until(async || {
            seen.extend(told.codes());
            seen.len() >= codes.len()
        })
        .await;
        assert_eq!(seen, codes);
    }
    app.settled().await;
    assert_eq!(told.codes(), [], "each is told once");
}
