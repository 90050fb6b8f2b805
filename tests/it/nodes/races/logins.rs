//! Two logins of one browser, each of which replaces the session it had.

use super::{Arena, Round};

#[tokio::test]
async fn two_logins_replace_the_session_before_and_both_live() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let one = arena.callback(&round.browser).await;
        let two = arena.callback(&round.browser).await;
        let (tab, other) = (round.on(0).copy(), round.on(1).copy());
        let (first, second, passed) = round.race(tab.navigate(&one), other.navigate(&two)).await;
        assert_eq!((first.status, second.status), (303, 303), "{:?}", round.order);
        round.assert_dead(&round.before).await;
        round.assert_live(&tab).await;
        round.assert_live(&other).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}

/// One attempt, sent to both nodes: its code is exchanged once, since providers revoke what a code brought that comes again.
/// The other node leads to the page.
#[tokio::test]
async fn one_attempt_makes_one_session() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let fresh = arena.nodes[0].serve(&arena.app.browser());
        let callback = arena.callback(&fresh).await;
        let other = arena.nodes[1].serve(&fresh.copy());
        let exchanged = arena.app.calls().code;
        let (one, two, passed) =
            round.race(fresh.navigate(&callback), other.navigate(&callback)).await;
        let sessions = [&one, &two].map(|reply| reply.set_cookie("app").is_some());
        assert!(sessions[0] != sessions[1], "{sessions:?}: {:?}", round.order);
        assert_eq!((one.status, two.status), (303, 303), "{:?}", round.order);
        assert_eq!(arena.app.calls().code - exchanged, 1, "{:?}", round.order);
        passed
    });
    let orders = orders.await;
    assert!(orders >= 12, "{orders}");
}
