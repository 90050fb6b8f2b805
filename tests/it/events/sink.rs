//! The application's sink, and the lines of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Told;
use crate::logs::Log;
use crate::support::App;

#[tokio::test]
async fn a_sink_that_panics_costs_nothing_but_its_events() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let app = App::builder().configure(move |auth| {
        auth.on_event(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            panic!("the application's own fault");
        })
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    assert_eq!(told.load(Ordering::SeqCst), 2);
}

/// What is in the log is what was told, and nothing of it is personal or secret.
#[tokio::test]
async fn the_log_has_the_same_events() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let log = Log::capture();
    let browser = app.signed_in().await;
    app.later(250);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    browser.submit("/auth/logout").await;
    app.settled().await;
    let (events, text) = (told.events(), log.text());
    assert_eq!(events.len(), 3);
    for event in &events {
        assert!(text.contains(event.kind.code()), "{text}");
        assert!(text.contains(&event.kind.session().unwrap().reference), "{text}");
    }
    let debug = format!("{events:?}");
    for secret in app.op.issued_values() {
        assert!(!debug.contains(&secret) && !text.contains(&secret), "{secret}");
    }
    let sid = events[0].kind.session().unwrap().sid.clone().unwrap();
    assert!(!debug.contains(&sid) && !debug.contains("ada"));
}
