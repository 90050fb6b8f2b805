//! The start of a login: a redirect to the provider, with the sealed attempt as its `state`.

use secrecy::ExposeSecret as _;
use url::Url;

use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::policy::AuthenticationRequirement;
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::claims_request;
use crate::protocol::pkce;
use crate::provider::DiscoveryError;
use crate::random::RandomUnavailable;
use crate::session::attempt::{Asked, BrowserBinding, LoginAttempt};

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

/// A login that has started: where to send the browser, and what it must keep in the meantime.
pub(crate) struct BegunLogin {
    /// With the attempt in it: not for a log.
    pub(crate) url: Url,
    pub(crate) browser: BrowserBinding,
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

/// Starts a login attempt in a browser that sent these bindings.
pub(crate) async fn begin(
    rp: &RelyingParty,
    parameters: LoginParameters,
    sent: &[BrowserBinding],
) -> Result<BegunLogin, LoginError> {
    let metadata = rp.provider.metadata().await?;
    let (config, requests) = (&rp.config, &rp.config.requests);
    let random = &*config.random;
    let configured = requests.max_age.map(|age| age.as_secs());
    let max_age = match parameters.max_age {
        required if parameters.is_step_up => shorter(required, configured),
        chosen => chosen.or(configured),
    };
    let browser = match sent.first() {
        Some(browser) => *browser,
        None => BrowserBinding::generate(rp.slots.next(), random)?,
    };
    let asked = Asked {
        return_to: parameters.return_to,
        scope: requests.scopes.join(" "),
        max_age,
        acr_values: parameters.acr_values.unwrap_or_else(|| requests.acr_values.clone()),
        amr: parameters.amr,
        is_step_up: parameters.is_step_up,
        login_hint: short(&parameters.login_hint),
        ui_locales: short(&parameters.ui_locales),
        is_leeway_retry: parameters.is_leeway_retry,
        is_code_retry: parameters.is_code_retry,
        is_first_of_browser: sent.is_empty(),
    };
    let begun_at = parameters.begun_at.unwrap_or_else(|| config.clock.now());
    let attempt = LoginAttempt::new(browser, begun_at, asked, random)?;
    let asked = &attempt.asked;
    let as_claims = asked.is_step_up && metadata.claims_parameter_supported;
    let claims = as_claims.then(|| claims_request::essential(&asked.acr_values, &asked.amr));
    let url = AuthorizationRequest {
        endpoint: &metadata.authorization_endpoint,
        client_id: &config.client_id,
        redirect_uri: &config.redirect_uri(),
        scopes: &requests.scopes,
        state: &attempt.seal(&config.keys, &rp.owner, random)?,
        nonce: attempt.nonce().expose_secret(),
        code_challenge: &pkce::challenge(&attempt.pkce_verifier()),
        prompt: parameters.prompt.as_deref().or(requests.prompt.as_deref()),
        max_age: max_age.map(std::time::Duration::from_secs),
        acr_values: if as_claims { &[] } else { &asked.acr_values },
        ui_locales: parameters.ui_locales.as_deref(),
        login_hint: parameters.login_hint.as_deref(),
        claims: claims.flatten().as_deref(),
        audience: requests.audience.as_deref(),
        resource: &requests.resource,
        extra: &requests.extra,
    }
    .to_url();
    Ok(BegunLogin { url, browser })
}

/// Without one, the other.
fn shorter(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

/// What a retry asks for again. A long one is left out: it would double the length of the URL, and the retry finds the user
/// signed in at the provider.
fn short(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| text.len() <= LONGEST_KEPT_HINT)
}

const LONGEST_KEPT_HINT: usize = 256;
