//! A browser for tests: it visits the provider without a network.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use tower_service::Service as _;

use super::provider::Provider;
use super::{DevProviderControl, router};

/// Follows an application's redirects into the provider and keeps the provider's cookie, so that a second sign-in is
/// silent, as in a real browser. Requests are counted, delayed and broken like those over a socket.
///
/// ```
/// use axum_oidc_session::dev_provider::{DevClient, DevProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = DevClient::new("demo").redirect_uri("http://127.0.0.1:3000/auth/callback");
/// let provider = DevProvider::builder().client(client).start().await?;
/// provider.control().authorize_as("ada");
///
/// let mut browser = provider.control().browser();
/// // The `Location` of your application's answer to /auth/login.
/// # let login = format!(
/// #     "{}/authorize?client_id=demo&response_type=code&scope=openid&state=s&code_challenge_method=S256\
/// #      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
/// #      &redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fauth%2Fcallback",
/// #     provider.issuer()
/// # );
/// let callback = browser.redirect(&login).await.ok_or("no redirect")?;
/// assert!(callback.starts_with("http://127.0.0.1:3000/auth/callback?code="));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DevBrowser {
    provider: Arc<Provider>,
    cookie: Option<HeaderValue>,
}

impl DevProviderControl {
    /// A browser in which nobody is signed in at the provider yet.
    pub fn browser(&self) -> DevBrowser {
        DevBrowser { provider: Arc::clone(&self.provider), cookie: None }
    }
}

impl DevBrowser {
    /// Where the provider redirects to from `url`, one of its own; `None` if it answers with a page, or `url` is not a
    /// URL.
    pub async fn redirect(&mut self, url: &str) -> Option<String> {
        let response = self.visit(url).await?;
        response.headers().get(LOCATION)?.to_str().ok().map(str::to_owned)
    }

    /// The provider's response to a GET of `url`; `None` if that is not a URL.
    pub async fn visit(&mut self, url: &str) -> Option<Response> {
        let mut request = Request::get(url).body(Body::empty()).ok()?;
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(COOKIE, cookie.clone());
        }
        let visited: Result<Response, Infallible> =
            router::routes(Arc::clone(&self.provider)).call(request).await;
        let response = visited.unwrap_or_else(|never| match never {});
        if let Some(set) = response.headers().get(SET_COOKIE) {
            let pair = set.to_str().ok().and_then(|set| set.split(';').next());
            self.cookie = pair.and_then(|pair| HeaderValue::from_str(pair).ok());
        }
        Some(response)
    }
}
