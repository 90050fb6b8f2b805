//! How long a sign-in is fresh, by the injected clock: both sides of each boundary.

use axum_oidc_session::clock::Clock as _;
use axum_oidc_session::dev_provider::{Fault, IdTokenFault};

use super::{builder, forms};
use crate::support::NOW;

#[tokio::test]
async fn a_sign_in_is_fresh_for_max_age() {
    for path in forms("recent") {
        let app = builder().start().await;
        let browser = app.signed_in().await;
        app.later(60);
        assert_eq!(browser.navigate(&path).await.text(), "hello ada", "{path}");
        app.later(1);
        assert_eq!(browser.navigate(&path).await.status, 303, "{path}");
        assert_eq!(browser.fetch(&path).await.status, 401, "{path}");
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "the session goes on");
    }
}

/// The provider's session spares the user the question: the session here is new, the authentication is not.
#[tokio::test]
async fn a_silent_sign_in_is_not_fresh() {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    app.later(91);
    assert_eq!(browser.sign_in().await.status, 303);
    let claims = &browser.fetch("/api/me").await.json()["claims"];
    assert_eq!(claims["auth_time"], NOW, "the provider asked nobody");
    for path in forms("recent") {
        assert_eq!(browser.fetch(&path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_session_without_auth_time_is_not_fresh() {
    let app = builder().start().await;
    app.op.set_fault(Some(Fault::IdToken(IdTokenFault::AuthTimeMissing)));
    let browser = app.signed_in().await;
    for path in forms("recent") {
        assert_eq!(browser.fetch(&path).await.status, 401, "{path}");
    }
}

/// OIDC Core 12.2: `auth_time` of a refreshed ID Token is that of the original authentication, whatever a provider says.
#[tokio::test]
async fn a_refresh_makes_no_session_fresher() {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    app.later(300);
    app.op.set_id_token_claim("auth_time", NOW + 300);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    assert_eq!(app.calls().refresh, 1);
    assert_eq!(browser.fetch("/layer/recent").await.status, 401);
}

/// The callback grants the clock tolerance (30 s); what it lets in is not sent away again at once.
#[tokio::test]
async fn a_provider_whose_clock_is_behind_makes_no_loop() {
    for path in forms("recent") {
        let app = builder().start().await;
        let browser = app.signed_in().await;
        app.later(100);
        app.op.set_id_token_claim("auth_time", app.clock.now().seconds() - 90);
        let begun = browser.navigate(&path).await;
        let callback = browser.authorize(&begun).await;
        assert_eq!(browser.navigate(&callback).await.location(), format!("{}{path}", app.origin));
        assert_eq!(browser.navigate(&path).await.text(), "hello ada", "{path}");
        app.later(10);
        assert_eq!(browser.navigate(&path).await.text(), "hello ada", "{path}");
        app.later(1);
        assert_eq!(browser.navigate(&path).await.status, 303, "{path}");
    }
}
