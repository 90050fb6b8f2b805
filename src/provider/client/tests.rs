//! The whole provider module against a loopback server that misbehaves.

mod discovery;
mod keys;
mod logout_token;
mod token_endpoint;
mod userinfo;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;
use crate::provider::http_client_settings::HttpClientSettings;
use crate::provider::test_server::{Recorded, Reply, TestServer};
use crate::spawn::TokioSpawner;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const LIMIT: usize = 64 * 1024;

/// A provider, and the server it talks to: each path has a reply, 404 by default.
struct World {
    server: TestServer,
    routes: Arc<Mutex<BTreeMap<&'static str, Reply>>>,
    clock: ManualClock,
    provider: Provider,
}

impl World {
    /// With sound metadata and an empty key set.
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with other settings.
    fn with(change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let routes: Arc<Mutex<BTreeMap<&'static str, Reply>>> = Arc::default();
        let answers = Arc::clone(&routes);
        let server = TestServer::start(move |request| {
            let path = request.line.split(' ').nth(1).unwrap();
            let reply = answers.lock().unwrap().get(path).cloned();
            reply.unwrap_or_else(|| Reply::response(404, "", ""))
        });
        let mut settings = ProviderSettings {
            issuer: server.origin.clone(),
            client_id: "client".to_owned(),
            client_secret: Some(SecretString::from("secret")),
            client_authentication: None,
            algorithm: SigningAlgorithm::Es256,
            resource: Vec::new(),
            audience: None,
        };
        change(&mut settings);
        let limits = HttpClientSettings::default().timeout(Duration::from_millis(300));
        let http = limits.max_response_size(LIMIT).build().unwrap();
        let clock = ManualClock::at(1_893_456_000);
        let provider = Provider::new(
            settings,
            http,
            Arc::new(clock.clone()),
            Arc::new(TokioSpawner),
            Events::default(),
        );
        let world = Self { server, routes, clock, provider };
        world.set_metadata(&json!({}));
        world.set("/jwks", Reply::json(r#"{"keys":[]}"#));
        world
    }

    fn set(&self, path: &'static str, reply: Reply) {
        self.routes.lock().unwrap().insert(path, reply);
    }

    /// Publishes sound metadata with these members set; `null` removes one.
    fn set_metadata(&self, members: &Value) {
        self.set(WELL_KNOWN, Reply::json(self.metadata(members).to_string()));
    }

    fn metadata(&self, members: &Value) -> Value {
        let at = |path: &str| format!("{}{path}", self.server.origin);
        let mut metadata = json!({
            "issuer": self.server.origin,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"),
            "userinfo_endpoint": at("/userinfo"),
            "revocation_endpoint": at("/revoke"),
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        metadata
    }

    /// The last request for `path`.
    fn last(&self, path: &str) -> Recorded {
        self.server.requests().into_iter().rfind(|request| request.line.ends_with(path)).unwrap()
    }

    fn count(&self, path: &str) -> usize {
        self.server.count(path)
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn oversized() -> Reply {
    Reply::json(format!("{{\"a\":\"{}\"}}", "a".repeat(LIMIT)))
}

fn html(status: u16) -> Reply {
    Reply::response(status, "content-type: text/html\r\n", "<html>secret-in-body</html>")
}

/// The whole chain of an error, as a log may show it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let source = error.source().map(chain).unwrap_or_default();
    format!("{error} / {error:?} / {source}")
}
