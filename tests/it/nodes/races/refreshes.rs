//! A refresh on one node.

use axum_oidc_session::dev_provider::LogoutSubject;

use super::orders::Passed;
use super::{Arena, Round};
use crate::support::Reply;

/// A refresh that told its request that the session is over keeps no token alive at the provider.
async fn assert_nothing_is_left(refreshed: &Reply, round: &Round<'_>) {
    assert!([200, 401].contains(&refreshed.status), "{}: {:?}", refreshed.status, round.order);
    assert!(round.refreshes() <= 1, "{:?}", round.order);
    if refreshed.status == 401 && round.refreshes() == 1 {
        round.assert_new_token_revoked().await;
    }
}

pub(super) async fn refresh_and_token(round: &Round<'_>) -> Passed {
    let tab = round.on(0).copy();
    let by_sub = LogoutSubject::Sub("ada".to_owned());
    let (refreshed, logout, passed) =
        round.race(tab.fetch("/api/token"), round.logout_token(1, &by_sub)).await;
    assert_eq!(logout.status, 200, "{:?}", round.order);
    round.assert_dead(&tab).await;
    round.assert_dead(&round.before).await;
    assert_nothing_is_left(&refreshed, round).await;
    passed
}

/// Here the cookie is at hand: whatever token the session has at the end is revoked.
pub(super) async fn refresh_and_logout(round: &Round<'_>) -> Passed {
    let (tab, other) = (round.on(0).copy(), round.on(1).copy());
    let (refreshed, logout, passed) =
        round.race(tab.fetch("/api/token"), other.submit("/auth/logout")).await;
    assert_eq!(logout.status, 303, "{:?}", round.order);
    round.assert_dead(&tab).await;
    round.assert_dead(&round.before).await;
    assert_nothing_is_left(&refreshed, round).await;
    if round.refreshes() == 1 {
        round.assert_new_token_revoked().await;
    }
    passed
}

pub(super) async fn two_refreshes(round: &Round<'_>) -> Passed {
    let (tab, other) = (round.on(0).copy(), round.on(1).copy());
    let (one, two, passed) = round.race(tab.fetch("/api/token"), other.fetch("/api/token")).await;
    assert_eq!((one.status, two.status), (200, 200), "{:?}", round.order);
    assert_eq!(one.json()["access_token"], two.json()["access_token"], "{:?}", round.order);
    assert_eq!(round.refreshes(), 1, "{:?}", round.order);
    round.assert_live(&round.browser).await;
    passed
}

#[tokio::test]
async fn a_logout_token_leaves_the_session_dead_and_the_new_token_revoked() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| refresh_and_token(&round).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn a_logout_leaves_the_session_dead_and_the_new_token_revoked() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| refresh_and_logout(&round).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn two_refreshes_send_the_token_once() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| two_refreshes(&round).await).await;
    assert!(orders >= 12, "{orders}");
}

/// The token of a session that gave way to a login is left alone: some providers revoke the grant with it.
#[tokio::test]
async fn a_login_replaces_the_session_and_revokes_nothing() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let callback = arena.callback(&round.browser).await;
        let revoked = arena.app.calls().revocation;
        let (tab, other) = (round.on(0).copy(), round.on(1).copy());
        let (refreshed, login, passed) =
            round.race(tab.fetch("/api/token"), other.navigate(&callback)).await;
        assert!([200, 401].contains(&refreshed.status), "{:?}", round.order);
        assert_eq!(login.status, 303, "{:?}", round.order);
        round.assert_live(&other).await;
        round.assert_dead(&round.before).await;
        assert_eq!(arena.app.calls().revocation, revoked, "{:?}", round.order);
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}
