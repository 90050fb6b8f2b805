//! A `SessionManagerLayer` of the application's own: beside ours it works, around one handler with ours it is named.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use axum_oidc_session::tower_sessions::session::{Id, Record};
use axum_oidc_session::tower_sessions::{
    Session, SessionManagerLayer, SessionStore, session_store,
};
use axum_oidc_session::{AuthSession, OidcAuth};

use crate::support::{App, Browser};

/// The application's own store, of plain records.
#[derive(Clone, Debug, Default)]
struct Records(Arc<Mutex<HashMap<Id, Record>>>);

#[async_trait]
impl SessionStore for Records {
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.lock().unwrap().insert(record.id, record.clone());
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.0.lock().unwrap().get(id).cloned())
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.lock().unwrap().remove(id);
        Ok(())
    }
}

fn manager() -> SessionManagerLayer<Records> {
    SessionManagerLayer::new(Records::default()).with_name("anonymous").with_secure(false)
}

async fn both(_: AuthSession, session: Session) -> String {
    session.insert("n", 1).await.unwrap();
    "both".to_owned()
}

async fn start(assemble: fn(&OidcAuth, Router) -> Router) -> (App, Browser) {
    let app = App::builder().configure(|auth| auth.application_data(true)).assemble(assemble);
    let app = app.start().await;
    let browser = app.browser();
    browser.sign_in().await;
    (app, browser)
}

#[tokio::test]
async fn inside_or_outside_of_ours_it_is_named() {
    let inside: fn(&OidcAuth, Router) -> Router = |auth, router| {
        let inner = Router::new().route("/both", get(both)).layer(manager());
        router.merge(inner).layer(auth.layer()).merge(auth.routes())
    };
    let outside: fn(&OidcAuth, Router) -> Router = |auth, router| {
        let inner = Router::new().route("/both", get(both)).layer(auth.layer()).layer(manager());
        router.layer(auth.layer()).merge(inner).merge(auth.routes())
    };
    for assemble in [inside, outside] {
        let (_app, browser) = start(assemble).await;
        let reply = browser.get("/both").await;
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains("Two layers provide tower_sessions::Session"));
        assert!(reply.text().contains("SessionManagerLayer"));
        assert_eq!(browser.get("/profile").await.text(), "ada", "the other routes work");
    }
}

#[tokio::test]
async fn beside_ours_it_serves_anonymous_sessions() {
    let (_app, browser) = start(|auth, router| {
        let visits = async |session: Session| {
            let visits = session.get::<u32>("visits").await.unwrap().unwrap_or_default() + 1;
            session.insert("visits", visits).await.unwrap();
            visits.to_string()
        };
        let anonymous = Router::new().route("/visits", get(visits)).layer(manager());
        router.layer(auth.layer()).merge(anonymous).merge(auth.routes())
    })
    .await;
    assert_eq!(browser.get("/visits").await.text(), "1");
    assert_eq!(browser.get("/visits").await.text(), "2");
    assert_eq!(browser.get("/profile").await.text(), "ada");
}

#[tokio::test]
async fn without_application_data_both_work_under_one_handler() {
    let app = App::builder()
        .assemble(|auth, router| {
            let inner = Router::new().route("/both", get(both)).layer(manager());
            router.merge(inner).layer(auth.layer()).merge(auth.routes())
        })
        .start()
        .await;
    assert_eq!(app.signed_in().await.get("/both").await.text(), "both");
}
