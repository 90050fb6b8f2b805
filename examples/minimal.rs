//! The smallest application with a sign-in: one public page, one for those who are signed in.
//!
//! ```sh
//! OIDC_ISSUER=https://op.example.com OIDC_CLIENT_ID=… OIDC_CLIENT_SECRET=… cargo run --example minimal
//! ```
//!
//! Register `http://127.0.0.1:3000/auth/callback` as the redirect URI and `http://127.0.0.1:3000/` as the post-logout
//! redirect URI.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use axum_oidc_session::{AuthSession, MemoryStore, OidcAuth};

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = run().await {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let auth = OidcAuth::builder(variable("OIDC_ISSUER")?, variable("OIDC_CLIENT_ID")?)
        .client_secret(variable("OIDC_CLIENT_SECRET")?)
        .base_url("http://127.0.0.1:3000")
        .store(MemoryStore::default())
        .build()?;
    let app = Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .layer(auth.layer())
        .merge(auth.routes());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Public: `None` is who has not signed in.
async fn home(session: Option<AuthSession>) -> Html<&'static str> {
    Html(match session {
        Some(_) => r#"<a href="/profile">Profile</a> <a href="/auth/logout">Sign out</a>"#,
        None => r#"<a href="/auth/login?return_to=/profile">Sign in</a>"#,
    })
}

/// Never runs without a live session: the visitor is sent to sign in and comes back.
async fn profile(session: AuthSession) -> String {
    let (sub, end) = (session.claims().sub(), session.expires_at().seconds());
    format!("Hello {sub}. Your session ends {end} seconds after 1970 began.")
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("set {name} to what your OpenID Provider issued"))
}
