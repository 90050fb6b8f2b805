//! The reference store keeps every law.

use std::sync::Arc;

use axum_oidc_session::clock::SystemClock;
use axum_oidc_session::{AuthStore, store_laws};

use crate::support::SealedTestStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_reference_store_keeps_every_law() {
    let store = SealedTestStore::new(SystemClock);
    let node = || Arc::new(store.clone()) as Arc<dyn AuthStore>;
    let report = store_laws::check(&[node(), node()]).await;
    report.assert();
    assert!(report.checked() > 50 && report.not_offered().is_empty(), "{report}");
}
