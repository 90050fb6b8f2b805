//! What the text of a variable means.

use std::net::SocketAddr;
use std::time::Duration;

use axum_oidc_session::{
    ClientAuthentication, KeyRing, MalformedPolicy, RefreshRejected, Renewal, SigningAlgorithm,
};

use super::environment::Refused;

pub(super) fn address(text: &str) -> Result<SocketAddr, Refused> {
    text.parse().map_err(|_| {
        let problem = "it is not an IP address and a port".to_owned();
        (problem, "write it like 127.0.0.1:3000 or [::1]:3000")
    })
}

/// The builder judges the URL. The prefix is the demo's own affair: it serves below it and at the root.
pub(super) fn base_url(text: &str) -> Result<String, Refused> {
    let path = url::Url::parse(text).map(|url| url.path().trim_matches('/').to_owned());
    let path = path.unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
    if !path.chars().all(plain) {
        let problem = "its path has characters that the demo cannot serve".to_owned();
        return Err((problem, "use letters, digits, '-', '_', '.' and '~'"));
    }
    if path.split('/').next().is_some_and(|first| OWN_PATHS.contains(&first)) {
        let problem = "its path begins like a page of the demo".to_owned();
        return Err((problem, "use another prefix, such as /demo"));
    }
    Ok(text.to_owned())
}

pub(super) fn seconds(text: &str) -> Result<Duration, Refused> {
    let seconds = text.parse().ok().filter(|seconds| (1..=A_CENTURY).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        let problem = "it is not a whole number of seconds".to_owned();
        (problem, "use digits only, and at least 1")
    })
}

pub(super) fn keys(text: &str) -> Result<KeyRing, Refused> {
    KeyRing::from_base64(text).map_err(|error| {
        (error.to_string(), "make one with: openssl rand -base64 64 | tr -d '\\n'")
    })
}

pub(super) fn algorithm(text: &str) -> Result<SigningAlgorithm, Refused> {
    text.parse().map_err(|_| {
        let problem = "it is not an algorithm that is supported".to_owned();
        (problem, "use the registered one, such as RS256, PS256, ES256 or EdDSA")
    })
}

/// `None`: as the metadata offer.
pub(super) fn client_auth(text: &str) -> Result<Option<ClientAuthentication>, Refused> {
    match text {
        "auto" => Ok(None),
        "basic" => Ok(Some(ClientAuthentication::Basic)),
        "post" => Ok(Some(ClientAuthentication::Post)),
        "none" => Ok(Some(ClientAuthentication::None)),
        _ => Err(("it is not auto, basic, post or none".to_owned(), "use one of them")),
    }
}

/// Items between commas; spaces around them do not count.
pub(super) fn list(text: &str) -> Result<Vec<String>, Refused> {
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) {
        return Err(("an item is empty".to_owned(), "separate the items by single commas"));
    }
    Ok(items)
}

pub(super) fn renewal(text: &str) -> Result<Renewal, Refused> {
    match text {
        "off" => Ok(Renewal::Off),
        "refresh" => Ok(Renewal::ByRefresh),
        _ => Err(("it is neither off nor refresh".to_owned(), "use one of them")),
    }
}

pub(super) fn refresh_rejected(text: &str) -> Result<RefreshRejected, Refused> {
    match text {
        "keep" => Ok(RefreshRejected::KeepSession),
        "end" => Ok(RefreshRejected::EndSession),
        _ => Err(("it is neither keep nor end".to_owned(), "use one of them")),
    }
}

pub(super) fn malformed(text: &str) -> Result<MalformedPolicy, Refused> {
    match text {
        "refuse" => Ok(MalformedPolicy::Refuse),
        _ => seconds(text).map(MalformedPolicy::Cap).map_err(|_| {
            let problem = "it is neither refuse nor a whole number of seconds".to_owned();
            (problem, "use refuse, or the seconds after which such a session is to end")
        }),
    }
}

/// Whether sessions of a shared store are kept in memory, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Push {
    #[default]
    Off,
    On,
    /// And a logout is answered once no node admits the session any more.
    Wait,
}

pub(super) fn push(text: &str) -> Result<Push, Refused> {
    match text {
        "off" => Ok(Push::Off),
        "on" => Ok(Push::On),
        "wait" => Ok(Push::Wait),
        _ => Err(("it is not off, on or wait".to_owned(), "use one of them")),
    }
}

/// Longer than anybody means, and far from where sums of times overflow.
const A_CENTURY: u64 = 100 * 366 * 86_400;
const OWN_PATHS: [&str; 8] =
    ["profile", "sessions", "admin", "api", "auth", "style.css", "countdown.js", "icon.svg"];
