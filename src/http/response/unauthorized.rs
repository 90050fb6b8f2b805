//! The answers to requests that need a session and have none.
//!
//! | request | answer |
//! |---|---|
//! | navigation that may start a login | 303 to the login, `return_to` kept |
//! | unsafe navigation, or one in a frame | 401 page, never a silent GET |
//! | anything else | 401 JSON: `error`, `error_description`, `login_url`, after an end also `reason` |

use axum_core::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Request, StatusCode};
use serde_json::json;

use super::answer::{Asked, Refused, json_response, login_url, new_page, page, redirect};
use crate::config::page::{Page, PageAction};
use crate::config::settings::Config;
use crate::flow::relying_party::RelyingParty;
use crate::http::context::Absence;
use crate::policy::{Answer, Refusal, answer};

/// The answer to a request that needs a session and has none.
pub(crate) fn refuse<B>(rp: &RelyingParty, request: &Request<B>, absence: Absence) -> Response {
    refuse_asked(&rp.config, &Asked::of(&rp.config, request), absence)
}

pub(crate) fn refuse_asked(config: &Config, asked: &Asked, absence: Absence) -> Response {
    let refused = match absence {
        Absence::NoSession => Refused::LoginRequired,
        Absence::Ended(refusal) => Refused::SessionExpired(refusal),
    };
    tracing::debug!(code = %refused, "a request was refused");
    let mut response = match answer(asked.kind) {
        Answer::RedirectToLogin => redirect(&login_url(config, &asked.return_to)),
        Answer::Page401 => page(config, &unauthorized_page(config, absence)),
        Answer::Json401 => unauthorized_json(config, absence),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge(absence));
    }
    response.extensions_mut().insert(refused);
    response
}

fn unauthorized_json(config: &Config, absence: Absence) -> Response {
    let login_url = config.login_url();
    let body = match absence {
        Absence::NoSession => json!({
            "error": "login_required",
            "error_description": "Nobody is signed in.",
            "login_url": login_url,
        }),
        Absence::Ended(refusal) => json!({
            "error": "session_expired",
            "error_description": describe(refusal),
            "reason": refusal.reason(),
            "login_url": login_url,
        }),
    };
    json_response(StatusCode::UNAUTHORIZED, &body)
}

fn unauthorized_page(config: &Config, absence: Absence) -> Page {
    let sign_in = PageAction::link("Sign in", config.login_url());
    let kept =
        "Nothing was sent or changed. To repeat what you did, go back after you have signed in.";
    match absence {
        Absence::NoSession => new_page(
            401,
            "login_required",
            "Please sign in",
            &["This needs a signed-in user.", kept],
            vec![sign_in],
        ),
        Absence::Ended(refusal) => new_page(
            401,
            "session_expired",
            "Your session has ended",
            &[describe(refusal), kept],
            vec![sign_in],
        ),
    }
}

/// What ended a session, for its user.
const fn describe(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::CeilingReached => {
            "The session has reached the end that your organization's sign-in service sets."
        }
        Refusal::IdleLimit => "The session was not used for a while.",
        Refusal::AbsoluteLimit => "The session has reached its longest duration.",
        Refusal::Continuity => {
            "The sign-in service described another sign-in than yours, so the session was ended."
        }
        Refusal::RefreshRejected => "The sign-in service wants you to sign in again.",
        Refusal::MalformedSessionExpiry => {
            "The sign-in service did not say in a usable way how long the session may last."
        }
        Refusal::Revoked => "The session was ended elsewhere.",
    }
}

fn challenge(absence: Absence) -> HeaderValue {
    match absence {
        Absence::NoSession => HeaderValue::from_static(r#"Session error="login_required""#),
        Absence::Ended(_) => HeaderValue::from_static(r#"Session error="session_expired""#),
    }
}
