//! Which sessions a logout token ends (Back-Channel Logout 1.0 section 2.7), and which login passes it.

use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::error::BackchannelLogoutError;
use serde_json::json;

use super::{error, send};
use crate::layer::stores;
use crate::support::{App, Browser, CLIENT_ID, Fails, NOW, until};

/// The provider's session that this browser has signed in with.
async fn sid(browser: &Browser) -> String {
    browser.fetch("/api/me").await.json()["claims"]["sid"].as_str().unwrap().to_owned()
}

fn token(app: &App, subject: &LogoutSubject) -> String {
    app.op.logout_token(CLIENT_ID, subject).unwrap()
}

fn by_sub() -> LogoutSubject {
    LogoutSubject::Sub("ada".to_owned())
}

async fn log_out(app: &App, subject: &LogoutSubject) {
    let response = send(app, &token(app, subject)).await;
    assert_eq!(response.status(), 200, "{:?}", error(&response));
}

async fn is_live(browser: &Browser) -> bool {
    browser.copy().fetch("/api/me").await.status == 200
}

#[tokio::test]
async fn by_sid_one_session_ends_and_by_sub_all_of_the_user() {
    for builder in stores() {
        let app = builder.start().await;
        let (one, two, three) =
            (app.signed_in().await, app.signed_in().await, app.signed_in().await);
        app.op.authorize_as("grace");
        let other = app.signed_in().await;
        log_out(&app, &LogoutSubject::Sid(sid(&one).await)).await;
        assert_eq!((is_live(&one).await, is_live(&two).await), (false, true));
        let both = LogoutSubject::SubAndSid { sub: "ada".to_owned(), sid: sid(&two).await };
        log_out(&app, &both).await;
        assert_eq!((is_live(&two).await, is_live(&three).await), (false, true));
        log_out(&app, &by_sub()).await;
        assert_eq!((is_live(&three).await, is_live(&other).await), (false, true));
        let refused = three.fetch("/api/me").await;
        assert_eq!(
            (refused.code(), refused.json()["reason"].clone()),
            ("session_expired".to_owned(), json!("revoked"))
        );
    }
}

/// The same user at another issuer is another user: nobody is found, and that is a success (section 2.8).
#[tokio::test]
async fn a_session_that_nobody_has_is_a_success() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        log_out(&app, &LogoutSubject::Sid("nobodys".to_owned())).await;
        log_out(&app, &LogoutSubject::Sub("nobody".to_owned())).await;
        assert!(is_live(&browser).await);
    }
}

/// Without a `sid` in the ID Token its session can't be told from the one that ended.
#[tokio::test]
async fn a_session_without_sid_ends_with_any_of_its_user() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.omit_sid(true);
        let without = app.signed_in().await;
        app.op.omit_sid(false);
        let with = app.signed_in().await;
        log_out(&app, &LogoutSubject::SubAndSid { sub: "ada".to_owned(), sid: "x".to_owned() })
            .await;
        assert_eq!((is_live(&without).await, is_live(&with).await), (false, true));
    }
}

#[tokio::test]
async fn a_login_that_is_under_way_does_not_outlive_the_logout() {
    for subject in [None, Some(by_sub())] {
        for builder in stores() {
            let app = builder.start().await;
            // The provider's session is there before the callback.
            let browser = app.browser();
            let callback = browser.until_callback("/auth/login").await;
            let sid = app.op.sessions("ada")[0].clone();
            log_out(&app, &subject.clone().unwrap_or(LogoutSubject::Sid(sid))).await;
            app.later(1);
            let reply = browser.navigate(&callback).await;
            assert_eq!((reply.status, reply.code().as_str()), (403, "logged_out_meanwhile"));
            assert!(browser.cookie("app").is_none());
            app.settled().await;
            assert_eq!(app.calls().revocation, 1, "its fresh tokens are revoked");
        }
    }
}

/// A provider that ends only this application's session signs the user in again, without a question and with the same `sid`.
#[tokio::test]
async fn a_later_login_passes_with_the_same_sid_or_sub() {
    for by in [Some(false), Some(true), None] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let (sid, sub) = (sid(&browser).await, "ada".to_owned());
            let subject = match by {
                Some(false) => LogoutSubject::Sid(sid.clone()),
                Some(true) => LogoutSubject::SubAndSid { sub, sid: sid.clone() },
                None => by_sub(),
            };
            log_out(&app, &subject).await;
            assert!(!is_live(&browser).await, "{subject:?}");
            // In the same second the attempt is not later, and neither is the authentication.
            assert_eq!(browser.sign_in().await.status, 403, "{subject:?}");
            app.later(1);
            assert_eq!(browser.sign_in().await.status, 303, "{subject:?}");
            assert!(is_live(&browser).await, "{subject:?}");
            assert_eq!(self::sid(&browser).await, sid, "{subject:?}");
        }
    }
}

/// The login began before the token came; what counts then is which of the two the provider's clock has later.
#[tokio::test]
async fn by_sid_a_newer_authentication_passes_a_late_token() {
    for (issued_before, status) in [(1, 303), (0, 403)] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.browser();
            let callback = browser.until_callback("/auth/login").await;
            let subject = LogoutSubject::Sid(app.op.sessions("ada")[0].clone());
            let mut claims = app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
            claims.insert("iat".to_owned(), (NOW - issued_before).into());
            let token = app.op.sign_jwt(Some("logout+jwt"), claims).unwrap();
            assert_eq!(send(&app, &token).await.status(), 200);
            assert_eq!(browser.navigate(&callback).await.status, status, "{issued_before}");
        }
    }
}

