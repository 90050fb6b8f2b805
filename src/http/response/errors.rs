//! Every error of a flow as a page with its status: the one place that maps them.
//!
//! A refused sign-in is 4xx, a provider that failed 5xx. What is wrong in detail goes to the log; the page names the code.

use std::error::Error;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::answer::{json_response, new_page};
use super::login_url::LacksLoginUrl;
use super::provider_pages::{discovery_page, exchange_page, id_token_page, provider_answer_page};
use crate::config::page::{Page, PageAction};
use crate::config::settings::Config;
use crate::events::EventKind;
use crate::flow::access_token::AccessTokenError;
use crate::flow::callback_error::CallbackError;
use crate::flow::login::LoginError;
use crate::flow::user_info::UserInfoRequestError;
use crate::policy::{CeilingRefusal, LoopBroken, ProbableCause};
use crate::protocol::authorization_response::AuthorizationResponseError;

/// The page of a login that could not begin.
pub(crate) fn login_page(config: &Config, error: &LoginError) -> Page {
    tell(config, error.code(), error);
    match error {
        LoginError::Discovery(error) => discovery_page(config, error),
        LoginError::Random(_) => {
            new_page(500, error.code(), "Sign-in is not possible", &[LATER], Vec::new())
        }
    }
}

/// The page of a callback that led to no session. Its flow has told of it. A browser that `sends_cookies` keeps them.
pub(crate) fn callback_page(config: &Config, error: &CallbackError, sends_cookies: bool) -> Page {
    let again = || vec![PageAction::link("Sign in again", config.login_url())];
    match error {
        CallbackError::Response(AuthorizationResponseError::Provider(answer)) => {
            provider_answer_page(config, answer)
        }
        CallbackError::Discovery(error) => discovery_page(config, error),
        CallbackError::Exchange(error) => exchange_page(config, error),
        CallbackError::IdToken(error) => id_token_page(config, error),
        CallbackError::Ceiling(refusal) => ceiling_page(config, refusal),
        CallbackError::Rejected(why) => {
            new_page(403, "login_rejected", "You cannot sign in here", &[why], again())
        }
        CallbackError::LoggedOutMeanwhile => {
            let text = "You signed out at the sign-in service while this sign-in was under way.";
            new_page(403, error.code(), "You have signed out", &[text], again())
        }
        CallbackError::AnotherUser => {
            let text = "You were asked to sign in again with your own account, and signed in with another one. \
                        If you were signed in before, you still are.";
            new_page(403, error.code(), "This is another account", &[text], again())
        }
        CallbackError::Busy => {
            let text =
                "Too many people are signing in at this moment. Please load this page again.";
            retry_after(new_page(503, error.code(), "Please try again", &[text], Vec::new()), 2)
        }
        CallbackError::StoreFull | CallbackError::Store(_) => {
            let text = "The session could not be stored. You have not been signed in.";
            retry_after(new_page(503, error.code(), "Please try again", &[text], again()), 5)
        }
        CallbackError::Random(_) => {
            new_page(500, "random_unavailable", "Sign-in is not possible", &[LATER], Vec::new())
        }
        CallbackError::Interrupted => {
            let text = "The sign-in broke off. You have not been signed in.";
            new_page(500, "internal_error", "The sign-in did not work", &[text], again())
        }
        CallbackError::NoAttempt if !sends_cookies => {
            let text = "This sign-in was not begun in this browser, or took too long.";
            new_page(400, error.code(), "Please sign in again", &[BLOCKED_COOKIES, text], again())
        }
        CallbackError::NoAttempt | CallbackError::AttemptExpired | CallbackError::AttemptUsed => {
            let text = "This sign-in was not begun in this browser, took too long, or has been used \
                        already. Nothing is wrong with your account.";
            new_page(400, error.code(), "Please sign in again", &[text], again())
        }
        CallbackError::Response(_) => {
            new_page(400, error.code(), "The sign-in did not work", &[NOT_USABLE], again())
        }
        CallbackError::MissingIdToken => {
            new_page(403, error.code(), "The sign-in was refused", &[NOT_USABLE], again())
        }
    }
}

