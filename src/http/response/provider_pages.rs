//! The pages of a sign-in that the provider has refused, failed, or answered with something that cannot be used.

use super::answer::new_page;
use super::errors::{LATER, NOT_USABLE, PROVIDER_RETRY_AFTER, retry_after};
use crate::config::page::{Page, PageAction};
use crate::config::settings::Config;
use crate::protocol::authorization_response::ProviderErrorResponse;
use crate::protocol::id_token::IdTokenError;
use crate::provider::{DiscoveryError, IdTokenVerificationError, TokenEndpointError};

pub(super) fn id_token_page(config: &Config, error: &IdTokenVerificationError) -> Page {
    let (title, text) = match error {
        IdTokenVerificationError::Discovery(error) => return discovery_page(config, error),
        IdTokenVerificationError::Keys(error) if error.is_permanent() => {
            return set_up_wrongly_page(config, error.code());
        }
        IdTokenVerificationError::Keys(_) | IdTokenVerificationError::NotYet(_) => {
            return unavailable_page(config, None);
        }
        IdTokenVerificationError::Token(
            IdTokenError::ContextClass
            | IdTokenError::Methods
            | IdTokenError::AuthenticatedTooLongAgo,
        ) => ("The sign-in was not enough", NOT_ENOUGH),
        IdTokenVerificationError::Token(IdTokenError::AuthenticationTimeMissing) => {
            ("The sign-in was refused", NO_AUTH_TIME)
        }
        IdTokenVerificationError::Token(_) => ("The sign-in was refused", NOT_USABLE),
    };
    let again = vec![PageAction::link("Sign in again", config.login_url())];
    new_page(403, error.code(), title, &[text], again)
}

pub(super) fn provider_answer_page(config: &Config, answer: &ProviderErrorResponse) -> Page {
    let again = vec![
        PageAction::link("Sign in again", config.login_url()),
        PageAction::link("Go to the front page", config.base.home()),
    ];
    let (status, title) = match answer.error.as_str() {
        "access_denied" => (403, "The sign-in was cancelled or denied"),
        "temporarily_unavailable" => (503, "The sign-in service is not available"),
        "server_error" => (502, "The sign-in service has failed"),
        "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => (403, "The sign-in service asks for more"),
        "unmet_authentication_requirements" => (403, "The sign-in was not enough"),
        _ => (400, "The sign-in service refused"),
    };
    let said = answer.description.as_ref().map(|text| format!("The service says: {text}"));
    // The administrator of the one has to compare them with what the other allows.
    let scopes = (answer.error == "invalid_scope")
        .then(|| format!("The scopes asked for: {}.", config.requests.scopes.join(" ")));
    let first = ["You have not been signed in."];
    let paragraphs = first.into_iter().chain(said.as_deref()).chain(scopes.as_deref());
    let paragraphs: Vec<&str> = paragraphs.collect();
    let code = if KNOWN_ERRORS.contains(&answer.error.as_str()) {
        &answer.error
    } else {
        "provider_error"
    };
    let page = new_page(status, code, title, &paragraphs, again);
    if status == 503 { retry_after(page, PROVIDER_RETRY_AFTER) } else { page }
}

pub(super) fn exchange_page(config: &Config, error: &TokenEndpointError) -> Page {
    let again = vec![PageAction::link("Sign in again", config.login_url())];
    match error {
        error if error.is_invalid_grant() => {
            let text = "The sign-in took too long or was interrupted.";
            new_page(400, error.code(), "Please sign in again", &[text], again)
        }
        TokenEndpointError::Discovery(error) => discovery_page(config, error),
        TokenEndpointError::Unavailable { .. } | TokenEndpointError::ReplyLost(_) => {
            unavailable_page(config, None)
        }
        _ => {
            let text = "The sign-in service gave an answer that cannot be used.";
            new_page(502, error.code(), "The sign-in service has failed", &[text], again)
        }
    }
}

pub(super) fn discovery_page(config: &Config, error: &DiscoveryError) -> Page {
    if error.is_permanent() {
        return set_up_wrongly_page(config, error.code());
    }
    unavailable_page(config, Some(error.retry_after().as_secs()))
}

/// Waiting does not cure it: no `Retry-After`. What is wrong is in the log.
fn set_up_wrongly_page(config: &Config, code: &str) -> Page {
    let text = "This site and the sign-in service do not fit together: one of the two is set up wrongly. Trying again does \
                not help. The administrator of this site finds the cause in its log.";
    let home = vec![PageAction::link("Go to the front page", config.base.home())];
    new_page(502, code, "Sign-in is set up wrongly", &[text], home)
}

fn unavailable_page(config: &Config, wait: Option<u64>) -> Page {
    let texts = ["The sign-in service cannot be reached at the moment.", LATER];
    let again = vec![PageAction::link("Try again", config.login_url())];
    let page =
        new_page(503, "provider_unavailable", "Signing in is not possible now", &texts, again);
    retry_after(page, wait.unwrap_or(PROVIDER_RETRY_AFTER).max(1))
}

const NOT_ENOUGH: &str = "The sign-in service did not sign you in as recently or as strongly as is needed here. If you \
                          were signed in before, you still are.";
const NO_AUTH_TIME: &str = "It matters here when you signed in, and the sign-in service did not say. Its administrator can change that. \
                            You have not been signed in.";
/// The error codes of RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6 and OpenID Connect Core Error Code
/// unmet_authentication_requirements 1.0: others are not repeated as a code.
const KNOWN_ERRORS: [&str; 16] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_response_type",
];
