//! GET session script: what `<script src="/auth/session.js" defer></script>` loads.
//!
//! | request | answer |
//! |---|---|
//! | GET, HEAD | 200, `text/javascript`, with an `ETag` |
//! | the same with `If-None-Match`, and it is the browser's already | 304 |
//! | another method | 405 |
//!
//! 1. It is the same for everybody and says nothing of any session: shared caches may keep it.
//! 2. For an hour without asking again: a page costs no request for it, and a corrected script is everywhere an hour after
//!    it is deployed.
//! 3. It finds the session's answer relative to its own URL, so that a prefix that a proxy adds changes nothing.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum_core::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use ring::digest;

use crate::config::paths::AuthPaths;

/// The script as it is served.
#[derive(Debug)]
pub(super) struct SessionScript {
    text: Bytes,
    etag: HeaderValue,
}

impl SessionScript {
    pub(super) fn new(paths: &AuthPaths) -> Self {
        let session = relative(&paths.session_script, &paths.session);
        let text = squeezed(SOURCE).replace("{session}", &session);
        let etag = etag(text.as_bytes());
        Self { text: text.into(), etag }
    }

    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if self.is_known(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let headers = [(CONTENT_TYPE, JAVASCRIPT), (X_CONTENT_TYPE_OPTIONS, NOSNIFF)];
            (headers, self.text.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, AN_HOUR);
        headers.insert(ETAG, self.etag.clone());
        response
    }

    /// RFC 9110 section 13.1.2, by weak comparison.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(IF_NONE_MATCH).iter();
        let mut tags = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        tags.any(|tag| {
            let tag = tag.trim_ascii();
            tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes()
        })
    }
}

/// The path `to` as seen from `from`; both are plain and begin with a slash.
fn relative(from: &str, to: &str) -> String {
    let folders = from.matches('/').count().saturating_sub(1);
    format!("{}{}", "../".repeat(folders), to.trim_start_matches('/'))
}

/// The script without the lines that are comments, and without the spaces that stand beside a punctuation mark.
///
/// Enough for a script that is written for it: statements end with a semicolon, texts stand in single quotes on one line,
/// and nothing needs a space between two operators.
fn squeezed(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let code = lines.collect::<Vec<_>>().join(" ");
    let mut squeezed = String::with_capacity(code.len());
    for (index, part) in code.split('\'').enumerate() {
        if index > 0 {
            squeezed.push('\'');
        }
        if index % 2 == 1 {
            squeezed.push_str(part);
            continue;
        }
        let mut spaced = false;
        for character in part.chars() {
            if character == ' ' {
                spaced = true;
                continue;
            }
            let needed = !PUNCTUATION.contains(character)
                && squeezed.chars().next_back().is_some_and(|last| !PUNCTUATION.contains(last));
            if spaced && needed {
                squeezed.push(' ');
            }
            spaced = false;
            squeezed.push(character);
        }
    }
    squeezed
}

fn etag(text: &[u8]) -> HeaderValue {
    let digest = digest::digest(&digest::SHA256, text);
    let mut tag = String::from("\"");
    for byte in &digest.as_ref()[..8] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

const SOURCE: &str = include_str!("session.js");
const PUNCTUATION: &str = "{}()[];,:?=<>&|!.*+-/'";
const JAVASCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_answer_is_relative() {
        for (from, to, expected) in [
            ("/auth/session.js", "/auth/session", "../auth/session"),
            ("/s.js", "/auth/session", "auth/session"),
            ("/a/b/s.js", "/whoami", "../../whoami"),
        ] {
            assert_eq!(relative(from, to), expected);
            let url = url::Url::parse(&format!("https://app.example.com/prefix{from}")).unwrap();
            let url = url.join(expected).unwrap();
            assert_eq!(url.as_str(), format!("https://app.example.com/prefix{to}"));
        }
    }

    #[test]
    fn comments_and_spare_spaces_go_and_texts_stay() {
        let source = "// A remark.\nconst a = 'b  c' + d;\n\n  // Another.\n  if (a) return a;\n  else go('it, or :');\n";
        let expected = "const a='b  c'+d;if(a)return a;else go('it, or :');";
        assert_eq!(squeezed(source), expected);
    }

    #[test]
    fn another_script_has_another_tag() {
        let usual = SessionScript::new(&AuthPaths::default());
        let paths = AuthPaths { session: "/whoami".to_owned(), ..AuthPaths::default() };
        assert_ne!(usual.etag, SessionScript::new(&paths).etag);
        assert_eq!(usual.etag, SessionScript::new(&AuthPaths::default()).etag);
        assert_eq!(usual.etag.len(), 18);
    }
}
