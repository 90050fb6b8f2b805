//! A reply, and what tests ask of it.

use http::HeaderMap;
use serde_json::Value;
use url::Url;

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// One `Set-Cookie` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Seconds.
    pub(crate) max_age: Option<i64>,
    /// What follows the value, as it stands there.
    pub(crate) attributes: String,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The page's `data-error-code`, or the JSON's `error`.
    pub(crate) fn code(&self) -> String {
        let text = self.text();
        if let Some((_, rest)) = text.split_once("data-error-code=\"") {
            return rest.split('"').next().unwrap().to_owned();
        }
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        json["error"].as_str().unwrap_or_else(|| panic!("no code: {} {text}", self.status)).into()
    }

    /// Status and code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.text()))
    }

    pub(crate) fn location_url(&self) -> Url {
        Url::parse(self.location()).unwrap()
    }

    /// A parameter of the URL redirected to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = self.location_url();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// As [`parameter`](Self::parameter), and `None` if this is no redirect.
    pub(crate) fn parameter_if_redirect(&self, name: &str) -> Option<String> {
        self.header("location").and_then(|_| self.parameter(name))
    }

    pub(crate) fn set_cookies(&self) -> Vec<SetCookie> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|line| parse(line.to_str().unwrap()))
            .collect()
    }

    /// The cookie that is set or removed; the last, as in a browser.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<SetCookie> {
        self.set_cookies().into_iter().rfind(|cookie| cookie.name == name)
    }

    /// The names of the cookies that are set, and of those that are removed.
    pub(crate) fn cookie_changes(&self) -> (Vec<String>, Vec<String>) {
        let names = |removed| {
            let cookies = self.set_cookies().into_iter();
            cookies.filter(move |it| (it.max_age == Some(0)) == removed).map(|it| it.name).collect()
        };
        (names(false), names(true))
    }
}

fn parse(line: &str) -> SetCookie {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').unwrap();
    let max_age = attributes.split(';').find_map(|attribute| {
        let (name, value) = attribute.trim().split_once('=')?;
        name.eq_ignore_ascii_case("max-age").then(|| value.parse().unwrap())
    });
    SetCookie {
        name: name.to_owned(),
        value: value.to_owned(),
        max_age,
        attributes: attributes.trim().to_owned(),
    }
}
