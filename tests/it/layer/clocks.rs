//! Wall clocks that are set while sessions live (ceiling rule 15).

use std::time::Duration;

use super::{hold_cookies, stores};
use crate::support::App;

#[tokio::test]
async fn a_step_back_revives_nothing() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        let spare = browser.copy();
        app.later(3_570);
        assert_eq!(browser.fetch("/api/me").await.code(), "session_expired");
        app.clock.step(-3_000);
        assert_eq!(spare.fetch("/api/me").await.status, 401, "it has ended");
    }
}

#[tokio::test]
async fn a_step_back_does_not_lengthen_a_session_in_memory() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    app.later(3_000);
    app.clock.step(-3_000);
    app.later(569);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    app.later(1);
    assert_eq!(browser.fetch("/api/me").await.json()["reason"], "ceiling");
}

#[tokio::test]
async fn a_wrong_step_forward_locks_nobody_out_once_it_is_corrected() {
    for builder in stores() {
        let app = builder.start().await;
        let (present, absent) = (app.signed_in().await, app.signed_in().await);
        hold_cookies(&present);
        hold_cookies(&absent);
        app.clock.step(1_000_000);
        assert_eq!(present.fetch("/api/me").await.code(), "session_expired");
        app.clock.step(-1_000_000);
        assert_eq!(absent.fetch("/api/me").await.status, 200, "nobody asked while it was wrong");
        present.sign_in().await;
        assert_eq!(present.fetch("/api/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_touch_after_a_step_back_makes_no_session_idle() {
    let app =
        App::builder().configure(|auth| auth.idle_limit(Duration::from_secs(1_800))).start().await;
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    app.later(120);
    app.clock.step(-3_600);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    hold_cookies(&browser);
    let reply = browser.fetch("/api/me").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}
