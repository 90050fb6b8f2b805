//! Access tokens: fresh, refreshed once, never past the deadline (ceiling rules 9 and 10).

mod ceiling;
mod continuity;
mod ends;
mod fresh;
mod idle;
mod on_demand;
mod once;
mod provider;
mod refusals;
mod renewal;

use std::time::Duration;

use axum_oidc_session::dev_provider::Endpoint;

use crate::support::{App, Browser, Reply, pause, until};

/// The answer of `/api/token`.
async fn token(browser: &Browser) -> Reply {
    browser.fetch("/api/token").await
}

/// The access token itself.
async fn access_token(browser: &Browser) -> String {
    let reply = token(browser).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// Asks for the access token; `meanwhile` happens when the refresh has been sent and not been answered. Takes a second.
async fn during_refresh(app: &App, browser: &Browser, meanwhile: impl AsyncFnOnce()) -> Reply {
    let held = async {
        held_refresh(app, meanwhile).await;
        app.later(1);
    };
    tokio::join!(token(browser), held).0
}

/// Runs `meanwhile` once the next refresh has reached the provider, which answers when a second has passed.
async fn held_refresh(app: &App, meanwhile: impl AsyncFnOnce()) {
    let before = app.calls().refresh;
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    until(async || app.calls().refresh > before).await;
    pause().await;
    meanwhile().await;
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
}

/// Of those that were revoked, the one that came last.
fn newest_refresh_token(app: &App) -> String {
    let issued = app.op.issued_values();
    let request = app.op.last_request(Endpoint::TokenRefreshToken);
    let sent = request.unwrap().parameter("refresh_token").unwrap().to_owned();
    // After the refresh token that was sent come the values that replaced it; what was revoked is among them.
    let position = issued.iter().position(|value| *value == sent).unwrap();
    let revoked = app.op.revoked_tokens();
    issued[position + 1..].iter().find(|value| revoked.contains(value)).cloned().unwrap_or_default()
}
