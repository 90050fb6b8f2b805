//! The value and its only way in; the rules are numbered in the folder's documentation.

use serde::{Deserialize, Serialize};
use url::{Position, Url};

use super::path::{decoded, is_within, same_route};

/// A path and query of this application that is safe to redirect to: normalised, within the base path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// `candidate` as a place to return to, if it is one (rules 1 to 5). `base_path` is that of the base URL: empty, or with a
    /// slash at its beginning and none at its end (`/app`).
    pub fn parse(candidate: &str, base_path: &str) -> Option<Self> {
        let forbidden = |character: char| character.is_control() || character == '\\';
        if candidate.len() > MAX_BYTES
            || !candidate.starts_with('/')
            || candidate.starts_with("//")
            || candidate.contains(forbidden)
        {
            return None;
        }
        let origin = Url::parse(SOME_ORIGIN).ok()?;
        let url = origin.join(candidate).ok()?;
        // Everything up to the path: scheme, user, host and port.
        let same_origin = url[..Position::BeforePath] == origin[..Position::BeforePath];
        let decoded = decoded(url.path(), &origin);
        if !same_origin || !is_within(url.path(), base_path) || !is_within(&decoded, base_path) {
            return None;
        }
        let kept = &url[Position::BeforePath..Position::AfterQuery];
        (kept.len() <= MAX_BYTES).then(|| Self(kept.to_owned()))
    }

    /// `candidate` as [`parse`](Self::parse) accepts it, unless its path is one of `refused`; otherwise the base path with a
    /// slash at its end. `refused` are whole paths, base path included: the routes of login, callback and logout.
    pub fn parse_or_base(candidate: Option<&str>, base_path: &str, refused: &[&str]) -> Self {
        candidate
            .and_then(|candidate| Self::parse(candidate, base_path))
            .filter(|page| !refused.iter().any(|route| same_route(page.split().0, route)))
            .unwrap_or_else(|| Self(format!("{base_path}/")))
    }

    /// The path and query. It begins with exactly one slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The absolute URL on the origin of `base`, the base URL. (The base path is part of this value already.)
    pub fn to_url(&self, base: &Url) -> Url {
        let (path, query) = self.split();
        let mut url = base.clone();
        url.set_path(path);
        url.set_query(query);
        url.set_fragment(None);
        url
    }

    fn split(&self) -> (&str, Option<&str>) {
        match self.0.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&self.0, None),
        }
    }
}

impl From<ReturnTo> for String {
    fn from(page: ReturnTo) -> Self {
        page.0
    }
}

impl TryFrom<String> for ReturnTo {
    type Error = NotLocal;

    /// Reads what was stored. It was parsed before; everything but the base path is checked again.
    fn try_from(stored: String) -> Result<Self, NotLocal> {
        Self::parse(&stored, "").ok_or(NotLocal)
    }
}

/// A stored value is no page of this application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a local path")]
pub struct NotLocal;

/// It goes into a cookie, which holds 4096 bytes in all.
const MAX_BYTES: usize = 2048;

/// Any origin will do to find out whether a candidate leaves it (RFC 2606 reserves the name).
const SOME_ORIGIN: &str = "https://rp.invalid";
