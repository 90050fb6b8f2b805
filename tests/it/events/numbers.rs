//! Feature `metrics`: the same events as numbers.
#![cfg(feature = "metrics")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString,
    Unit,
};

use crate::support::App;
use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault};

/// What was counted and set, by name and labels.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<BTreeMap<String, f64>>>);

struct Number(Kept, String);

impl Number {
    fn change(&self, change: impl FnOnce(&mut f64)) {
        change(self.0.0.lock().unwrap().entry(self.1.clone()).or_default());
    }
}

impl CounterFn for Number {
    fn increment(&self, value: u64) {
        self.change(|number| *number += value as f64);
    }

    fn absolute(&self, value: u64) {
        self.change(|number| *number = value as f64);
    }
}

impl GaugeFn for Number {
    fn increment(&self, value: f64) {
        self.change(|number| *number += value);
    }

    fn decrement(&self, value: f64) {
        self.change(|number| *number -= value);
    }

    fn set(&self, value: f64) {
        self.change(|number| *number = value);
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Number(self.clone(), text(key))))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Number(self.clone(), text(key))))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn text(key: &Key) -> String {
    let labels: Vec<_> =
        key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    format!("{}{{{}}}", key.name(), labels.join(","))
}

#[tokio::test]
async fn events_are_counted_and_outages_shown() {
    let kept = Kept::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let app = App::start().await;
    app.op.set_down(true);
    app.browser().navigate("/auth/login").await;
    let number = |name: &str| kept.0.lock().unwrap().get(name).copied();
    assert_eq!(number("oidc_session_provider_up{document=metadata}"), Some(0.0));
    assert_eq!(number("oidc_session_provider_pause_seconds{document=metadata}"), Some(1.0));
    app.op.set_down(false);
    app.later(1);
    let browser = app.signed_in().await;
    assert_eq!(number("oidc_session_provider_up{document=metadata}"), Some(1.0));
    assert_eq!(number("oidc_session_provider_pause_seconds{document=metadata}"), Some(0.0));
    let token_endpoint = "oidc_session_provider_up{document=token_endpoint}";
    assert_eq!(number(token_endpoint), None, "it was never away");
    app.later(250);
    let away = Fault::Reply(Endpoint::Token, BrokenReply::ServiceUnavailable);
    for (fault, up) in [(Some(away), 0.0), (None, 1.0)] {
        app.op.set_fault(fault);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        assert_eq!(number(token_endpoint), Some(up));
        app.later(1);
    }
    browser.submit("/auth/logout").await;
    app.settled().await;
    for (event, detail) in [
        ("provider_unavailable", "metadata"),
        ("sign_in_refused", "http_interrupted"),
        ("provider_available", "metadata"),
        ("signed_in", ""),
        ("session_ended", "logged_out"),
    ] {
        let name = format!("oidc_session_events_total{{event={event},detail={detail}}}");
        assert_eq!(number(&name), Some(1.0), "{name}: {:?}", kept.0.lock().unwrap());
    }
}
