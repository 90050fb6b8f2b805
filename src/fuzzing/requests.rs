//! What browsers send.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::clock::UnixTime;
use crate::config::cookie_names::CookieNames;
use crate::http::cookies::{self, SentCookies};
use crate::protocol::authorization_response::{
    AuthorizationResponse, AuthorizationResponseError, ProviderErrorResponse,
};
use crate::protocol::return_to::ReturnTo;

/// Cookies are found as a plain reading finds them, and one that is there with two values is none.
pub fn cookie_header(input: &[u8]) {
    let names = CookieNames::named("app", false);
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(COOKIE, value);
    }
    let plain: Vec<(&[u8], &[u8])> = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            let pair = pair.trim_ascii();
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            Some((&pair[..equals], &pair[equals + 1..]))
        })
        .collect();
    let of_name = |name: &str| -> Vec<&[u8]> {
        plain.iter().filter(|(n, _)| *n == name.as_bytes()).map(|(_, value)| *value).collect()
    };
    let sent = SentCookies::scan(&headers, &names);
    let session = sent.session();
    let values = of_name(&names.session);
    let one = values.first().filter(|first| values.iter().all(|value| value == *first));
    assert_eq!(session.is_some(), one.is_some_and(|value| value.len() == 43));
    if let Some(cookie) = session.and_then(|session| session.read()) {
        assert_eq!(one, Some(&cookie.encode().as_bytes()));
    }
    let first = of_name("app_a_x").first().map(|value| String::from_utf8(value.to_vec()).ok());
    assert_eq!(cookies::value(&headers, "app_a_x"), first.flatten());
    assert_eq!(sent.has_rounds, !of_name(&names.rounds).is_empty());
    assert_eq!(marker(&sent), of_name(&names.marker).last().and_then(|value| plain_marker(value)));
}

/// The reason of the marker that was read, and the first second at which it counts.
fn marker(sent: &SentCookies<'_>) -> Option<(&'static str, i64)> {
    let marker = sent.marker()?;
    let at = |seconds: i64| marker.of_gone_session(UnixTime::from_seconds(seconds));
    let (mut before, mut from) = (i128::from(i64::MIN) - 1, i128::from(i64::MAX));
    while from - before > 1 {
        let middle = (before + from).div_euclid(2);
        let is_over = at(i64::try_from(middle).unwrap()) == marker.refusal;
        *if is_over { &mut from } else { &mut before } = middle;
    }
    Some((marker.refusal.reason(), i64::try_from(from).unwrap()))
}

fn plain_marker(value: &[u8]) -> Option<(&'static str, i64)> {
    let value = std::str::from_utf8(value).ok()?;
    let (reason, at) = value.split_once('.').unwrap_or((value, "-9223372036854775808"));
    let reasons = ["ceiling", "idle", "absolute", "revoked"];
    let reason = reasons.into_iter().find(|known| *known == reason)?;
    let at: i64 = at.parse().ok()?;
    // A node whose clock is a little ahead may have ended it.
    Some((reason, if reason == "revoked" { i64::MIN } else { at.saturating_sub(5) }))
}

/// The outcome is that of a plain reading, in the order of the checks: never a code without state, from another issuer, or
/// beside an error.
pub fn authorization_response(input: &[u8]) {
    let Ok(query) = std::str::from_utf8(input) else { return };
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let values = |name: &str| -> Vec<&str> {
        pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    };
    let known = ["code", "state", "iss", "error", "error_description", "error_uri"];
    let is_doubled = known.iter().any(|name| values(name).len() > 1);
    let is_short = known.iter().all(|name| values(name).iter().all(|value| value.len() <= 1024));
    // Without a value a parameter counts as left out (RFC 6749 section 3.1).
    let value = |name: &str| values(name).first().copied().filter(|value| !value.is_empty());
    for iss_required in [true, false] {
        let response = match AuthorizationResponse::parse(query) {
            Ok(response) => response,
            Err(error) => return assert!(is_doubled || !is_short, "{error:?}: {query}"),
        };
        assert!(!is_doubled, "{query}");
        assert_eq!(response.state(), value("state"));
        let validated = response.validate(OP, iss_required);
        let outcome = match &validated {
            Ok(code) => Ok(code.0.expose_secret()),
            Err(error) => Err(error.code()),
        };
        let wanted = match (value("state"), value("iss"), value("code"), value("error")) {
            (None, ..) => Err("authorization_response_state_missing"),
            (_, Some(iss), ..) if iss != OP => Err("authorization_response_issuer_mismatch"),
            (_, None, ..) if iss_required => Err("authorization_response_issuer_missing"),
            (_, _, Some(_), Some(_)) => Err("authorization_response_code_and_error"),
            (_, _, None, Some(_)) => Err("authorization_response_error"),
            (_, _, None, None) => Err("authorization_response_code_missing"),
            (_, _, Some(code), None) => Ok(code),
        };
        assert_eq!(outcome, wanted, "{query}");
        if let Err(AuthorizationResponseError::Provider(answer)) = validated {
            told(answer);
        }
    }
}

/// What the provider says can be shown.
fn told(answer: ProviderErrorResponse) {
    assert!(answer.error.len() <= 100 && !answer.error.contains(char::is_control));
    let description = answer.description.unwrap_or_default();
    assert!(description.len() <= 1_000 && !description.contains(char::is_control));
    assert!(answer.uri.is_none_or(|uri| {
        Url::parse(&uri).is_ok_and(|uri| ["http", "https"].contains(&uri.scheme()))
    }));
}

/// What is returned to is on our origin, below the base path, whoever reads it; and stays what it is when it is read again.
pub fn return_to(input: &[u8]) {
    let Ok(candidate) = std::str::from_utf8(input) else { return };
    for base_path in ["", "/app"] {
        let Some(page) = ReturnTo::parse(candidate, base_path) else { continue };
        let text = page.as_str();
        assert!(
            text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\n', '\r'])
        );
        let base = Url::parse(&format!("https://app.example{base_path}/")).unwrap();
        for url in [base.join(text).unwrap(), page.to_url(&base)] {
            assert_eq!(url.origin(), base.origin());
            assert!(url.username().is_empty() && url.password().is_none());
            assert!(url.path() == base_path || url.path().starts_with(&format!("{base_path}/")));
        }
        assert_eq!(ReturnTo::parse(text, base_path).unwrap(), page);
        assert!(HeaderValue::from_str(text).is_ok());
    }
}

const OP: &str = "https://op.example";