/// Then it is not known who was meant.
#[tokio::test]
async fn a_sid_and_a_sub_of_two_users_end_nothing() {
    for builder in stores() {
        let app = builder.start().await;
        let ada = app.signed_in().await;
        app.op.omit_sid(true);
        let without_sid = app.signed_in().await;
        app.op.omit_sid(false);
        app.op.authorize_as("grace");
        let grace = app.signed_in().await;
        // A login of Grace's is under way.
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login").await;
        let sid = sid(&grace).await;
        let under_way = app.op.sessions("grace").into_iter().find(|other| *other != sid).unwrap();
        let crossed = LogoutSubject::SubAndSid { sub: "ada".to_owned(), sid };
        let crossed_token = token(&app, &crossed);
        let refused = send(&app, &crossed_token).await;
        assert!(matches!(error(&refused), Some(BackchannelLogoutError::SidOfAnotherUser)));
        assert_eq!(refused.status(), 400);
        for browser in [&ada, &without_sid, &grace] {
            assert!(is_live(browser).await);
        }
        // Nor does a session that comes to be end by a token about another user.
        let crossed = LogoutSubject::SubAndSid { sub: "margaret".to_owned(), sid: under_way };
        log_out(&app, &crossed).await;
        assert_eq!(browser.navigate(&callback).await.status, 303);
        assert!(is_live(&browser).await);
        // It was not carried out, so that it may be sent again.
        let refused = send(&app, &crossed_token).await;
        assert!(matches!(error(&refused), Some(BackchannelLogoutError::SidOfAnotherUser)));
    }
}

/// A token that comes late, because its first delivery failed: who proved who they are after it was issued stays signed in.
#[tokio::test]
async fn a_newer_authentication_passes_a_late_token() {
    for builder in stores() {
        let app = builder.start().await;
        let early = app.signed_in().await;
        app.later(10);
        let late_token = token(&app, &by_sub());
        app.later(10);
        let newer = app.signed_in().await;
        app.later(10);
        assert_eq!(send(&app, &late_token).await.status(), 200);
        assert_eq!((is_live(&early).await, is_live(&newer).await), (false, true));
    }
}

#[tokio::test]
async fn a_token_is_carried_out_once() {
    for builder in stores() {
        let app = builder.start().await;
        let token = token(&app, &by_sub());
        let all = futures_util::future::join_all((0..10).map(|_| send(&app, &token))).await;
        let done = all.iter().filter(|response| response.status() == 200).count();
        assert_eq!(done, 1);
        app.later(1);
        let browser = app.signed_in().await;
        let again = send(&app, &token).await;
        assert!(matches!(error(&again), Some(BackchannelLogoutError::Replayed)));
        assert!(is_live(&browser).await);
    }
}

#[tokio::test]
async fn a_store_that_fails_half_way_leaves_the_token_usable() {
    for fails in [Fails::Everything, Fails::Writes, Fails::Deletes] {
        let app = App::builder().sealed_store().start().await;
        let browser = app.signed_in().await;
        let token = token(&app, &by_sub());
        app.store().fail(fails);
        let response = send(&app, &token).await;
        assert!(matches!(error(&response), Some(BackchannelLogoutError::Store(_))), "{fails:?}");
        app.store().fail(Fails::Nothing);
        // The lease of the first try may have to run out.
        let accepted = async || send(&app, &token).await.status() == 200;
        app.ticking(until(accepted)).await;
        assert!(!is_live(&browser).await);
    }
}

#[tokio::test]
async fn the_application_is_told_and_what_can_be_read_is_revoked() {
    for (builder, revoked) in stores().into_iter().zip([1, 0]) {
        let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
        let hook = move |auth: axum_oidc_session::OidcAuthBuilder| {
            auth.on_session_ended(move |ended| {
                let sender = sender.clone();
                async move { sender.send((ended.reason.code(), ended.subject, ended.sid)).unwrap() }
            })
        };
        let app = builder.configure(hook).start().await;
        let browser = app.signed_in().await;
        let sid = sid(&browser).await;
        log_out(&app, &LogoutSubject::Sid(sid.clone())).await;
        app.settled().await;
        assert_eq!(ended.try_recv().unwrap(), ("backchannel_logout", "ada".to_owned(), Some(sid)));
        assert!(ended.try_recv().is_err());
        // Sealed with the browser's cookie, a record tells no token to anybody else.
        assert_eq!(app.calls().revocation, revoked);
    }
}

/// Whose it is and when it began is not known, so nothing speaks for it.
#[tokio::test]
async fn a_session_of_the_user_whose_summary_does_not_open_ends_too() {
    let app = App::builder().sealed_store().start().await;
    let _browser = app.signed_in().await;
    let mut stored = app.store().stored().remove(0);
    stored.listing.summary = vec![0; 200];
    app.store().tamper(stored);
    log_out(&app, &by_sub()).await;
    assert!(app.store().stored().is_empty());
}
