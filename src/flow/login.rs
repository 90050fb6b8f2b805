//! The start of a login: a redirect to the provider, with the sealed attempt as its `state`.

use secrecy::ExposeSecret as _;
use url::Url;

use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::config::settings::AuthorizationSettings;
use crate::policy::{
    AuthenticationRequirement, narrow_contexts, narrow_prompt, requires_another_context, shorter,
};
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
    pub(crate) acr_values: Vec<String>,
    /// Methods that `amr` must have.
    pub(crate) amr: Vec<String>,
    pub(crate) ui_locales: Option<String>,
    /// What is asked for is needed by the page to return to: it is asked for as essential.
    pub(crate) is_step_up: bool,
    /// The only `sub` that may sign in; `None`: whoever does.
    pub(crate) user: Option<String>,
    /// What stands in for the configuration.
    pub(crate) instead: Instead,
    /// Of a login that goes on with another code; any other begins now.
    pub(crate) begun_at: Option<UnixTime>,
    pub(crate) is_leeway_retry: bool,
    pub(crate) is_code_retry: bool,
}

/// What this login asks for instead of what is configured for every login: all else only narrows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instead {
    pub(crate) prompt: Option<String>,
    /// Seconds.
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Option<Vec<String>>,
}

impl LoginParameters {
    /// These, asking for what is required. Of contexts, methods and age the narrower holds, of the
    /// parameters' own as of the configured. Where none of the configured contexts is required,
    /// those of `user`, who is signed in, are asked for, and without a user the configured ones. A
    /// sign-in that the provider's session would spare the user has the methods it had: where
    /// methods are required, the user is asked.
    pub(crate) fn requiring(
        self,
        required: &AuthenticationRequirement,
        requests: &AuthorizationSettings,
        user: Option<&str>,
    ) -> Self {
        let mut instead = self.instead;
        let configured = instead.acr_values.as_ref().unwrap_or(&requests.acr_values);
        let user = user.filter(|_| requires_another_context(configured, &required.acr));
        let contexts = match user {
            Some(_) => required.acr.clone(),
            None => narrow_contexts(configured, &required.acr),
        };
        let acr_values = narrow_contexts(&contexts, &self.acr_values);
        if user.is_some() {
            instead.acr_values = Some(contexts);
        }
        let prompt = (!required.amr.is_empty()).then_some("login");
        Self {
            prompt: narrow_prompt(self.prompt.as_deref(), prompt),
            max_age: shorter(required.max_age, self.max_age),
            acr_values,
            amr: required.amr.clone(),
            is_step_up: true,
            user: user.map(str::to_owned),
            instead,
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
    let instead = &parameters.instead;
    let max_age = instead.max_age.or(requests.max_age.map(|age| age.as_secs()));
    let contexts = instead.acr_values.as_ref().unwrap_or(&requests.acr_values);
    let prompt = instead.prompt.as_ref().or(requests.prompt.as_ref());
    let prompt = narrow_prompt(prompt.map(String::as_str), parameters.prompt.as_deref());
    let browser = match sent.first() {
        Some(browser) => *browser,
        None => BrowserBinding::generate(rp.slots.next(), random)?,
    };
    let asked = Asked {
        return_to: parameters.return_to,
        scope: requests.scopes.join(" "),
        max_age: shorter(max_age, parameters.max_age),
        acr_values: narrow_contexts(contexts, &parameters.acr_values),
        amr: parameters.amr,
        is_step_up: parameters.is_step_up,
        user: parameters.user,
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
        prompt: prompt.as_deref(),
        max_age: asked.max_age.map(std::time::Duration::from_secs),
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

/// What a retry asks for again. A long one is left out: it would double the length of the URL, and the retry finds the user
/// signed in at the provider.
fn short(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| text.len() <= LONGEST_KEPT_HINT)
}

const LONGEST_KEPT_HINT: usize = 256;
