//! The wall clock of the machine is set while the provider's goes on.

use std::time::Duration;

use axum_oidc_session::OidcAuthBuilder;
use axum_oidc_session::clock::ManualClock;

use crate::support::{App, AppBuilder, NOW};

/// The application's clock is not the provider's.
fn on(clock: &ManualClock) -> AppBuilder {
    let clock = clock.clone();
    App::builder().configure(move |auth: OidcAuthBuilder| auth.clock(std::sync::Arc::new(clock)))
}

/// With a clock that is wrong by more than the tolerance nobody signs in, in either direction; all do once it is right.
#[tokio::test]
async fn sign_ins_wait_for_a_clock_that_is_right() {
    for wrong in [-3_600, 3_600, -100, 100_000] {
        let clock = ManualClock::at(NOW);
        let app = on(&clock).start().await;
        let early = app.signed_in().await;
        clock.step(wrong);
        let reply = app.browser().sign_in().await;
        assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.status);
        clock.step(-wrong);
        let late = app.signed_in().await;
        // Whoever used a session while the clock was behind did not lose it.
        if wrong < 0 {
            assert_eq!(early.fetch("/api/me").await.status, 200, "{wrong}");
        }
        assert_eq!(late.fetch("/api/me").await.status, 200, "{wrong}");
    }
}

/// Back and forth by an hour, again and again: the ceiling comes when it was to come, by the time that passed.
#[tokio::test]
async fn a_ceiling_is_not_moved_by_a_clock_that_is_set() {
    let clock = ManualClock::at(NOW);
    let app = on(&clock).start().await;
    let browser = app.signed_in().await;
    for minute in 1..60 {
        let pass = Duration::from_secs(60);
        clock.advance(pass);
        app.clock.advance(pass);
        clock.step(if minute % 2 == 0 { 600 } else { -600 });
        let left = 3_570 - 60 * minute;
        // While it is 600 s ahead a session may end early; it never ends late.
        let reply = browser.copy().fetch("/api/me").await;
        match reply.status {
            200 => assert!(left > 0, "{minute}"),
            _ => assert!(left <= 600, "{minute}: {}", reply.text()),
        }
        if reply.status != 200 {
            return;
        }
    }
    clock.advance(Duration::from_secs(30));
    assert_eq!(browser.fetch("/api/me").await.status, 401);
}
