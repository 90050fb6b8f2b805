//! A store that fails in the middle of a logout token's work: nothing is remembered of it, and the provider's next try does all
//! of it.

use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::error::BackchannelLogoutError;

use super::{error, send};
use crate::support::{App, CLIENT_ID, Fails};

#[tokio::test]
async fn wherever_it_stops_the_same_token_is_accepted_later() {
    let mut stops = 0;
    for writes in 0.. {
        let app = App::builder().sealed_store().start().await;
        let sessions = [app.signed_in().await, app.signed_in().await];
        let by_sub = LogoutSubject::Sub("ada".to_owned());
        let token = app.op.logout_token(CLIENT_ID, &by_sub).unwrap();
        app.store().fail_writes_after(writes);
        let first = send(&app, &token).await;
        app.store().fail(Fails::Nothing);
        if first.status() == 200 {
            break;
        }
        assert_eq!(first.status(), 400, "{writes} writes");
        let why = error(&first);
        assert!(matches!(why, Some(BackchannelLogoutError::Store(_))), "{writes}: {why:?}");
        // The lease of a node that died runs out.
        app.later(11);
        let again = send(&app, &token).await;
        assert_eq!(again.status(), 200, "{writes} writes: {:?}", error(&again));
        for browser in sessions {
            assert_eq!(browser.fetch("/api/me").await.json()["reason"], "revoked", "{writes}");
        }
        stops += 1;
    }
    assert!(stops >= 4, "the lease, the marker, the deletions, what is remembered: {stops}");
}
