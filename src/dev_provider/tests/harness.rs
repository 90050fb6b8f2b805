//! A provider, and a client that speaks to it by hand.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::clock::ManualClock;
use crate::dev_provider::plain_http::{self, PlainReply};
use crate::dev_provider::{
    DevClient, DevProvider, DevProviderBuilder, DevProviderControl, Fault, RunningDevProvider,
};

pub(super) const NOW: i64 = 1_893_456_000;
pub(super) const REDIRECT_URI: &str = "http://127.0.0.1:3000/auth/callback";
pub(super) const HOME: &str = "http://127.0.0.1:3000/";
pub(super) const VERIFIER: &str = "a verifier that is long enough to be one, 43 characters";

/// A running provider whose clock stands at [`NOW`], with the client `demo`.
pub(super) struct Harness {
    pub(super) running: RunningDevProvider,
    pub(super) control: DevProviderControl,
    pub(super) clock: ManualClock,
}

pub(super) fn builder(clock: &ManualClock) -> DevProviderBuilder {
    let demo = DevClient::new("demo").secret("s3cret &").redirect_uri(REDIRECT_URI);
    DevProvider::builder()
        .client(demo.post_logout_redirect_uri(HOME))
        .client(DevClient::new("public").redirect_uri(REDIRECT_URI))
        .clock(Arc::new(clock.clone()))
}

impl Harness {
    /// Signs in Ada without a page.
    pub(super) async fn start() -> Self {
        let clock = ManualClock::at(NOW);
        let running = builder(&clock).start().await.unwrap();
        let control = running.control();
        control.authorize_as("ada");
        Self { running, control, clock }
    }

    pub(super) async fn with_fault(fault: Fault) -> Self {
        let harness = Self::start().await;
        harness.control.set_fault(Some(fault));
        harness
    }

    pub(super) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Sends a request as HTTP/1.0; `headers` are whole lines.
    pub(super) async fn try_send(
        &self,
        method: &str,
        target: &str,
        headers: &[String],
        body: &str,
    ) -> std::io::Result<Reply> {
        let address = self.running.local_addr();
        let mut request = format!("{method} {target} HTTP/1.0\r\nhost: {address}\r\n");
        headers.iter().for_each(|line| request += &format!("{line}\r\n"));
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        let url = Url::parse(&format!("http://{address}/")).unwrap();
        plain_http::exchange(&url, request).await.map(Reply)
    }

    pub(super) async fn get(&self, target: &str) -> Reply {
        self.try_send("GET", target, &[], "").await.unwrap()
    }

    pub(super) async fn get_with(&self, target: &str, header: &str) -> Reply {
        self.try_send("GET", target, &[header.to_owned()], "").await.unwrap()
    }

    pub(super) async fn post(
        &self,
        target: &str,
        headers: &[String],
        form: &[(&str, &str)],
    ) -> Reply {
        let mut all = vec!["content-type: application/x-www-form-urlencoded".to_owned()];
        all.extend_from_slice(headers);
        self.try_send("POST", target, &all, &encoded(form)).await.unwrap()
    }

    /// A code for the client `demo`, with every scope.
    pub(super) async fn code(&self) -> String {
        self.get(&authorize(&[])).await.location_parameter("code").unwrap()
    }

    pub(super) async fn exchange(&self, code: &str) -> Reply {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// The token response to a new sign-in.
    pub(super) async fn sign_in(&self) -> Value {
        self.exchange(&self.code().await).await.json()
    }

    pub(super) async fn refresh(&self, refresh_token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// The token endpoint, as the client `demo` with `client_secret_basic`.
    pub(super) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        self.post("/token", &[basic("demo", "s3cret &")], form).await
    }
}

/// RFC 6749 section 2.3.1.
pub(super) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(id), encode(secret));
    format!("authorization: Basic {}", STANDARD.encode(credentials))
}

/// The authorization endpoint with a good request; `changes` replace parameters, an empty value removes one.
pub(super) fn authorize(changes: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    let mut parameters = vec![
        ("client_id", "demo"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid profile email offline_access"),
        ("state", "a state"),
        ("nonce", "a nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        parameters.push((name, value));
    }
    parameters.retain(|(_, value)| !value.is_empty());
    format!("/authorize?{}", encoded(&parameters))
}

pub(super) fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// One part (0: header, 1: claims) of a compact token.
pub(super) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The claims of a token response's ID Token.
pub(super) fn id_claims(response: &Value) -> Value {
    part(response["id_token"].as_str().unwrap(), 1)
}

/// The claims as they stand there, duplicates and all.
pub(super) fn id_claims_text(response: &Value) -> String {
    let part = response["id_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A reply, taken apart.
#[derive(Debug)]
pub(super) struct Reply(pub(super) PlainReply);

impl Reply {
    pub(super) fn status(&self) -> u16 {
        self.0.status
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The `Cookie` header that sends the set cookie back.
    pub(super) fn cookie(&self) -> String {
        let set = self.header("set-cookie").unwrap();
        format!("cookie: {}", set.split(';').next().unwrap())
    }

    pub(super) fn location_parameters(&self, name: &str) -> Vec<String> {
        let url = Url::parse(self.header("location").unwrap()).unwrap();
        let named = url.query_pairs().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.into_owned()).collect()
    }

    pub(super) fn location_parameter(&self, name: &str) -> Option<String> {
        self.location_parameters(name).pop()
    }
}
