//! A process that has the file for itself, and the one that comes after it.

use axum_oidc_session::OidcAuthBuilder;

use super::support::Folder;
use crate::support::App;

/// What the browser does before the restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    StaysSignedIn,
    LosesItsCookie,
    SignsOut,
}

/// The callback is sent once more after the restart: used is used, with a session and without.
#[tokio::test]
async fn a_callback_replayed_after_a_restart_is_used() {
    for then in [Then::StaysSignedIn, Then::LosesItsCookie, Then::SignsOut] {
        let (app, folder) = (App::builder().sealed_store().start().await, Folder::new());
        let alone = |auth: OidcAuthBuilder| auth.store(folder.store().exclusive());
        let first = app.node(alone).await;
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login?return_to=/profile").await;
        let callback = callback.strip_prefix(&app.origin).unwrap();
        let browser = first.serve(&browser);
        assert_eq!(browser.navigate(callback).await.status, 303);
        assert_eq!((browser.fetch("/profile").await.text(), app.calls().code), ("ada".into(), 1));
        match then {
            Then::StaysSignedIn => {}
            Then::LosesItsCookie => browser.remove_cookie("app"),
            Then::SignsOut => {
                // The binding goes, too: somebody kept it.
                let binding = browser.bindings().remove(0);
                let value = browser.cookie(&binding).unwrap();
                assert_eq!(browser.submit("/auth/logout").await.status, 303);
                browser.set_cookie(&binding, &value);
            }
        }
        first.settled().await;
        drop(first);
        folder.closed().await;
        let second = app.node(alone).await;
        let browser = second.serve(&browser);
        let again = browser.navigate(callback).await;
        assert_eq!(app.calls().code, 1, "{then:?}: a second exchange");
        assert_eq!(again.set_cookie("app"), None, "{then:?}: a session was made");
        if then == Then::StaysSignedIn {
            assert_eq!(again.location(), format!("{}/profile", app.base()));
            assert_eq!(browser.fetch("/profile").await.text(), "ada");
        }
        drop(second);
        folder.closed().await;
    }
}
