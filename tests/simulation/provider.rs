//! The provider, and the network between it and the nodes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum_oidc_session::dev_provider::{
    DevClient, DevProvider, DevProviderControl, LogoutSubject, OldKey, SessionExpiryMode,
};
use axum_oidc_session::http_client::{HttpClient, HttpError, ResponseFuture};
use http::{Request, Response};
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::chance::Chance;
use crate::executor::{Owner, Sim};
use crate::ports::NodeClock;
use crate::truth::{SendId, Truth, View};
use crate::weather::{Trouble, Weather};

/// The crate's development provider, without a socket.
#[derive(Clone)]
pub(crate) struct Provider {
    router: Router,
    control: DevProviderControl,
    sim: Sim,
    chance: Chance,
}

impl Provider {
    pub(crate) fn new(sim: &Sim, chance: &Chance, clock: NodeClock) -> Self {
        let client = DevClient::new(CLIENT_ID)
            .secret(SECRET)
            .redirect_uri(format!("{APP}/auth/callback"))
            .post_logout_redirect_uri(format!("{APP}/"))
            .backchannel_logout_uri(format!("{APP}/auth/backchannel-logout"));
        let provider = DevProvider::builder()
            .issuer(ISSUER)
            .client(client)
            .clock(Arc::new(clock))
            .random(Arc::new(Chance::new(chance.next())));
        let (router, control) = provider.router().expect("the provider's settings are right");
        Self { router, control, sim: sim.clone(), chance: Chance::new(chance.next()) }
    }

    /// Answers at once.
    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let response = self.router.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = response.unwrap_or_else(|never| match never {}).into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body in memory");
        Response::from_parts(parts, body.to_vec())
    }

    /// The person signs in: where the browser is sent back to.
    pub(crate) async fn authorize(&self, url: &str, sub: &str) -> Option<String> {
        self.sim.sleep(self.chance.millis(5, 2_000)).await;
        self.control.authorize_as(sub);
        let request = Request::get(url).body(Vec::new()).ok()?;
        let response = self.answer(request).await;
        let location = response.headers().get("location")?.to_str().ok()?;
        Some(location.to_owned())
    }

    pub(crate) fn logout_token(&self, subject: &LogoutSubject) -> String {
        self.control.logout_token(CLIENT_ID, subject).expect("a signing key")
    }

    /// What the next ID Tokens say.
    pub(crate) fn change_mind(&self) {
        let chance = &self.chance;
        let ahead = || match chance.below(8) {
            0 => SessionExpiryMode::Absent,
            1 => SessionExpiryMode::AfterIssue(chance.seconds(1, 60)),
            2 | 3 => SessionExpiryMode::AfterIssue(chance.seconds(100, 1_000)),
            _ => SessionExpiryMode::AfterIssue(chance.seconds(1_000, 9_000)),
        };
        self.control.set_session_expiry(ahead());
        let at_refresh = match chance.below(3) {
            0 => None,
            _ => Some(ahead()),
        };
        self.control.set_refresh_session_expiry(at_refresh);
    }

    /// Sessions are long from now on.
    pub(crate) fn be_generous(&self) {
        let ahead = SessionExpiryMode::AfterIssue(Duration::from_secs(7_200));
        self.control.set_session_expiry(ahead.clone());
        self.control.set_refresh_session_expiry(Some(ahead));
    }

    pub(crate) fn rotate_keys(&self) {
        let old = *self.chance.pick(&[OldKey::Kept, OldKey::Dropped]);
        self.control.rotate_keys(old).expect("a new key");
    }

    /// Everything that must not be seen anywhere.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.control.issued_values()
    }
}

/// A node's way to the provider.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) provider: Provider,
    pub(crate) weather: Weather,
    pub(crate) truth: Truth,
    pub(crate) owner: Owner,
    pub(crate) clock: NodeClock,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Network")
    }
}

impl HttpClient for Network {
    fn send(&self, request: Request<Vec<u8>>) -> ResponseFuture<'_> {
        Box::pin(async move {
            let refresh = parameter(&request, "refresh_token");
            let sending = refresh.map(|token| self.truth.sends_refresh_token(self, &token));
            if let Some(code) = parameter(&request, "code") {
                self.truth.sends_code(self, &code);
            }
            let exchange = self.exchange(request, sending);
            let answer = self.provider.sim.within(TIMEOUT, exchange).await;
            let answer = answer.unwrap_or(Err(HttpError::Timeout));
            if let Some(sending) = sending {
                match &answer {
                    Ok(reply) => self.truth.refresh_answered(sending, reply.status().as_u16()),
                    Err(error) => {
                        let processed = error.may_have_been_processed();
                        self.truth.refresh_unanswered(sending, processed);
                    }
                }
            }
            answer
        })
    }
}

impl Network {
    pub(crate) fn view(&self, since: Duration) -> View {
        let Owner::Node(node, _) = self.owner else { unreachable!("it is a node's") };
        View { node, since }
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        sending: Option<SendId>,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        let provider = &self.provider;
        let (sent, received) = (self.delay(), self.delay());
        if self.goes_wrong(Trouble::ProviderRefuses) {
            provider.sim.sleep(sent).await;
            return Err(HttpError::Connect(Arc::new(Broken)));
        }
        let code = parameter(&request, "code");
        let (sender, reply) = oneshot::channel();
        let this = self.clone();
        provider.sim.spawn(Owner::World, async move {
            this.provider.sim.sleep(sent).await;
            if this.goes_wrong(Trouble::ProviderLosesRequest) {
                return;
            }
            if this.goes_wrong(Trouble::ProviderFails) {
                let status = *this.provider.chance.pick(&[500, 502, 503, 429]);
                let failed = Response::builder().status(status).body(Vec::new());
                let _ = sender.send(failed.expect("a response"));
                return;
            }
            let response = this.provider.answer(request).await;
            this.truth.issued(&this, code.as_deref(), sending, &response);
            this.provider.sim.sleep(received).await;
            if !this.goes_wrong(Trouble::ProviderLosesReply) {
                let _ = sender.send(response);
            }
        });
        reply.await.map_err(|_| HttpError::Interrupted(Arc::new(Broken)))
    }

    fn delay(&self) -> Duration {
        let chance = &self.provider.chance;
        if self.goes_wrong(Trouble::ProviderSlow) {
            return chance.millis(1_000, 12_000);
        }
        chance.millis(1, 150)
    }

    fn goes_wrong(&self, trouble: Trouble) -> bool {
        self.provider.chance.permille(self.weather.of(trouble))
    }
}

fn parameter(request: &Request<Vec<u8>>, name: &str) -> Option<String> {
    let mut form = form_urlencoded::parse(request.body());
    form.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the simulated network")
    }
}

impl std::error::Error for Broken {}

pub(crate) const ISSUER: &str = "https://op.example.com";
pub(crate) const APP: &str = "https://app.example.com";
pub(crate) const CLIENT_ID: &str = "simulated";
pub(crate) const SECRET: &str = "s3cret of the client";
/// As of the crate's own client.
const TIMEOUT: Duration = Duration::from_secs(10);
