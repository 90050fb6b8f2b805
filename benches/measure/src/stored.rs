//! Sessions that are stored without a login, and the routers that use them.

use axum::Router;
use axum::routing::get;
use axum_oidc_session::{
    AuthSession, KeyRing, MemoryStore, OidcAuth, OidcAuthBuilder, TestSession,
};

/// A Relying Party whose provider is never asked.
pub fn relying_party() -> OidcAuthBuilder {
    OidcAuth::builder("https://op.test", "measured").base_url("http://127.0.0.1:3000")
}

/// With sessions in memory, `sessions` of them at most.
pub fn in_memory(sessions: usize) -> OidcAuth {
    relying_party().store(MemoryStore::with_capacity(sessions)).build().unwrap()
}

/// Keys for stores outside of the process.
pub fn keys() -> KeyRing {
    KeyRing::from_base64(KEY).unwrap()
}

/// A session whose claims have about `bytes` bytes, beside `sub` and `iss`.
pub fn session(number: usize, bytes: usize) -> TestSession {
    let session = TestSession::new(format!("user-{number}")).claim("email", "ada@example.com");
    // Names of groups, as enterprises have them.
    let groups: Vec<String> =
        (0..bytes / 32).map(|group| format!("department-{group:04}-members-{number:06}")).collect();
    session.claim("groups", groups)
}

/// `/` does not look at the session, `/extracted` needs one, `/optional` takes it if there is one.
pub fn app(auth: &OidcAuth) -> Router {
    routes().layer(auth.layer())
}

fn routes() -> Router {
    let extracted = get(async |session: AuthSession| {
        assert!(!session.claims().sub().is_empty());
        "hello"
    });
    let optional = get(
        async |session: Option<AuthSession>| {
            if session.is_some() { "hello" } else { "nobody" }
        },
    );
    let token = get(async |session: AuthSession| {
        drop(session.access_token().await.unwrap());
        "hello"
    });
    hello().route("/extracted", extracted).route("/optional", optional).route("/token", token)
}

/// The bare route.
pub fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// 64 random bytes. It guards nothing.
const KEY: &str =
    "nOfwx2DWKc79gmWDMw7h/MZMuA2KzXnC4z1i2DyR4/QzIZ144B0bPn5TZHwhlYm+w2FcHuNTtkg/gI0TFAi9mQ==";
