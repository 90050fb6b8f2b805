//! One refresh, however many ask, and whoever hangs up.

use std::collections::HashSet;

use axum_oidc_session::AuthSession;
use axum_oidc_session::dev_provider::Endpoint;
use futures_util::future::join_all;
use std::time::Duration;

use super::{access_token, during_refresh, held_refresh, token};
use crate::layer::stores;
use crate::support::{App, pause};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_with_an_expired_token_make_one_refresh() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let old = access_token(&browser).await;
        app.later(300);
        let tokens = join_all((0..50).map(|_| access_token(&browser))).await;
        let tokens: HashSet<String> = tokens.into_iter().collect();
        assert_eq!((tokens.len(), app.calls().refresh), (1, 1));
        assert!(!tokens.contains(&old));
    }
}

#[tokio::test]
async fn those_who_come_while_it_runs_wait_for_it() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(300);
        let tab = browser.copy();
        let late = async {
            held_refresh(&app, async || ()).await;
            let waiting = async {
                pause().await;
                app.later(1);
            };
            tokio::join!(access_token(&tab), waiting).0
        };
        let (early, late) = tokio::join!(access_token(&browser), late);
        assert_eq!((early, app.calls().refresh), (late, 1));
    }
}

#[tokio::test]
async fn sessions_do_not_wait_for_each_other() {
    let app = App::start().await;
    let (one, two) = (app.signed_in().await, app.signed_in().await);
    app.later(300);
    let tokens = tokio::join!(access_token(&one), access_token(&two));
    assert_ne!(tokens.0, tokens.1);
    assert_eq!(app.calls().refresh, 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_loses_no_rotated_token() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(300);
        let tab = browser.copy();
        tokio::select! {
            _ = token(&tab) => panic!("it was to hang up"),
            () = held_refresh(&app, async || ()) => {}
        }
        pause().await;
        app.later(1);
        app.settled().await;
        access_token(&browser).await;
        assert_eq!(app.calls().refresh, 1, "the refresh went on");
        app.later(300);
        access_token(&browser).await;
        assert_eq!(app.calls().refresh, 2, "with the rotated token");
    }
}

#[tokio::test]
async fn a_new_id_during_the_refresh_loses_nothing_either() {
    use axum_oidc_session::tower_sessions::Session;
    for builder in stores() {
        let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
        let app = builder
            .configure(|auth| auth.application_data(true))
            .assemble(move |auth, router| {
                let router = router.route("/cycle", axum::routing::get(cycle));
                router.layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        app.later(300);
        let tab = browser.copy();
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
        let (_, reply) = tokio::join!(token(&tab), async {
            held_refresh(&app, async || ()).await;
            let release = async {
                pause().await;
                app.later(1);
            };
            tokio::join!(browser.fetch("/cycle"), release).0
        });
        assert_eq!(reply.status, 200);
        access_token(&browser).await;
        assert_eq!(app.calls().refresh, 1);
        app.later(300);
        access_token(&browser).await;
        assert_eq!(app.calls().refresh, 2);
    }
}

#[tokio::test]
async fn a_token_that_is_still_good_does_not_make_the_request_fail() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.later(250);
    let reply = during_refresh(&app, &browser, async || ()).await;
    assert_eq!(reply.status, 200);
}
