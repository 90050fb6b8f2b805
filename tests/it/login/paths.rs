//! Auth routes at paths of the application's choice.

use axum_oidc_session::AuthPaths;

use crate::support::App;

#[tokio::test]
async fn moved_routes_work_and_the_old_ones_are_gone() {
    let app = App::builder()
        .configure(|auth| {
            auth.paths(AuthPaths {
                login: "/enter".to_owned(),
                logout: "/leave".to_owned(),
                session: "/whoami".to_owned(),
                session_script: "/watch.js".to_owned(),
                ..AuthPaths::default()
            })
        })
        .start()
        .await;
    let browser = app.browser();
    let refused = browser.navigate("/profile").await;
    assert_eq!(refused.location(), format!("{}/enter?return_to=%2Fprofile", app.base()));
    assert_eq!(browser.sign_in_from("/enter?return_to=/profile").await.status, 303);
    assert_eq!(browser.fetch("/whoami").await.json()["authenticated"], true);
    for old in ["/auth/login", "/auth/session", "/auth/session.js"] {
        assert_eq!(browser.fetch(old).await.status, 404, "{old}");
    }
    assert_eq!(browser.submit("/leave").await.status, 303);
    assert_eq!(browser.fetch("/whoami").await.json()["authenticated"], false);
}