/// The page of a login that was stopped because it led to nothing but the next.
pub(crate) fn loop_page(config: &Config, broken: &LoopBroken) -> Page {
    tell(config, broken.code(), broken);
    let cause = match broken.cause {
        ProbableCause::CookieLost => BLOCKED_COOKIES,
        ProbableCause::WrongHost => {
            "Probably this application is reached under another host name than it is configured for."
        }
        ProbableCause::Clock => {
            "Probably the clock of this server or of the sign-in service is wrong."
        }
        ProbableCause::ConflictingRequirements => {
            "Signing in did not make the session strong or recent enough for this page: no sign-in seems to meet all that it requires. Whoever runs this site can change that."
        }
        ProbableCause::CeilingAlwaysPast => {
            "The sign-in service says each time that the session has already ended. Its administrator can change that."
        }
    };
    let what = "Signing in led back to signing in, several times. It was stopped here.";
    let again = vec![PageAction::link("Try again", config.login_url())];
    new_page(400, broken.code(), "Signing in goes round in circles", &[what, cause], again)
}

fn ceiling_page(config: &Config, refusal: &CeilingRefusal) -> Page {
    let again = vec![PageAction::link("Sign in again", config.login_url())];
    let code = refusal.code();
    match refusal {
        CeilingRefusal::InsideLeeway { .. } => {
            let text = "Your session at the sign-in service is about to end. In a moment you can sign in \
                        anew.";
            let page = new_page(403, code, "One moment, please", &[text], again);
            let wait = refusal.retry_after(config.clock.now());
            retry_after(page, wait.map_or(0, |wait| wait.as_secs()).max(1))
        }
        CeilingRefusal::AlreadyPast { .. } => {
            let text = "The sign-in service says that your session has already ended.";
            new_page(403, code, "The session has already ended", &[text], again)
        }
        _ => {
            let text = "The sign-in service did not say in a usable way how long your session may last. \
                        Its administrator can change that.";
            new_page(403, code, "The sign-in was refused", &[text], again)
        }
    }
}

pub(super) fn retry_after(mut page: Page, seconds: u64) -> Page {
    page.retry_after = Some(seconds);
    page
}

fn tell(config: &Config, code: &'static str, error: &(dyn Error + 'static)) {
    config.tell_with(EventKind::SignInRefused { code, provider: None }, error);
}

impl IntoResponse for AccessTokenError {
    /// 401 where a new login helps, 502 and 503 where the provider or the store failed; JSON with `error`. The layer adds
    /// `login_url` to a 401.
    fn into_response(self) -> Response {
        let status = match &self {
            error if error.needs_a_login() => StatusCode::UNAUTHORIZED,
            Self::InvalidRefreshResponse(_) => StatusCode::BAD_GATEWAY,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut body = json!({"error": self.code(), "error_description": self.to_string()});
        match &self {
            Self::SessionExpired(reason) => body["reason"] = json!(reason.refusal().reason()),
            Self::RefreshRejected(refusal) => body["reason"] = json!(refusal.error),
            _ => {}
        }
        let mut response = json_response(status, &body);
        let headers = response.headers_mut();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(http::header::RETRY_AFTER, PROVIDER_RETRY_AFTER.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = format!("Session error=\"{}\"", self.code());
            if let Ok(challenge) = challenge.try_into() {
                headers.insert(http::header::WWW_AUTHENTICATE, challenge);
            }
            response.extensions_mut().insert(LacksLoginUrl(body));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for UserInfoRequestError {
    /// As [`AccessTokenError`] where there was none; 503 where the provider is down, 502 where it answered uselessly.
    fn into_response(self) -> Response {
        let status = match &self {
            Self::AccessToken(error) => return error.clone().into_response(),
            Self::ProviderUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoEndpoint | Self::InvalidResponse(_) => StatusCode::BAD_GATEWAY,
        };
        let error: &(dyn Error + 'static) = &self;
        tracing::warn!(code = self.code(), error, "UserInfo could not be had");
        let body = json!({"error": self.code(), "error_description": self.to_string()});
        let mut response = json_response(status, &body);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(http::header::RETRY_AFTER, PROVIDER_RETRY_AFTER.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

const BLOCKED_COOKIES: &str = "Probably this browser does not keep the cookies of this application: check whether cookies are blocked.";
pub(super) const LATER: &str = "Please try again in a moment.";
pub(super) const NOT_USABLE: &str =
    "The answer of the sign-in service did not pass the checks. You have not been signed in.";
/// Seconds.
pub(super) const PROVIDER_RETRY_AFTER: u64 = 5;
