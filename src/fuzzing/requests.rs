//! What browsers send.

use http::header::{COOKIE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::lines;
use crate::config::cookie_names::CookieNames;
use crate::http::cookies::{self, SentCookies};
use crate::http::facts;
use crate::policy::{Answer, RequestKind, answer};
use crate::protocol::authorization_response::{AuthorizationResponse, AuthorizationResponseError};
use crate::protocol::return_to::ReturnTo;

/// Cookies are found as a plain reading finds them, and one that is there with two values is none.
pub fn cookie_header(input: &[u8]) {
    let names = CookieNames::new(Some("app"), "client", "", false);
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
    let _ = sent.marker();
}

/// Never a code without state, from another issuer, or beside an error.
pub fn authorization_response(input: &[u8]) {
    let Ok(query) = std::str::from_utf8(input) else { return };
    let Ok(response) = AuthorizationResponse::parse(query) else { return };
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    // Without a value a parameter counts as left out (RFC 6749 section 3.1).
    let values = |name: &str| -> Vec<&str> {
        let of_name = pairs.iter().filter(|(n, value)| n == name && !value.is_empty());
        of_name.map(|(_, value)| value.as_str()).collect()
    };
    if let Some(state) = response.state() {
        assert_eq!(values("state"), [state]);
    }
    match response.validate("https://op.example", true) {
        Ok(_) => {
            assert_eq!(values("iss"), ["https://op.example"]);
            assert_eq!(values("code").len(), 1);
            assert!(values("error").is_empty());
        }
        Err(AuthorizationResponseError::Provider(answer)) => {
            assert!(answer.error.len() <= 100 && !answer.error.contains(char::is_control));
            let description = answer.description.unwrap_or_default();
            assert!(description.len() <= 1_000 && !description.contains(char::is_control));
            assert!(answer.uri.is_none_or(|uri| Url::parse(&uri).is_ok()));
        }
        Err(_) => {}
    }
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

/// A redirect to the login is for a page that the user opened, by GET, and nothing else.
pub fn negotiation(input: &[u8]) {
    let Some(lines) = lines(input) else { return };
    let Some((method, rest)) = lines.split_first() else { return };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    let mut headers = HeaderMap::new();
    for (name, line) in NEGOTIATED.iter().zip(rest) {
        if let (false, Ok(value)) = (line.is_empty(), HeaderValue::from_str(line)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let kind = facts::kind(&method, &headers);
    if answer(kind) == Answer::RedirectToLogin {
        assert_eq!((kind, &method), (RequestKind::Navigation, &Method::GET));
        let is = |name: &str, text: &str| {
            headers
                .get(name)
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(text.as_bytes()))
        };
        assert!(!is("upgrade", "websocket") && !is("x-requested-with", "XMLHttpRequest"));
        assert!(!is("sec-purpose", "prefetch") && !is("sec-fetch-mode", "cors"));
    }
}

const NEGOTIATED: [&str; 6] =
    ["accept", "sec-fetch-mode", "sec-fetch-dest", "upgrade", "sec-purpose", "x-requested-with"];
