//! The answers to requests whose session does not do.
//!
//! | lacks | request | answer |
//! |---|---|---|
//! | a sign-in | navigation | 303 to the provider, asked for what is required, and back |
//! | a sign-in | unsafe navigation, or one in a frame | 401 page, never a silent GET |
//! | a sign-in | anything else | 401 JSON with `max_age`, `acr_values`, `amr`, `login_url` |
//! | claims | navigation of any kind | 403 page |
//! | claims | anything else | 403 JSON |
//!
//! 401 comes with the challenge of RFC 9470 section 3, under our own scheme: no access token was presented.

use axum_core::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::answer::{Asked, Refused, json_response, new_page, no_randomness, page, page_or_json};
use crate::config::page::PageAction;
use crate::config::settings::Config;
use crate::flow::login::LoginParameters;
use crate::flow::relying_party::RelyingParty;
use crate::flow::requirement;
use crate::http::cookies;
use crate::http::require::Unmet;
use crate::http::routes::login::{REQUIREMENT, redirect_to_provider, rounds, set_rounds};
use crate::policy::{Answer, AuthenticationRequirement, Insufficient, Outcome, answer};
use crate::session::entry::Entry;

/// The answer to a request whose `session` lacks this.
pub(crate) async fn refuse(
    rp: &RelyingParty,
    asked: &Asked,
    headers: &HeaderMap,
    unmet: Unmet,
    session: &Entry,
) -> Response {
    let (required, lack) = match unmet {
        Unmet::Authentication(required, lack) => (required, lack),
        Unmet::Claims => return forbidden(&rp.config, asked),
    };
    let refused = Refused::InsufficientAuthentication;
    tracing::debug!(code = %refused, ?lack, "a request was refused");
    let mut response = match answer(asked.kind) {
        Answer::RedirectToLogin => {
            let return_to = asked.return_to.as_str().to_owned();
            let plain = LoginParameters { return_to, ..LoginParameters::default() };
            let version = session.state();
            let user = Some(version.state.claims.sub());
            let parameters = plain.requiring(&required, &rp.config.requests, user);
            // A sign-in that led here and to the next one is a round of a loop (ceiling rule 6).
            let rounds = cookies::value(headers, &rp.config.cookies.rounds)
                .map(|_| rounds(&rp.config, headers).ended(Outcome::SessionInsufficient));
            let counted = rounds.unwrap_or_default();
            let mut response = redirect_to_provider(rp, parameters, headers, counted).await;
            if let Some(rounds) = rounds.filter(|_| response.status() == StatusCode::SEE_OTHER) {
                set_rounds(&rp.config, response.headers_mut(), rounds);
            }
            response
        }
        Answer::Page401 | Answer::Json401 => unauthorized(rp, asked, &required, lack, session),
    };
    response.extensions_mut().insert(refused);
    response
}

fn forbidden(config: &Config, asked: &Asked) -> Response {
    let refused = Refused::InsufficientClaims;
    tracing::debug!(code = %refused, "a request was refused");
    let text =
        "Your account does not have what this needs. Somebody who manages it can change that.";
    let home = vec![PageAction::link("Go to the front page", config.base.home())];
    let shown = new_page(403, "insufficient_claims", "You may not do this", &[text], home);
    let mut response = page_or_json(config, asked.kind, &shown);
    response.extensions_mut().insert(refused);
    response
}

fn unauthorized(
    rp: &RelyingParty,
    asked: &Asked,
    required: &AuthenticationRequirement,
    lack: Insufficient,
    session: &Entry,
) -> Response {
    let config = &rp.config;
    let Ok(sealed) = requirement::seal(rp, required, session) else {
        return no_randomness(config, asked.kind);
    };
    // What is sealed is base64url.
    let login_url = format!("{}?{REQUIREMENT}={sealed}", config.login_url());
    let mut response = match answer(asked.kind) {
        Answer::Json401 => unauthorized_json(required, lack, &login_url),
        Answer::Page401 | Answer::RedirectToLogin => {
            let action = vec![PageAction::link("Sign in again", login_url)];
            let (text, title) = (describe(lack), "Please sign in again");
            page(config, &new_page(401, CODE, title, &[text, KEPT], action))
        }
    };
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge(required, lack));
    response
}

fn unauthorized_json(
    required: &AuthenticationRequirement,
    lack: Insufficient,
    login_url: &str,
) -> Response {
    let mut body = json!({
        "error": CODE,
        "error_description": describe(lack),
        "login_url": login_url,
    });
    if let Some(seconds) = required.max_age {
        body["max_age"] = json!(seconds);
    }
    for (name, values) in [("acr_values", &required.acr), ("amr", &required.amr)] {
        if !values.is_empty() {
            body[name] = json!(values);
        }
    }
    json_response(StatusCode::UNAUTHORIZED, &body)
}

/// RFC 9470 section 3: `acr_values` and `max_age` are those of an authorization request.
fn challenge(required: &AuthenticationRequirement, lack: Insufficient) -> HeaderValue {
    let description = describe(lack);
    let mut text = format!("Session error=\"{CODE}\", error_description=\"{description}\"");
    if let Some(contexts) = quoted(&required.acr.join(" ")) {
        text.push_str(&format!(", acr_values={contexts}"));
    }
    if let Some(seconds) = required.max_age {
        text.push_str(&format!(", max_age=\"{seconds}\""));
    }
    HeaderValue::try_from(text)
        .unwrap_or(HeaderValue::from_static(r#"Session error="insufficient_user_authentication""#))
}

/// A quoted string (RFC 9110 section 5.6.4). What is not ASCII or not to be seen is in the JSON alone.
fn quoted(text: &str) -> Option<String> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_plain.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// What is lacking, for the user.
const fn describe(lack: Insufficient) -> &'static str {
    match lack {
        Insufficient::Age => "This asks for a more recent sign-in.",
        Insufficient::Context | Insufficient::Methods => "This asks for a stronger sign-in.",
    }
}

const CODE: &str = "insufficient_user_authentication";
const KEPT: &str =
    "Nothing was sent or changed. To repeat what you did, go back after you have signed in.";
