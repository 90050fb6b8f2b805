//! A Relying Party beside a development provider, and logins there.

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use axum_oidc_session::dev_provider::{DevClient, DevProvider, RunningDevProvider};
use axum_oidc_session::{MemoryStore, OidcAuth, SigningAlgorithm};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

pub struct Provider {
    pub auth: OidcAuth,
    pub app: Router,
    provider: RunningDevProvider,
}

const BASE_URL: &str = "http://127.0.0.1:3000";

impl Provider {
    /// With sessions in memory.
    pub async fn start() -> Self {
        let client = DevClient::new("measured")
            .secret("a secret")
            .redirect_uri(format!("{BASE_URL}/auth/callback"));
        let provider = DevProvider::builder().client(client).start().await.unwrap();
        provider.control().authorize_as("ada");
        let auth = OidcAuth::builder(provider.issuer(), "measured")
            .client_secret("a secret")
            .offline_access()
            .base_url(BASE_URL)
            .id_token_signing_alg(SigningAlgorithm::Es256)
            .store(MemoryStore::default())
            .build()
            .unwrap();
        let app = auth.routes();
        Self { auth, app, provider }
    }

    /// The value of the `Cookie` header after a login.
    pub async fn login(&self) -> String {
        let begun = self.begin().await;
        self.complete(&begun).await
    }

    /// A login up to the moment at which the provider sends the browser back.
    pub async fn begin(&self) -> Begun {
        let begun = get(&self.app, "/auth/login", "").await;
        let callback = location_at_provider(begun[LOCATION].to_str().unwrap()).await;
        let path = callback.strip_prefix(BASE_URL).unwrap().to_owned();
        Begun { path, cookies: cookies(&begun) }
    }

    /// The callback: the code is exchanged, the ID Token verified, the session made.
    pub async fn complete(&self, begun: &Begun) -> String {
        cookies(&get(&self.app, &begun.path, &begun.cookies).await)
    }

    pub async fn stop(self) {
        self.provider.stop().await;
    }
}

/// What the browser holds when it comes back from the provider.
pub struct Begun {
    path: String,
    cookies: String,
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
    let pairs = set.filter_map(|cookie| cookie.split(';').next());
    let kept = pairs.filter(|pair| !pair.ends_with('=') && !pair.contains("_r="));
    kept.collect::<Vec<_>>().join("; ")
}

/// Where the provider sends the browser.
pub async fn location_at_provider(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.0\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap_or_else(|| panic!("{answer}")).to_owned()
}
