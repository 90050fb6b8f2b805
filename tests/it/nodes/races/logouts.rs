//! A logout against another, and against a login that has not finished.

use axum_oidc_session::dev_provider::LogoutSubject;

use super::orders::Passed;
use super::{Arena, Round};

fn by_sub() -> LogoutSubject {
    LogoutSubject::Sub("ada".to_owned())
}

/// A second browser completes its login while the logout token arrives.
pub(super) async fn login_and_token(round: &Round<'_>, by_sid: bool) -> Passed {
    let second = round.arena.nodes[0].serve(&round.arena.app.browser());
    let before = round.arena.app.op.sessions("ada");
    let callback = round.arena.callback(&second).await;
    let mut sids = round.arena.app.op.sessions("ada");
    sids.retain(|sid| !before.contains(sid));
    let sid = sids.pop().unwrap();
    let subject = if by_sid { LogoutSubject::Sid(sid) } else { by_sub() };
    let login = second.navigate(&callback);
    let (login, logout, passed) = round.race(login, round.logout_token(1, &subject)).await;
    assert_eq!(logout.status, 200, "{:?}", round.order);
    // The login came first and has ended since, or the logout did.
    assert!([303, 403].contains(&login.status), "{}: {:?}", login.status, round.order);
    round.assert_dead(&second).await;
    if by_sid {
        round.assert_live(&round.browser).await;
    } else {
        round.assert_dead(&round.browser).await;
    }
    passed
}

#[tokio::test]
async fn a_login_that_a_logout_by_sub_meets_is_dead() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| login_and_token(&round, false).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn a_login_that_a_logout_by_sid_meets_is_dead_and_no_other() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round| login_and_token(&round, true).await).await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn two_logouts_are_both_answered() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (one, two) = (round.on(0).copy(), round.on(1).copy());
        let (one, two, passed) =
            round.race(one.submit("/auth/logout"), two.submit("/auth/logout")).await;
        assert_eq!((one.status, two.status), (303, 303), "{:?}", round.order);
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}

#[tokio::test]
async fn a_logout_and_a_logout_token_are_both_answered() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let browser = round.on(0);
        let logout = browser.submit("/auth/logout");
        let (logout, token, passed) = round.race(logout, round.logout_token(1, &by_sub())).await;
        assert_eq!((logout.status, token.status), (303, 200), "{:?}", round.order);
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}

/// The same token, sent to both nodes: one may be told that it has been used.
#[tokio::test]
async fn two_logout_tokens_end_it_once_and_for_all() {
    let arena = Arena::new().await;
    let orders = arena.in_all_orders(async |round: Round<'_>| {
        let (one, two, passed) =
            round.race(round.logout_token(0, &by_sub()), round.logout_token(1, &by_sub())).await;
        assert_eq!((one.status, two.status), (200, 200), "{:?}", round.order);
        round.assert_dead(&round.before).await;
        passed
    });
    let orders = orders.await;
    assert!(orders >= 30, "{orders}");
}
