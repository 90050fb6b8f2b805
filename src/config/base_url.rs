//! The URL under which browsers reach the application. Every URL that is emitted comes from it, never from a header.

use url::Url;

use super::loopback::is_loopback;

/// An origin and an optional path prefix.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    url: Url,
    origin: String,
    authority: String,
    path: String,
}

/// Why a base URL was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BaseUrlError {
    #[error("it is not an absolute URL")]
    NotAUrl,
    #[error("it must begin with https:// (http:// only on a loopback address)")]
    NotSecure,
    #[error("it must have no user name, query or fragment")]
    Extra,
    #[error("it has a space, a line break or another control character in it")]
    Characters,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(BaseUrlError::Characters);
        }
        let mut url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        if !is_https_or_loopback(&url) {
            return Err(BaseUrlError::NotSecure);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Extra);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        if path.contains("//") {
            return Err(BaseUrlError::Extra);
        }
        url.set_path(&format!("{path}/"));
        let origin = url.origin().ascii_serialization();
        let authority = origin.split_once("://").map_or("", |(_, rest)| rest).to_owned();
        Ok(Self { url, origin, authority, path })
    }

    /// Scheme, host and port, as in an `Origin` header.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port (no default port), as in a `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The port, unless it is the scheme's own.
    pub(crate) fn port(&self) -> Option<u16> {
        self.url.port()
    }

    /// The path prefix: empty, or with a leading and without a trailing slash.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The absolute URL of `path`, which begins with a slash and is meant below the prefix.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// The absolute URL of `path`, which begins with a slash and contains the prefix.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The front page: the prefix with a trailing slash.
    pub(crate) fn home(&self) -> String {
        self.below("/")
    }
}

/// Whether `url` is https, or http on a loopback address or `localhost`.
pub(crate) fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_they_say() {
        let base = BaseUrl::parse("https://app.example.com/shop/").unwrap();
        assert_eq!(base.origin(), "https://app.example.com");
        assert_eq!(base.authority(), "app.example.com");
        assert_eq!(base.path(), "/shop");
        assert_eq!(base.below("/auth/callback"), "https://app.example.com/shop/auth/callback");
        assert_eq!(base.home(), "https://app.example.com/shop/");
        let root = BaseUrl::parse("http://127.0.0.1:3000").unwrap();
        assert_eq!((root.path(), root.home().as_str()), ("", "http://127.0.0.1:3000/"));
        assert_eq!((base.port(), root.port()), (None, Some(3000)));
    }

    #[test]
    fn unusable_ones_are_refused() {
        let cases = [
            ("app.example.com", BaseUrlError::NotAUrl),
            ("http://app.example.com", BaseUrlError::NotSecure),
            ("http://10.0.0.1", BaseUrlError::NotSecure),
            ("http://127.0.0.1.example.com", BaseUrlError::NotSecure),
            ("ftp://localhost", BaseUrlError::NotSecure),
            ("https://user@app.example.com", BaseUrlError::Extra),
            ("https://app.example.com/?a", BaseUrlError::Extra),
            ("https://app.example.com/#a", BaseUrlError::Extra),
            ("https://app.example.com//evil", BaseUrlError::Extra),
            ("https://app.example.com\n", BaseUrlError::Characters),
            (" https://app.example.com", BaseUrlError::Characters),
            ("https://app.ex\tample.com", BaseUrlError::Characters),
        ];
        for (text, error) in cases {
            assert_eq!(BaseUrl::parse(text).unwrap_err(), error, "{text}");
        }
        for text in ["http://localhost:3000", "http://[::1]:3000", "http://127.8.8.8"] {
            assert!(BaseUrl::parse(text).is_ok(), "{text}");
        }
    }
}
