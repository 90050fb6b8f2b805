//! A store that one `OidcAuth` has for itself.

use axum_oidc_session::{ConfigErrors, KeyRing, OidcAuth, SqliteStore, Store, TowerSessionsStore};

use crate::store_laws::plain_store::PlainStore;
use crate::support::KEY;

fn build(store: Store) -> Result<OidcAuth, ConfigErrors> {
    OidcAuth::builder("https://op.example.com", "client")
        .client_secret("secret")
        .base_url("https://app.example.com")
        .cookie_keys(KeyRing::from_base64(KEY).unwrap())
        .store(store)
        .build()
}

#[tokio::test]
async fn it_serves_another_once_the_first_and_its_clones_are_gone() {
    let sqlite = SqliteStore::new("sessions-of-nobody.db").unwrap().exclusive();
    let adapted = TowerSessionsStore::new(PlainStore::default()).exclusive();
    let stores: [Box<dyn Fn() -> Store>; 2] =
        [Box::new(move || sqlite.clone().into()), Box::new(move || adapted.clone().into())];
    for store in stores {
        let first = build(store()).unwrap();
        let clone = first.clone();
        drop(first);
        let refused = build(store()).unwrap_err();
        let refused: Vec<_> = refused.iter().map(|error| error.setting).collect();
        assert_eq!(refused, ["store"]);
        drop(clone);
        assert!(build(store()).is_ok());
    }
}
