//! A session that moves to a new id on one node.

use axum_oidc_session::dev_provider::LogoutSubject;

use super::orders::Passed;
use super::{Arena, Round};
use crate::support::Reply;

/// Moved, or too late.
fn assert_moved_or_gone(reply: &Reply, round: &Round<'_>) {
    assert!([200, 401].contains(&reply.status), "{}: {:?}", reply.status, round.order);
}

pub(super) async fn move_and_logout(round: &Round<'_>) -> Passed {
    let (tab, other) = (round.on(0).copy(), round.on(1).copy());
    let (moved, logout, passed) =
        round.race(tab.fetch("/cycle"), other.submit("/auth/logout")).await;
    assert_moved_or_gone(&moved, round);
    assert_eq!(logout.status, 303, "{:?}", round.order);
    round.assert_dead(&tab).await;
    round.assert_dead(&round.before).await;
    passed
}

pub(super) async fn move_and_login(round: &Round<'_>) -> Passed {
    let callback = round.arena.callback(&round.browser).await;
    let (tab, other) = (round.on(0).copy(), round.on(1).copy());
    let (moved, login, passed) = round.race(tab.fetch("/cycle"), other.navigate(&callback)).await;
    assert_moved_or_gone(&moved, round);
    assert_eq!(login.status, 303, "{:?}", round.order);
    round.assert_live(&other).await;
    if tab.cookie("app") != other.cookie("app") {
        round.assert_dead(&tab).await;
    }
    round.assert_dead(&round.before).await;
    passed
}

#[tokio::test]
async fn a_logout_ends_it_under_both_ids() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| move_and_logout(&round).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn a_logout_token_ends_it_under_both_ids() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let tab = round.on(0).copy();
        let by_sub = LogoutSubject::Sub("ada".to_owned());
        let (moved, logout, passed) =
            round.race(tab.fetch("/cycle"), round.logout_token(1, &by_sub)).await;
        assert_moved_or_gone(&moved, &round);
        assert_eq!(logout.status, 200, "{:?}", round.order);
        round.assert_dead(&tab).await;
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn a_login_replaces_it_under_both_ids() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| move_and_login(&round).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn two_moves_leave_one_session() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (one, two) = (round.on(0).copy(), round.on(1).copy());
        let (first, second, passed) = round.race(one.fetch("/cycle"), two.fetch("/cycle")).await;
        assert_moved_or_gone(&first, &round);
        assert_moved_or_gone(&second, &round);
        let live = [round.is_live(&one).await, round.is_live(&two).await];
        assert_eq!(live.into_iter().filter(|live| *live).count(), 1, "{:?}", round.order);
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}

#[tokio::test]
async fn a_refresh_and_a_move_lose_neither_session_nor_token() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (tab, other) = (round.on(0).copy(), round.on(1).copy());
        let (moved, refreshed, passed) =
            round.race(tab.fetch("/cycle"), other.fetch("/api/token")).await;
        assert_eq!(moved.status, 200, "{:?}", round.order);
        assert!([200, 401].contains(&refreshed.status), "{:?}", round.order);
        round.assert_live(&tab).await;
        round.assert_dead(&round.before).await;
        assert!(round.refreshes() <= 1, "{:?}", round.order);
        arena.app.later(300);
        let token = arena.app.ticking(tab.fetch("/api/token")).await;
        assert_eq!(token.status, 200, "the rotated token is lost: {:?}", round.order);
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}
