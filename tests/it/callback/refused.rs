//! What holds after every refusal.

use crate::support::{App, Browser, Reply};

/// The answer, and that nothing of a session is anywhere.
#[track_caller]
pub(crate) fn assert_answer(reply: &Reply, status: u16, code: &str, row: &str) {
    assert_eq!(reply.refusal(), (status, code.to_owned()), "{row}");
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{row}");
    assert_eq!(reply.header("location"), None, "{row}: the answer is at the callback's own URL");
    let (set, removed) = reply.cookie_changes();
    assert_eq!(set, ["app_r"], "{row}: no session cookie, no marker");
    assert_eq!(removed, Vec::<String>::new(), "{row}");
}

/// A refused callback: `status` and `code`, no session here, in the browser or in the store.
pub(crate) async fn assert_refused(
    app: &App,
    browser: &Browser,
    reply: &Reply,
    (status, code): (u16, &str),
    row: &str,
) {
    assert_answer(reply, status, code, row);
    assert_no_session(app, browser, row).await;
}

pub(crate) async fn assert_no_session(app: &App, browser: &Browser, row: &str) {
    assert_eq!(browser.cookie("app"), None, "{row}");
    let me = browser.fetch("/api/me").await;
    assert_eq!(me.refusal(), (401, "login_required".to_owned()), "{row}");
    if let Some(store) = &app.store {
        assert_eq!(store.stored(), [], "{row}");
    }
}

/// The same process, the same browser: a login that goes well.
pub(crate) async fn assert_clean_login(app: &App, browser: &Browser, row: &str) {
    app.op.set_fault(None);
    let reply = browser.sign_in_from("/auth/login?return_to=/profile").await;
    assert_eq!(reply.status, 303, "{row}: {}", reply.text());
    assert_eq!(reply.location(), format!("{}/profile", app.origin), "{row}");
    assert_eq!(browser.navigate("/profile").await.text(), "ada", "{row}");
    assert_eq!(
        browser.cookie("app_r"),
        None,
        "{row}: the first admitted request clears the rounds"
    );
}
