//! axum-login: a user whom the application's backend looks up, over tower-sessions with its store in memory.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::SET_COOKIE;
use axum::routing::get;
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId};
use tower::ServiceExt as _;
use tower_sessions_0_14::{MemoryStore, Session, SessionManagerLayer};

use crate::state::{KEY, State};

/// The session holds the user's number only, or the state too; the handler looks at neither, but at the user.
pub(crate) async fn app(with_state: bool) -> (Router, String) {
    let begin = get(async move |mut auth: AuthSession<Users>, session: Session| {
        auth.login(&auth.backend.0[&1].clone()).await.unwrap();
        if with_state {
            session.insert(KEY, State::new()).await.unwrap();
        }
    });
    let handler = get(async |auth: AuthSession<Users>| {
        assert!(!auth.user.unwrap().name.is_empty());
        "hello"
    });
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let layer = AuthManagerLayerBuilder::new(Users::new(), sessions).build();
    let app = Router::new().route("/", handler).route("/begin", begin).layer(layer);
    let request = Request::get("/begin").body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    (app, cookie)
}

#[derive(Clone, Debug)]
struct User {
    number: i64,
    name: String,
    password_hash: Vec<u8>,
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.number
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.password_hash
    }
}

/// In memory, and cheap to clone: it is cloned for each request.
#[derive(Clone)]
struct Users(Arc<HashMap<i64, User>>);

impl Users {
    fn new() -> Self {
        let ada = User { number: 1, name: "Ada".to_owned(), password_hash: vec![7; 32] };
        Self(Arc::new(HashMap::from([(1, ada)])))
    }
}

impl AuthnBackend for Users {
    type User = User;
    type Credentials = ();
    type Error = Infallible;

    async fn authenticate(&self, (): ()) -> Result<Option<User>, Infallible> {
        Ok(None)
    }

    async fn get_user(&self, number: &UserId<Self>) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(number).cloned())
    }
}
