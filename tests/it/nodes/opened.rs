//! What a node keeps opened of the sessions that it asks the store for: never longer than the store has it so.

use std::time::Duration;

use axum_oidc_session::OidcAuth;

use super::two;
use crate::support::{App, Browser, pause, until};

/// How many sessions a node keeps opened.
fn opened(auth: &OidcAuth) -> usize {
    let (text, begin) = (format!("{auth:?}"), "OpenedSessions { sessions: ");
    let (_, count) = text.split_once(begin).unwrap();
    count[..count.find(' ').unwrap()].parse().unwrap()
}

async fn used(browser: &Browser) {
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn a_session_that_ends_on_another_node_is_freed_here() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    used(&browser).await;
    assert_eq!((opened(&app.auth), opened(&node.auth)), (1, 0));
    let there = node.serve(&browser.copy());
    used(&there).await;
    assert_eq!(opened(&node.auth), 1);
    assert_eq!(there.submit("/auth/logout").await.status, 303);
    assert_eq!(opened(&node.auth), 0, "at once where it ended");
    until(async || opened(&app.auth) == 0).await;
}

#[tokio::test]
async fn a_session_that_changes_on_another_node_is_opened_anew() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    app.later(250);
    used(&browser).await;
    let new = node.serve(&browser.copy()).fetch("/api/token").await.json()["access_token"].clone();
    assert_eq!(app.calls().refresh, 1);
    until(async || opened(&app.auth) == 0).await;
    assert_eq!(browser.fetch("/api/token").await.json()["access_token"], new);
    assert_eq!((opened(&app.auth), app.calls().refresh), (1, 1));
}

/// Whoever hears of nothing finds it gone.
#[tokio::test]
async fn a_session_that_is_gone_is_freed_by_whoever_asks_for_it() {
    let app = App::builder().sealed_store().start().await;
    app.store().have_no_events();
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    let there = node.serve(&browser.copy());
    used(&there).await;
    assert_eq!(opened(&node.auth), 1);
    let spare = there.copy();
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    assert_eq!(spare.fetch("/api/me").await.status, 401);
    assert_eq!(opened(&node.auth), 0);
}

/// What was read before the change and arrives after it is read again.
#[tokio::test]
async fn an_answer_that_a_change_overtakes_is_read_again() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    app.later(250);
    app.store().fetch_slowly(Duration::from_millis(300));
    let slow = browser.copy();
    let overtaken = async { slow.fetch("/api/token").await.json()["access_token"].clone() };
    let change = async {
        pause().await;
        app.store().fetch_slowly(Duration::ZERO);
        let there = node.serve(&browser.copy());
        there.fetch("/api/token").await.json()["access_token"].clone()
    };
    let (here, there) = tokio::join!(overtaken, change);
    assert_eq!((here, app.calls().refresh, opened(&app.auth)), (there, 1, 1));
}

/// The session's clock begins with each load (ceiling rule 15), not when its record was opened.
#[tokio::test]
async fn a_clock_that_was_wrong_while_a_record_was_opened_costs_nothing() {
    let (app, _) = two().await;
    let browser = app.signed_in().await;
    app.clock.step(3_000);
    used(&browser).await;
    app.clock.step(-3_000);
    app.later(1_000);
    used(&browser).await;
    assert_eq!(opened(&app.auth), 1);
    app.later(2_569);
    used(&browser).await;
    app.later(1);
    assert_eq!(browser.fetch("/api/me").await.json()["reason"], "ceiling");
}
