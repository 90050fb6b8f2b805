//! A browser as far as a server can tell: cookies, and the headers that say what a request is for.

use std::sync::{Arc, Mutex};

use url::Url;

use super::cookies::{Jar, is_binding};
use super::{Reply, wire};

/// Clones share the cookie jar, as tabs do.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    origin: Url,
    jar: Arc<Mutex<Jar>>,
}

impl Browser {
    pub(crate) fn new(origin: &str, jar: Jar) -> Self {
        Self { origin: Url::parse(origin).unwrap(), jar: Arc::new(Mutex::new(jar)) }
    }

    /// Sends a request with the cookies and keeps those of the reply. `target`: a path of the application, or a URL.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let url = self.origin.join(target).unwrap();
        let mut all: Vec<(String, String)> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        if let Some(cookies) = self.jar.lock().unwrap().header(&url) {
            all.push(("cookie".to_owned(), cookies));
        }
        let reply = wire::exchange(method, &url, &all, body).await;
        let reply = reply.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
        self.jar.lock().unwrap().keep(&url, &reply);
        reply
    }

    /// GET as a program does, without any hint of what it is for.
    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[("accept", "*/*")], "").await
    }

    /// GET for the top of a tab.
    pub(crate) async fn navigate(&self, target: &str) -> Reply {
        self.send("GET", target, &NAVIGATION, "").await
    }

    /// GET by a script of the same origin.
    pub(crate) async fn fetch(&self, target: &str) -> Reply {
        self.send("GET", target, &FETCH, "").await
    }

    /// POST by a script of the same origin.
    pub(crate) async fn post(&self, target: &str) -> Reply {
        self.send("POST", target, &FETCH, "").await
    }

    /// POST of an empty form of the same origin.
    pub(crate) async fn submit(&self, target: &str) -> Reply {
        self.send("POST", target, &NAVIGATION, "").await
    }

    /// A whole login as the person that the provider was told ([`authorize_as`]); the reply of the callback.
    ///
    /// [`authorize_as`]: axum_oidc_session::dev_provider::DevProviderControl::authorize_as
    pub(crate) async fn sign_in(&self) -> Reply {
        self.sign_in_from("/auth/login").await
    }

    /// As [`sign_in`](Self::sign_in), from another login link.
    pub(crate) async fn sign_in_from(&self, login: &str) -> Reply {
        let callback = self.until_callback(login).await;
        self.navigate(&callback).await
    }

    /// Begins a login and lets the provider answer: the callback's URL, not yet visited.
    pub(crate) async fn until_callback(&self, login: &str) -> String {
        let begun = self.navigate(login).await;
        self.authorize(&begun).await
    }

    /// Follows the redirect to the provider: where that redirects to.
    pub(crate) async fn authorize(&self, begun: &Reply) -> String {
        assert_eq!(begun.status, 303, "no login began: {}", begun.text());
        self.navigate(begun.location()).await.location().to_owned()
    }

    /// The `Cookie` header for a request to `target`; empty without cookies.
    pub(crate) fn cookie_header(&self, target: &str) -> String {
        let url = self.origin.join(target).unwrap();
        self.jar.lock().unwrap().header(&url).unwrap_or_default()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().value(name)
    }

    pub(crate) fn cookie_names(&self) -> Vec<String> {
        self.jar.lock().unwrap().names()
    }

    /// The names of the cookies that tie login attempts to the browser, oldest first.
    pub(crate) fn bindings(&self) -> Vec<String> {
        self.cookie_names().into_iter().filter(|name| is_binding(name)).collect()
    }

    /// Keeps the cookies of a reply that it has got in some other way.
    pub(crate) fn keep(&self, reply: &Reply) {
        self.jar.lock().unwrap().keep(&self.origin, reply);
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let host = self.origin.host_str().unwrap();
        self.jar.lock().unwrap().set(host, name, value);
    }

    pub(crate) fn remove_cookie(&self, name: &str) {
        self.jar.lock().unwrap().remove(name);
    }

    /// The same browser, at another port of the host.
    pub(crate) fn at(&self, origin: &str) -> Self {
        Self { origin: Url::parse(origin).unwrap(), jar: Arc::clone(&self.jar) }
    }

    /// A browser with the same cookies in a jar of its own, as of now.
    pub(crate) fn copy(&self) -> Self {
        let jar = self.jar.lock().unwrap().clone();
        Self { origin: self.origin.clone(), jar: Arc::new(Mutex::new(jar)) }
    }
}

const NAVIGATION: [(&str, &str); 4] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-site", "same-origin"),
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
];
const FETCH: [(&str, &str); 4] = [
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-site", "same-origin"),
    ("accept", "application/json"),
];
