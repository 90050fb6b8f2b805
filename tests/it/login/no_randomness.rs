//! Without randomness nothing is issued.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum_oidc_session::random::{Random, RandomUnavailable, SystemRandom};

use crate::support::App;

#[derive(Clone, Debug, Default)]
struct Exhaustible(Arc<AtomicBool>);

impl Random for Exhaustible {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        if self.0.load(Ordering::SeqCst) {
            return Err(RandomUnavailable);
        }
        SystemRandom.fill(bytes)
    }
}

#[tokio::test]
async fn a_login_fails_at_its_begin_and_at_its_end() {
    let random = Exhaustible::default();
    let given = random.clone();
    let app = App::builder()
        .sealed_store()
        .configure(move |auth| auth.insecure_random(Arc::new(given)).application_data(true))
        .start()
        .await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    random.0.store(true, Ordering::SeqCst);
    let begin = browser.navigate("/auth/login").await;
    assert_eq!(begin.refusal(), (500, "random_unavailable".to_owned()));
    // The lease of the code's exchange has a random holder.
    let end = browser.navigate(&callback).await;
    assert_eq!(end.refusal(), (503, "store_unavailable".to_owned()));
    assert!(browser.cookie("app").is_none());
    assert!(app.store().stored().is_empty());
    random.0.store(false, Ordering::SeqCst);
    browser.sign_in().await;
    random.0.store(true, Ordering::SeqCst);
    assert_eq!(browser.fetch("/api/me").await.status, 500, "application data need an id");
    random.0.store(false, Ordering::SeqCst);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}
