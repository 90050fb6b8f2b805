//! Begin, refreshes and end of a session: one event each, with one reference.

use std::time::Duration;

use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::{EndReason, EventKind};

use super::Told;
use crate::layer::{hold_cookies, stores};
use crate::support::{App, CLIENT_ID, NOW};

#[tokio::test]
async fn a_session_from_its_begin_to_its_end() {
    for builder in stores() {
        let (told, builder) = Told::by(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(250);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        for _ in 0..5 {
            assert_eq!(browser.fetch("/api/me").await.status, 200);
        }
        browser.submit("/auth/logout").await;
        app.settled().await;
        let events = told.events();
        let codes: Vec<_> =
            events.iter().map(|event| (event.kind.code(), event.kind.detail())).collect();
        let expected =
            [("signed_in", ""), ("tokens_refreshed", ""), ("session_ended", "logged_out")];
        assert_eq!(codes, expected, "an ordinary request is no event");
        for event in &events {
            let session = event.kind.session().unwrap();
            assert_eq!(session.reference, events[0].kind.session().unwrap().reference);
            assert_eq!(session.subject, "ada");
            assert!(session.sid.is_some());
            assert_eq!(session.signed_in_at.seconds(), NOW);
            assert_eq!(session.ceiling.map(|ceiling| ceiling.seconds()), Some(NOW + 3_600));
        }
        let reference = &events[0].kind.session().unwrap().reference;
        assert!(reference.len() == 16 && reference.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_eq!(events[2].at.seconds(), NOW + 250);
        assert!(!format!("{events:?}").contains("ada"));
        // Another session of the same user is another.
        app.signed_in().await;
        assert_ne!(told.events()[0].kind.session().unwrap().reference, *reference);
    }
}

/// The answer to "why was I signed out?".
#[tokio::test]
async fn each_limit_is_told_once_with_its_reason() {
    for (wait, reason) in [
        (3_570, EndReason::Ceiling),
        (600, EndReason::IdleLimit),
        (3_000, EndReason::AbsoluteLimit),
    ] {
        for builder in stores() {
            let (told, builder) = Told::by(builder);
            let builder = builder.configure(move |auth| match reason {
                EndReason::IdleLimit => auth.idle_limit(Duration::from_secs(600)),
                EndReason::AbsoluteLimit => auth.absolute_limit(Duration::from_secs(3_000)),
                _ => auth,
            });
            let app = builder.start().await;
            let browser = app.signed_in().await;
            hold_cookies(&browser);
            told.events();
            app.later(wait - 1);
            assert_eq!(told.codes(), []);
            app.later(1);
            let spare = browser.copy();
            assert_eq!(browser.fetch("/api/me").await.status, 401);
            assert_eq!(spare.fetch("/api/me").await.status, 401);
            app.settled().await;
            if app.store.is_none() {
                let events = told.events();
                assert_eq!(events.len(), 1, "{events:?}");
                let EventKind::SessionEnded { reason: why, .. } = &events[0].kind else { panic!() };
                assert_eq!(*why, reason);
            } else {
                // A shared store drops the record at its deadline: nothing names the session any more.
                let gone = ("session_gone", reason.code());
                assert_eq!(told.codes(), [gone, gone]);
            }
        }
    }
}

#[tokio::test]
async fn a_logout_at_the_provider_is_told_for_each_session() {
    for builder in stores() {
        let (told, builder) = Told::by(builder);
        let app = builder.start().await;
        let (_one, _other) = (app.signed_in().await, app.signed_in().await);
        let begun = told.events();
        app.later(1);
        let subject = LogoutSubject::Sub("ada".to_owned());
        let claims = app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
        let token = app.op.sign_jwt(Some("logout+jwt"), claims).unwrap();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("logout_token={token}");
        let browser = app.browser();
        let send =
            async || browser.send("POST", "/auth/backchannel-logout", &form, &body).await.status;
        assert_eq!(send().await, 200);
        app.settled().await;
        let events = told.events();
        let mut ended: Vec<_> =
            events.iter().filter_map(|event| event.kind.session()).map(|s| &s.reference).collect();
        let mut sessions: Vec<_> =
            begun.iter().map(|event| &event.kind.session().unwrap().reference).collect();
        ended.sort();
        sessions.sort();
        assert_eq!(ended, sessions);
        let details: Vec<_> = events.iter().map(|event| event.kind.detail()).collect();
        assert_eq!(details.iter().filter(|detail| **detail == "backchannel_logout").count(), 2);
        assert_eq!(events.last().unwrap().kind.code(), "backchannel_logout");
        assert_eq!(send().await, 400);
        assert_eq!(told.codes(), [("replay_seen", "logout_token_replayed")]);
    }
}

#[tokio::test]
async fn a_new_sign_in_takes_the_place_of_the_old_one() {
    for builder in stores() {
        let (told, builder) = Told::by(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        told.events();
        browser.sign_in().await;
        app.settled().await;
        let mut codes = told.codes();
        codes.sort_unstable();
        assert_eq!(codes, [("session_ended", "replaced"), ("signed_in", "")]);
    }
}

/// The reference is that of the session, whichever node tells of it.
#[tokio::test]
async fn nodes_call_a_session_the_same() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let app = builder.start().await;
    let elsewhere = Told::default();
    let listening = elsewhere.clone();
    let node = app.node(move |auth| listening.listen(auth)).await;
    let browser = app.signed_in().await;
    let here = told.events()[0].kind.session().unwrap().reference.clone();
    assert_eq!(node.serve(&browser).submit("/auth/logout").await.status, 303);
    node.settled().await;
    let there = elsewhere.events();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].kind.session().unwrap().reference, here);
    assert_eq!(told.codes(), [], "told once, by the node that ended it");
}
