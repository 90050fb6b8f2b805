//! What is shown of a store and its failures.

use std::error::Error as _;

use axum_oidc_session::error::PostgresStoreError;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, PostgresStore, StoreError};

use super::{NOW, database, session, store};
use crate::support::postgres_server::{PASSWORD, PostgresServer};

#[tokio::test(flavor = "multi_thread")]
async fn no_password_is_shown() {
    let (_, url) = store().await;
    let server = PostgresServer::shared();
    let role = format!("CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'");
    server.execute(database(&url), &role).await;
    let with = |password: &str| server.url(&format!("guarded:{password}"), database(&url));

    let right = PostgresStore::new(&with(PASSWORD)).unwrap();
    let not_allowed = right.fetch(&Id(1), NOW).await.unwrap_err();
    let wrong = PostgresStore::new(&with("wrong-horse-battery")).unwrap();
    let refused = wrong.fetch(&Id(1), NOW).await.unwrap_err();
    assert!(texts(&refused).contains("password authentication failed"), "{}", texts(&refused));
    let deleted = wrong.delete(&Id(1)).await.unwrap_err();
    let unread =
        PostgresStore::new(&with("wrong-horse-battery").replace("127", "1 27")).unwrap_err();
    let shown = [
        format!("{right:?} {wrong:?} {deleted} {deleted:?} {unread} {unread:?}"),
        texts(&not_allowed),
        texts(&refused),
    ];
    for shown in shown {
        assert!(!shown.contains("horse"), "{shown}");
        assert!(!shown.contains("postgres://"), "{shown}");
    }
}

/// The server quotes the row in the details of such an error.
#[tokio::test(flavor = "multi_thread")]
async fn no_row_is_shown() {
    let (store, url) = store().await;
    store.migrate().await.unwrap();
    let check = "ALTER TABLE oidc_session_data ADD CONSTRAINT impossible CHECK (auth_version < 0)";
    PostgresServer::shared().execute(database(&url), check).await;
    let error = store.insert(&session(0x1234_5678), NOW).await.unwrap_err();
    assert!(texts(&error).contains("impossible"), "{}", texts(&error));
    assert!(!texts(&error).contains("12345678"), "{}", texts(&error));
    assert!(PostgresServer::shared().log().contains("12345678"), "the server does quote it");
}

fn texts(error: &StoreError) -> String {
    let source = error.source().unwrap().downcast_ref::<PostgresStoreError>().unwrap();
    format!("{error} {error:?} {source} {source:?}")
}
