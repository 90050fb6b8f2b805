//! Which limit the deadline comes from.

use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::{AuthSession, Limit};

use crate::support::{App, NOW};

async fn limit(session: AuthSession) -> String {
    let name = match session.limit() {
        Limit::Ceiling => "ceiling",
        Limit::Idle => "idle",
        Limit::Absolute => "absolute",
    };
    format!("{name} {}", session.expires_at().seconds() - NOW)
}

#[tokio::test]
async fn the_earliest_limit_is_named() {
    let ceiling = SessionExpiryMode::AfterIssue;
    let hour = Duration::from_secs(3_600);
    let cases = [
        (ceiling(hour), hour, hour, "ceiling 3570"),
        (ceiling(2 * hour), 2 * hour, hour, "idle 3600"),
        (ceiling(2 * hour), hour, 2 * hour, "absolute 3600"),
        (SessionExpiryMode::Absent, hour, hour, "absolute 3600"),
    ];
    for (mode, absolute, idle, expected) in cases {
        let app = App::builder()
            .configure(move |auth| auth.absolute_limit(absolute).idle_limit(idle))
            .assemble(|auth, router| {
                router.route("/limit", get(limit)).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        app.op.set_session_expiry(mode);
        assert_eq!(app.signed_in().await.fetch("/limit").await.text(), expected);
    }
}
