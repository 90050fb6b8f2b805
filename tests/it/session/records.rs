//! Records that someone with access to the store has changed, and what they show (ceiling rule 16).

use axum_oidc_session::{SealedPart, StoredSession};

use crate::support::App;

#[tokio::test]
async fn a_record_that_was_changed_is_no_session() {
    let changes: [fn(&StoredSession) -> Vec<u8>; 6] = [
        |_| Vec::new(),
        |_| b"{}".to_vec(),
        |it| it.auth.content[..it.auth.content.len() - 1].to_vec(),
        |it| it.auth.content[..20].to_vec(),
        // Another format version.
        |it| [&[1], &it.auth.content[1..]].concat(),
        |it| {
            let mut content = it.auth.content.clone();
            content[60] ^= 1;
            content
        },
    ];
    for change in changes {
        let app = App::builder().sealed_store().start().await;
        let browser = app.signed_in().await;
        let stored = app.store().stored().remove(0);
        let content = change(&stored);
        let mut changed = stored;
        changed.auth = SealedPart { version: 1, content };
        app.store().tamper(changed);
        let reply = browser.fetch("/api/me").await;
        assert_eq!((reply.status, reply.code()), (401, "session_expired".to_owned()));
        // Another version of the program may be able to read it: record and cookie stay, and open nothing here.
        assert!(reply.set_cookies().is_empty());
        assert_eq!(browser.navigate("/").await.status, 303);
        assert_eq!(browser.fetch("/auth/session").await.json()["reason"], "revoked");
        // Without the marker, which comes with every session, nothing says that there was one.
        browser.remove_cookie("app_m");
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
        assert!(browser.fetch("/auth/session").await.json()["reason"].is_null());
        assert_eq!(browser.sign_in().await.status, 303);
    }
}

#[tokio::test]
async fn application_data_that_were_changed_are_no_session_either() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let stored = app.store().stored().remove(0);
    let application = Some(SealedPart { version: 1, content: stored.auth.content.clone() });
    let mut changed = stored;
    changed.application = application;
    app.store().tamper(changed);
    assert_eq!(browser.fetch("/api/me").await.status, 401, "one part passed for the other");
}

#[tokio::test]
async fn a_record_that_was_moved_to_another_cookie_opens_nothing() {
    let app = App::builder().sealed_store().start().await;
    let mallory = app.signed_in().await;
    let id = app.store().stored()[0].id;
    app.op.authorize_as("grace");
    let grace = app.signed_in().await;
    let of_grace = app.store().stored().into_iter().find(|it| it.id != id).unwrap();
    let mut moved = of_grace;
    moved.id = id;
    app.store().tamper(moved);
    assert_eq!(mallory.fetch("/api/me").await.status, 401);
    assert_eq!(grace.get("/").await.text(), "hello grace");
}

#[tokio::test]
async fn a_stolen_store_shows_no_cookie_no_token_and_no_person() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let stored = app.store().stored().remove(0);
    let cookie = browser.cookie("app").unwrap();
    let mut secrets = app.op.issued_values();
    secrets.extend([cookie, "Ada".into(), "ada@example.com".into(), "session_expires_at".into()]);
    for secret in secrets {
        let found = stored.auth.content.windows(secret.len()).any(|it| it == secret.as_bytes());
        assert!(!found, "{secret}");
    }
    // Its key as a cookie value: 16 bytes that find nothing, whatever is put behind them.
    use base64::Engine as _;
    let forged = [stored.id.0.to_be_bytes(), [0; 16]].concat();
    let thief = app.browser();
    thief.set_cookie("app", &base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(forged));
    assert_eq!(thief.get("/").await.text(), "hello nobody");
}
