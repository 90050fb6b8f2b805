//! Streams of events, on one node.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use axum_oidc_session::OidcAuthBuilder;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use futures_util::StreamExt as _;
use futures_util::stream;

use super::{open, opened, streaming};
use crate::layer::stores;
use crate::support::{App, End, pause};

#[tokio::test]
async fn a_stream_ends_cleanly_at_the_ceiling() {
    for builder in stores() {
        let app = streaming(builder).start().await;
        app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(33)));
        let (_browser, mut stream) = opened(&app).await;
        app.later(2);
        assert!(stream.goes_on().await);
        app.later(1);
        assert_eq!(stream.end().await, End::Clean);
    }
}

/// Nothing is to be sent: the timer ends it.
#[tokio::test]
async fn a_silent_stream_ends_too() {
    let silent = async || {
        let hello = stream::iter([Ok::<_, std::convert::Infallible>("hello")]);
        Response::new(Body::from_stream(hello.chain(stream::pending())))
    };
    for builder in stores() {
        let app = builder.assemble(move |auth, router| {
            router.route("/silent", get(silent)).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(33)));
        let browser = app.signed_in().await;
        let mut stream = crate::support::Open::get(&browser, &app.origin, "/silent", "").await;
        stream.until("hello").await;
        pause().await;
        app.later(3);
        assert_eq!(stream.end().await, End::Clean);
    }
}

#[tokio::test]
async fn every_end_of_the_session_ends_its_streams_and_no_others() {
    for builder in stores() {
        let app = streaming(builder).start().await;
        let (_other, mut bystander) = opened(&app).await;
        let (browser, mut stream) = opened(&app).await;
        let mut second = open(&browser, &app.origin).await;
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        assert_eq!(stream.end().await, End::Clean, "logout");
        assert_eq!(second.end().await, End::Clean, "logout, the other tab");
        assert!(bystander.goes_on().await);

        let (browser, mut stream) = opened(&app).await;
        assert_eq!(browser.sign_in().await.status, 303);
        assert_eq!(stream.end().await, End::Clean, "another login of the browser");
        assert!(bystander.goes_on().await);

        assert!(app.auth.end_sessions_of("ada").await.unwrap() >= 1);
        assert_eq!(bystander.end().await, End::Clean, "ended by the application");
    }
}

/// What the server sends is no use; what the user does elsewhere is.
#[tokio::test]
async fn at_the_idle_limit_it_counts_whether_the_session_was_used() {
    let idle = |auth: OidcAuthBuilder| auth.idle_limit(Duration::from_secs(100));
    for builder in stores() {
        let app = streaming(builder).configure(idle).start().await;
        let (browser, mut stream) = opened(&app).await;
        for _ in 0..3 {
            app.later(60);
            assert_eq!(browser.fetch("/api/me").await.status, 200);
            assert!(stream.goes_on().await);
        }
        app.later(99);
        assert!(stream.goes_on().await);
        app.later(1);
        assert_eq!(stream.end().await, End::Clean);
    }
}

/// A timer that was set by the old time looks at the clock all the same.
#[tokio::test]
async fn a_wall_clock_that_is_set_forward_ends_it_soon() {
    for builder in stores() {
        let app = streaming(builder).start().await;
        let (_browser, mut stream) = opened(&app).await;
        app.clock.step(4 * 86_400);
        // Every frame looks, and where there is none a timer does, within 30 s.
        assert_eq!(stream.end().await, End::Clean);
    }
}

/// At the idle limit nothing is sent: where another node may have used the session, the store is asked first.
#[tokio::test]
async fn a_wall_clock_that_is_set_past_the_idle_limit_ends_it_too() {
    let idle = |auth: OidcAuthBuilder| auth.idle_limit(Duration::from_secs(100));
    for builder in stores() {
        let app = streaming(builder).configure(idle).start().await;
        let (_browser, mut stream) = opened(&app).await;
        app.clock.step(100);
        pause().await;
        // The longest that a timer sleeps.
        app.later(30);
        assert_eq!(stream.end().await, End::Clean);
    }
}

#[tokio::test]
async fn a_session_that_moves_to_a_new_id_takes_its_streams_along() {
    use axum_oidc_session::AuthSession;
    use axum_oidc_session::tower_sessions::Session;
    for builder in stores() {
        let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
        let app = builder.configure(|auth| auth.application_data(true));
        let app = app.assemble(move |auth, router| {
            let router = super::routes(router).route("/cycle", get(cycle));
            router.layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let (browser, mut stream) = opened(&app).await;
        for _ in 0..2 {
            assert_eq!(browser.fetch("/cycle").await.status, 200);
            assert!(stream.goes_on().await);
        }
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        assert_eq!(stream.end().await, End::Clean);
    }
}

/// While the store takes its time, another request finds that the old id has given way, and not yet to what.
#[tokio::test]
async fn a_stream_waits_for_what_comes_of_a_slow_move() {
    use axum_oidc_session::AuthSession;
    use axum_oidc_session::tower_sessions::Session;
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    let app = App::builder().sealed_store().configure(|auth| auth.application_data(true));
    let app = app.assemble(move |auth, router| {
        let router = super::routes(router).route("/cycle", get(cycle));
        router.layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    let (browser, mut stream) = opened(&app).await;
    let old = browser.copy();
    app.store().answer_slowly(Duration::from_millis(50));
    let finds = async {
        for _ in 0..8 {
            old.fetch("/api/me").await;
        }
    };
    let (moved, ()) = tokio::join!(browser.fetch("/cycle"), finds);
    assert_eq!(moved.status, 200);
    app.store().answer_slowly(Duration::ZERO);
    assert!(stream.goes_on().await);
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    assert_eq!(stream.end().await, End::Clean);
}

/// The route is public; what it streams to somebody who is signed in ends with the session, too.
#[tokio::test]
async fn without_a_session_nothing_ends() {
    let app = streaming(App::builder()).start().await;
    let mut anonymous = open(&app.browser(), &app.origin).await;
    app.later(4 * 86_400);
    assert!(anonymous.goes_on().await);
}
