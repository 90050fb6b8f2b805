//! GET /auth/session: for scripts, in every state; no use of the session.

use std::time::Duration;

use axum_oidc_session::dev_provider::SessionExpiryMode;
use serde_json::Value;

use crate::layer::{hold_cookies, stores};
use crate::support::NOW;

#[tokio::test]
async fn live_never_and_after_a_logout() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.browser();
        let reply = browser.fetch("/auth/session").await;
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
        let never = reply.json();
        assert_eq!((&never["authenticated"], &never["expires_at"]), (&false.into(), &Value::Null));
        assert_eq!((&never["reason"], &never["limit"]), (&Value::Null, &Value::Null));
        browser.sign_in().await;
        app.later(10);
        let live = browser.fetch("/auth/session").await.json();
        assert_eq!(live["authenticated"], true);
        assert_eq!(
            (&live["expires_at"], &live["expires_in"]),
            (&(NOW + 3_570).into(), &3_560.into())
        );
        assert_eq!((&live["limit"], &live["reason"]), (&"ceiling".into(), &Value::Null));
        assert_eq!((&live["sub"], &never["sub"]), (&"ada".into(), &Value::Null));
        assert_eq!(live["login_url"], format!("{}/auth/login", app.origin));
        browser.submit("/auth/logout").await;
        assert_eq!(browser.fetch("/auth/session").await.json(), never);
    }
}

#[tokio::test]
async fn over_it_says_why_and_takes_the_cookie() {
    for held in [true, false] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            if held {
                hold_cookies(&browser);
            }
            app.later(3_569);
            assert_eq!(browser.fetch("/auth/session").await.json()["expires_in"], 1);
            app.later(1);
            for _ in 0..2 {
                let reply = browser.fetch("/auth/session").await;
                assert_eq!(reply.status, 200, "never 401, never a redirect");
                let json = reply.json();
                assert_eq!(
                    (&json["authenticated"], &json["reason"]),
                    (&false.into(), &"ceiling".into())
                );
                assert_eq!(browser.cookie("app"), None);
            }
            app.settled().await;
            let noticed = held && app.store.is_none();
            assert_eq!(app.calls().revocation, u64::from(noticed));
        }
    }
}

#[tokio::test]
async fn revoked_elsewhere_it_says_so() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        browser.copy().submit("/auth/logout").await;
        let json = browser.fetch("/auth/session").await.json();
        assert_eq!((&json["authenticated"], &json["reason"]), (&false.into(), &"revoked".into()));
    }
}

#[tokio::test]
async fn polling_keeps_nothing_alive() {
    for builder in stores() {
        let idle = Duration::from_secs(100);
        let app = builder.configure(move |auth| auth.idle_limit(idle)).start().await;
        app.op.set_session_expiry(SessionExpiryMode::Absent);
        let browser = app.signed_in().await;
        let writes = app.store.as_ref().map(|store| store.writes());
        for left in (1..10).rev() {
            app.later(10);
            let reply = browser.fetch("/auth/session").await;
            assert_eq!(reply.json()["expires_in"], left * 10);
            assert!(reply.set_cookies().is_empty());
        }
        assert_eq!(app.store.as_ref().map(|store| store.writes()), writes);
        app.later(10);
        assert_eq!(browser.fetch("/auth/session").await.json()["reason"], "idle");
    }
}
