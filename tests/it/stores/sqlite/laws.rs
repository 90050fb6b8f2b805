//! The laws, over two stores on one file and over one that has the file for itself.

use std::sync::Arc;

use axum_oidc_session::{AuthStore, store_laws};

use super::support::Folder;

/// Of a store without listeners, what is said about events does not apply.
fn only_events_are_not_offered(report: &store_laws::Report) {
    report.assert();
    assert!(report.checked() > 40, "{report}");
    assert!(!report.not_offered().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_on_one_file_keep_every_law() {
    let folder = Folder::new();
    let node = || Arc::new(folder.store()) as Arc<dyn AuthStore>;
    only_events_are_not_offered(&store_laws::check(&[node(), node()]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_exclusive_store_keeps_every_law() {
    let folder = Folder::new();
    let store: Arc<dyn AuthStore> = Arc::new(folder.store().exclusive());
    only_events_are_not_offered(&store_laws::check(&[store.clone(), store]).await);
}
