//! Long and odd outages: what was promised holds while they last, and all is well afterwards without a restart.
//!
//! | outage | where |
//! |---|---|
//! | provider down at the start, in the middle of a login | `login::provider_down` |
//! | provider down for an hour, flapping, slow, its name not known | `provider` |
//! | keys of the provider changed | `provider`, `provider::jwks` |
//! | clock set forward and back | `clock`, `layer::clocks` |
//! | store gone | `layer::store_down`, `stores::*`, and with real servers `tests/e2e/store_outage.test.mjs` |
//! | disk or memory of the store full | `stores::postgres::space`, `stores::redis::memory`, `stores::sqlite::space` |

mod clock;
mod line;
mod provider;

use std::time::Duration;

use axum_oidc_session::dev_provider::SessionExpiryMode;

use crate::support::{App, Browser};

/// The provider's sessions live for a day.
fn for_a_day(app: App) -> App {
    let day = SessionExpiryMode::AfterIssue(Duration::from_secs(86_400));
    app.op.set_session_expiry(day);
    app
}

async fn is_signed_in(browser: &Browser) {
    let reply = browser.fetch("/api/me").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// The code of a login that cannot begin, and how long the browser is told to wait.
async fn refused_login(app: &App) -> (String, u64) {
    let reply = app.browser().navigate("/auth/login").await;
    let (status, code) = reply.refusal();
    assert_eq!(status, 503, "{code}");
    (code, reply.header("retry-after").unwrap().parse().unwrap())
}
