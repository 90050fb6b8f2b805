//! A server without room.

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, Inserted};

use super::{NOW, change, database, session, store};
use crate::support::postgres_server::PostgresServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_no_new_session_and_gives_up_no_old_one() {
    let (store, url) = store().await;
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$; \
                CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON oidc_session_data \
                FOR EACH ROW EXECUTE FUNCTION full_disk()";
    PostgresServer::shared().execute(database(&url), full).await;
    assert_eq!(store.insert(&session(2), NOW).await.unwrap(), Inserted::Full);
    assert!(store.save_if(&Id(1), change(1, b"new"), NOW).await.is_err());
    assert_eq!(store.fetch(&Id(1), NOW).await.unwrap(), Some(session(1)));
    store.delete(&Id(1)).await.unwrap();
    assert_eq!(store.fetch(&Id(1), NOW).await.unwrap(), None);
}
