//! A save of application data on one node.

use super::{Arena, Round};

async fn read(round: &Round<'_>, key: &str) -> String {
    round.on(1).fetch(&format!("/read?{key}")).await.text()
}

#[tokio::test]
async fn a_logout_is_not_undone_by_it() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (tab, other) = (round.on(0).copy(), round.on(1).copy());
        let (_, logout, passed) =
            round.race(tab.fetch("/set?a"), other.submit("/auth/logout")).await;
        assert_eq!(logout.status, 303, "{:?}", round.order);
        round.assert_dead(&tab).await;
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}

#[tokio::test]
async fn a_login_is_not_undone_by_it() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let callback = arena.callback(&round.browser).await;
        let (tab, other) = (round.on(0).copy(), round.on(1).copy());
        let (_, login, passed) = round.race(tab.fetch("/set?a"), other.navigate(&callback)).await;
        assert_eq!(login.status, 303, "{:?}", round.order);
        round.assert_live(&other).await;
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}

#[tokio::test]
async fn two_saves_lose_nothing() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (one, two) = (round.on(0), round.on(1));
        let (one, two, passed) = round.race(one.fetch("/set?a"), two.fetch("/set?b")).await;
        assert_eq!((one.status, two.status), (200, 200), "{:?}", round.order);
        assert_eq!(read(&round, "a").await, "Some(1)", "{:?}", round.order);
        assert_eq!(read(&round, "b").await, "Some(1)", "{:?}", round.order);
        passed
    });
    let orders = orders.await;
    assert!(orders >= 10, "{orders}");
}

#[tokio::test]
async fn a_refresh_and_a_save_lose_nothing() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (one, two) = (round.on(0), round.on(1));
        let (saved, refreshed, passed) =
            round.race(one.fetch("/set?a"), two.fetch("/api/token")).await;
        assert_eq!((saved.status, refreshed.status), (200, 200), "{:?}", round.order);
        assert_eq!(read(&round, "a").await, "Some(1)", "{:?}", round.order);
        assert_eq!(round.refreshes(), 1, "{:?}", round.order);
        passed
    });
    let orders = orders.await;
    assert!(orders >= 10, "{orders}");
}

/// What was answered with 200 is there under the new id.
#[tokio::test]
async fn a_move_takes_along_what_was_saved() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (tab, other) = (round.on(0).copy(), round.on(1));
        let (saved, moved, passed) = round.race(tab.fetch("/set?a"), other.fetch("/cycle")).await;
        assert_eq!(moved.status, 200, "{:?}", round.order);
        round.assert_live(&round.browser).await;
        if saved.status == 200 {
            assert_eq!(read(&round, "a").await, "Some(1)", "{:?}", round.order);
        }
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}
