//! The begin of a login: an attempt in a sealed cookie, and a redirect to the provider.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::policy::AuthenticationRequirement;
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::claims_request;
use crate::protocol::pkce;
use crate::provider::DiscoveryError;
use crate::random::{self, RandomUnavailable};
use crate::session::attempt::LoginAttempt;

/// What one login asks for, beyond the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoginParameters {
    /// A checked local path.
    pub(crate) return_to: String,
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Option<String>,
    /// Seconds.
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Option<Vec<String>>,
    /// Methods that `amr` must have.
    pub(crate) amr: Vec<String>,
    pub(crate) ui_locales: Option<String>,
    /// What is asked for is needed by the page to return to: it is asked for as essential.
    pub(crate) is_step_up: bool,
    /// Of a login that goes on with another code; any other begins now.
    pub(crate) begun_at: Option<UnixTime>,
    pub(crate) is_leeway_retry: bool,
    pub(crate) is_code_retry: bool,
}

impl LoginParameters {
    /// These, asking for what is required. Their own `max_age`, or the configuration's, holds if it is shorter. A sign-in that the
    /// provider's session would spare the user has the methods it had: where methods are required, the user is asked.
    pub(crate) fn requiring(self, required: &AuthenticationRequirement) -> Self {
        Self {
            prompt: if required.amr.is_empty() { self.prompt } else { Some("login".to_owned()) },
            max_age: shorter(required.max_age, self.max_age),
            acr_values: (!required.acr.is_empty())
                .then(|| required.acr.clone())
                .or(self.acr_values),
            amr: required.amr.clone(),
            is_step_up: true,
            ..self
        }
    }
}

/// A login that has begun: where to send the browser, and the cookie it must keep meanwhile.
#[derive(Debug)]
pub(crate) struct BegunLogin {
    pub(crate) url: Url,
    pub(crate) attempt: AttemptCookie,
}

/// The cookie of a login attempt: the end of its name, and its sealed value.
#[derive(Debug)]
pub(crate) struct AttemptCookie {
    pub(crate) suffix: String,
    pub(crate) value: String,
}

/// Why no login can begin. Found, as an `Arc`, in the extensions of the response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The provider's metadata can't be had.
    #[error("the provider's metadata cannot be had")]
    Discovery(#[from] DiscoveryError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
}

impl LoginError {
    /// A stable code, for logs, pages and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Random(_) => "random_unavailable",
        }
    }
}

/// Begins a login attempt.
pub(crate) async fn begin(
    rp: &RelyingParty,
    parameters: LoginParameters,
) -> Result<BegunLogin, LoginError> {
    let metadata = rp.provider.metadata().await?;
    let (config, requests) = (&rp.config, &rp.config.requests);
    let random = &*config.random;
    let verifier = pkce::verifier(&random::bytes(random)?);
    let challenge = pkce::challenge(&verifier);
    let configured = requests.max_age.map(|age| age.as_secs());
    let max_age = match parameters.max_age {
        required if parameters.is_step_up => shorter(required, configured),
        chosen => chosen.or(configured),
    };
    let attempt = LoginAttempt {
        state: SecretString::from(random::base64url::<32>(random)?),
        nonce: SecretString::from(random::base64url::<32>(random)?),
        pkce_verifier: verifier,
        return_to: parameters.return_to,
        scope: requests.scopes.join(" "),
        begun_at: parameters.begun_at.unwrap_or_else(|| config.clock.now()),
        max_age,
        acr_values: parameters.acr_values.unwrap_or_else(|| requests.acr_values.clone()),
        amr: parameters.amr,
        is_step_up: parameters.is_step_up,
        login_hint: parameters.login_hint,
        ui_locales: parameters.ui_locales,
        is_leeway_retry: parameters.is_leeway_retry,
        is_code_retry: parameters.is_code_retry,
    };
    let as_claims = attempt.is_step_up && metadata.claims_parameter_supported;
    let claims = as_claims.then(|| claims_request::essential(&attempt.acr_values, &attempt.amr));
    let url = AuthorizationRequest {
        endpoint: &metadata.authorization_endpoint,
        client_id: &config.client_id,
        redirect_uri: &config.redirect_uri(),
        scopes: &requests.scopes,
        state: attempt.state.expose_secret(),
        nonce: attempt.nonce.expose_secret(),
        code_challenge: &challenge,
        prompt: parameters.prompt.as_deref().or(requests.prompt.as_deref()),
        max_age: max_age.map(std::time::Duration::from_secs),
        acr_values: if as_claims { &[] } else { &attempt.acr_values },
        ui_locales: attempt.ui_locales.as_deref(),
        login_hint: attempt.login_hint.as_deref(),
        claims: claims.flatten().as_deref(),
        audience: requests.audience.as_deref(),
        resource: &requests.resource,
        extra: &requests.extra,
    }
    .to_url();
    let value = attempt.seal(&config.keys, &rp.owner, random)?;
    let suffix = cookie_suffix(attempt.state.expose_secret()).to_owned();
    Ok(BegunLogin { url, attempt: AttemptCookie { suffix, value } })
}

/// Without one, the other.
fn shorter(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

/// The part of `state` that the name of the attempt's cookie shows: 96 bits find the cookie, 160 stay secret.
pub(crate) fn cookie_suffix(state: &str) -> &str {
    state.get(..16).unwrap_or_default()
}
