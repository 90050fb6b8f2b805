//! A process that has the file for itself, and the one that comes after it.

use axum_oidc_session::OidcAuthBuilder;

use super::support::Folder;
use crate::support::App;

/// The callback is sent once more after the restart: used is used, with a session and without.
#[tokio::test]
async fn a_callback_replayed_after_a_restart_is_used() {
    for keeps_session in [true, false] {
        let (app, folder) = (App::builder().sealed_store().start().await, Folder::new());
        let alone = |auth: OidcAuthBuilder| auth.store(folder.store().exclusive());
        let first = app.node(alone).await;
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login?return_to=/profile").await;
        let callback = callback.strip_prefix(&app.origin).unwrap();
        let browser = first.serve(&browser);
        assert_eq!(browser.navigate(callback).await.status, 303);
        assert_eq!((browser.fetch("/profile").await.text(), app.calls().code), ("ada".into(), 1));
        first.settled().await;
        drop(first);
        folder.closed().await;
        let second = app.node(alone).await;
        let browser = second.serve(&browser);
        if !keeps_session {
            browser.remove_cookie("app");
        }
        let again = browser.navigate(callback).await;
        assert_eq!(app.calls().code, 1, "a second exchange");
        assert_eq!(again.set_cookie("app"), None, "a session was made");
        if keeps_session {
            assert_eq!(again.location(), format!("{}/profile", app.base()));
            assert_eq!(browser.fetch("/profile").await.text(), "ada");
        }
        drop(second);
        folder.closed().await;
    }
}
