//! Two masters of one store that know nothing of each other, as after a failover that cut the old one off: what holds then, and
//! what does not.
//!
//! | | on the side of the new master | on that of the old one |
//! |---|---|---|
//! | deadlines | hold | hold |
//! | an end that the new master has answered | holds | is not known until the cut is healed, or the old master is given up (503) |
//! | an end that the old master has answered | is not known, now or later | holds until the cut is healed |

use axum_oidc_session::Store;

use crate::support::{App, Browser, Fails, Node, SealedTestStore};

/// An application on the new master's side, a node on the old one's, and that.
async fn cut(app: &App) -> (Node, SealedTestStore) {
    let old = app.store().cut_off();
    let store = Store::from(old.clone());
    (app.node(|auth| auth.store(store)).await, old)
}

async fn status(browser: &Browser) -> u16 {
    browser.fetch("/api/me").await.status
}

#[tokio::test]
async fn an_end_is_known_on_its_own_side_and_after_the_cut() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let spare = browser.copy();
    let (node, old) = cut(&app).await;
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    assert_eq!(spare.copy().fetch("/api/me").await.json()["reason"], "revoked");
    assert_eq!(status(&node.serve(&spare.copy())).await, 200, "nobody can know it here");
    // With `min-replicas-to-write` the old master takes no writes, and the store reads nothing from it.
    old.fail(Fails::Everything);
    let refused = node.serve(&spare).fetch("/api/me").await;
    assert_eq!(refused.refusal(), (503, "store_unavailable".to_owned()));
    assert!(refused.set_cookies().is_empty());
    let healed = app.node(|auth| auth).await;
    assert_eq!(healed.serve(&spare).fetch("/api/me").await.json()["reason"], "revoked");
}

#[tokio::test]
async fn an_end_on_the_old_side_comes_undone() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let spare = browser.copy();
    let (node, _old) = cut(&app).await;
    assert_eq!(node.serve(&browser).submit("/auth/logout").await.status, 303);
    assert_eq!(status(&node.serve(&spare.copy())).await, 401);
    assert_eq!(status(&spare).await, 200, "what only the old master has written is lost");
}

#[tokio::test]
async fn deadlines_hold_on_both_sides_of_a_cut() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let (node, _old) = cut(&app).await;
    crate::layer::hold_cookies(&browser);
    app.later(3_569);
    for tab in [browser.copy(), node.serve(&browser.copy())] {
        assert_eq!(status(&tab).await, 200);
    }
    app.later(1);
    for tab in [browser.copy(), node.serve(&browser.copy())] {
        assert_eq!(tab.fetch("/api/me").await.code(), "session_expired");
    }
}
