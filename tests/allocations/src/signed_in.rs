//! A session of the memory store, by a login at the development provider.

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use axum_oidc_session::dev_provider::{DevClient, DevProvider, RunningDevProvider};
use axum_oidc_session::{MemoryStore, OidcAuth, SigningAlgorithm};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

pub(crate) struct SignedIn {
    pub(crate) auth: OidcAuth,
    /// The value of the `Cookie` header.
    pub(crate) cookies: String,
    _provider: RunningDevProvider,
}

const BASE_URL: &str = "http://127.0.0.1:3000";

impl SignedIn {
    pub(crate) async fn new() -> Self {
        let client = DevClient::new("counted")
            .secret("a secret")
            .redirect_uri(format!("{BASE_URL}/auth/callback"));
        let provider = DevProvider::builder().client(client).start().await.unwrap();
        provider.control().authorize_as("ada");
        let auth = OidcAuth::builder(provider.issuer(), "counted")
            .client_secret("a secret")
            .offline_access()
            .base_url(BASE_URL)
            .id_token_signing_alg(SigningAlgorithm::Es256)
            .store(MemoryStore::default())
            .build()
            .unwrap();
        let app: Router = auth.routes();
        let begun = get(&app, "/auth/login", "").await;
        let callback = location_at_provider(begun[LOCATION].to_str().unwrap()).await;
        let path = callback.strip_prefix(BASE_URL).unwrap();
        let completed = get(&app, path, &cookies(&begun)).await;
        let cookies = cookies(&completed);
        Self { auth, cookies, _provider: provider }
    }
}

/// The headers of the answer.
async fn get(app: &Router, path: &str, cookies: &str) -> HeaderMap {
    let request = Request::get(path)
        .header("host", "127.0.0.1:3000")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document")
        .header(COOKIE, cookies)
        .body(Body::empty());
    let response = app.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 303);
    response.headers().clone()
}

/// Cookies that are set and not removed. The count of logins is not among them: the first request that is admitted has it removed.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let pairs = set
        .filter_map(|cookie| cookie.split(';').next())
        .filter(|pair| !pair.ends_with('=') && !pair.contains("_r="));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Where the provider sends the browser.
async fn location_at_provider(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.0\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap_or_else(|| panic!("{answer}")).to_owned()
}
