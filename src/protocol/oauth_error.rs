//! The error answer of the token and revocation endpoints (RFC 6749 section 5.2), fit for a log.
//!
//! 1. `error` is printable ASCII of at most 100 characters, `error_description` at most 1,000 bytes.
//! 2. Control characters, and those that change how a text is read (of direction or width), become spaces; mail addresses are
//!    left out: some providers name the user.
//! 3. What was sent and must stay secret is left out, should the provider repeat it.
//! 4. Who prints it gets the description as a quoted text in which everything unprintable is escaped: it cannot look like
//!    another line or field of the log.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::token_response::{is_hidden, object, printable};

/// The error answer of the token or revocation endpoint (RFC 6749 section 5.2).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthError {
    /// The error code, such as `invalid_grant`; only printable ASCII, at most 100 characters.
    pub error: String,
    /// The provider's text for the developer, such as the AADSTS codes of Entra ID: at most 1,000 bytes, without control
    /// characters and mail addresses. It is a stranger's word: escape it where it is shown.
    pub error_description: Option<String>,
}

impl OAuthError {
    /// An error with a text, both made fit for a log.
    pub(crate) fn new(error: &str, description: Option<&str>) -> Self {
        Self {
            error: printable(error, LONGEST_ERROR, char::is_ascii),
            error_description: description.map(clean).filter(|text| !text.is_empty()),
        }
    }

    /// Reads a body; `None` if it is not an OAuth error.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            error: Value,
            error_description: Option<Value>,
        }
        let document: Document = object(body)?;
        let description = document.error_description.as_ref().and_then(Value::as_str);
        let parsed = Self::new(document.error.as_str()?, description);
        (!parsed.error.is_empty()).then_some(parsed)
    }

    /// Without `secrets`, wherever the provider repeats them.
    #[must_use]
    pub(crate) fn without<'a>(self, secrets: impl Iterator<Item = &'a str>) -> Self {
        let (mut error, mut description) = (self.error, self.error_description);
        for secret in secrets.filter(|secret| secret.len() >= SHORTEST_SECRET) {
            error = error.replace(secret, LEFT_OUT);
            description = description.map(|text| text.replace(secret, LEFT_OUT));
        }
        Self { error, error_description: description }
    }

    /// The code or refresh token is invalid, expired, revoked or somebody else's.
    pub fn is_invalid_grant(&self) -> bool {
        self.error == "invalid_grant"
    }

    /// Whether a new login helps: the user's grant is gone, or the provider wants to ask the user something. Every other
    /// code, also an unknown one, is for the operator or for time to resolve.
    pub fn needs_a_login(&self) -> bool {
        self.login_need().is_some()
    }

    /// Its code, if a new login helps.
    pub(crate) fn login_need(&self) -> Option<LoginNeed> {
        let place = NEED_A_LOGIN.iter().position(|code| *code == self.error)?;
        u8::try_from(place).ok().map(LoginNeed)
    }
}

/// The code of a refusal that a new login helps against, as a session remembers it: by its place in a list that only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LoginNeed(u8);

impl From<LoginNeed> for OAuthError {
    fn from(need: LoginNeed) -> Self {
        let code = NEED_A_LOGIN.get(usize::from(need.0)).copied();
        Self::new(code.unwrap_or("invalid_grant"), None)
    }
}

/// The code alone; [`Display`](fmt::Display) has the description.
impl fmt::Debug for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthError").field("error", &self.error).finish_non_exhaustive()
    }
}

/// The code, and the description quoted and escaped.
impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error_description {
            Some(description) => write!(f, "{} {description:?}", self.error),
            None => f.write_str(&self.error),
        }
    }
}

impl std::error::Error for OAuthError {}

/// Rules 1 and 2.
fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    let words = spaced.split_whitespace().map(without_address);
    printable(&words.collect::<Vec<_>>().join(" "), LONGEST_DESCRIPTION, |_| true)
}

/// A word with an `@` in it loses what could be a part of a mail address.
fn without_address(word: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "._%+-@".contains(c);
    if !word.contains('@') {
        return word.to_owned();
    }
    let (mut clean, mut part) = (String::new(), String::new());
    for c in word.chars().chain(['\0']) {
        if is_part(c) {
            part.push(c);
            continue;
        }
        clean.push_str(if part.contains('@') { LEFT_OUT } else { &part });
        part.clear();
        clean.extend((c != '\0').then_some(c));
    }
    clean
}

/// Refusals of a refresh that only the user can resolve (RFC 6749 section 5.2, OIDC Core 3.1.2.6, RFC 6750 section 3.1).
const NEED_A_LOGIN: [&str; 8] = [
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
    "unauthorized_client",
    "invalid_token",
    "access_denied",
];
const LEFT_OUT: &str = "[left out]";
const LONGEST_ERROR: usize = 100;
const LONGEST_DESCRIPTION: usize = 1000;
/// Shorter values are words of any text.
const SHORTEST_SECRET: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Option<OAuthError> {
        OAuthError::parse(body.as_bytes())
    }

    #[test]
    fn oauth_errors_are_read_and_cleaned() {
        let error = parse(r#"{"error":"invalid_grant","error_description":"a\nb"}"#).unwrap();
        assert!(error.is_invalid_grant());
        assert_eq!(error.error_description.as_deref(), Some("a b"));
        assert_eq!(error.to_string(), r#"invalid_grant "a b""#);
        let error = parse(r#"{"error":"x","error_description":["odd"]}"#).unwrap();
        assert_eq!((error.is_invalid_grant(), error.error_description), (false, None));
        for body in
            ["", "<html>", "{}", r#"{"error":""}"#, r#"{"error":{"code":1}}"#, r#"["error",null]"#]
        {
            assert_eq!(parse(body), None, "{body}");
        }
    }

    #[test]
    fn what_a_provider_says_is_bounded_and_escaped() {
        let long = "x".repeat(5_000);
        let error = OAuthError::new(&long, Some(&long));
        assert_eq!((error.error.len(), error.error_description.unwrap().len()), (100, 1_000));
        let hostile = "end\r\ncode=\"fine\" \u{1b}[31m \u{202e}evil";
        let shown = OAuthError::new("x", Some(hostile)).to_string();
        assert!(!shown.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{shown}");
        assert!(shown.contains(r#"code=\"fine\""#), "{shown}");
    }

    #[test]
    fn the_text_that_support_asks_for_is_kept() {
        let text = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 0b-1 Timestamp: 1";
        let error = OAuthError::new("invalid_client", Some(text));
        let kept = "AADSTS7000215: Invalid client secret provided. Trace ID: 0b-1 Timestamp: 1";
        assert_eq!(error.error_description.as_deref(), Some(kept));
    }

    #[test]
    fn neither_addresses_nor_secrets_are_kept() {
        let text = "the user 'ada@example.com' (ada.l+x@mail.example) sent s3cret-value, not @ all";
        let error = OAuthError::new("x", Some(text)).without(["s3cret-value", "not"].into_iter());
        let kept = "the user '[left out]' ([left out]) sent [left out], not [left out] all";
        assert_eq!(error.error_description.as_deref(), Some(kept));
    }

    #[test]
    fn only_what_the_user_can_resolve_needs_a_login() {
        for (error, needs) in [
            ("invalid_grant", true),
            ("interaction_required", true),
            ("login_required", true),
            ("consent_required", true),
            ("account_selection_required", true),
            ("unauthorized_client", true),
            ("invalid_token", true),
            ("access_denied", true),
            ("invalid_client", false),
            ("invalid_request", false),
            ("invalid_scope", false),
            ("invalid_dpop_proof", false),
            ("unsupported_grant_type", false),
            ("server_error", false),
            ("Invalid_Grant", false),
            ("whatever", false),
        ] {
            let refusal = OAuthError::new(error, None);
            assert_eq!(refusal.needs_a_login(), needs, "{error}");
            if let Some(need) = refusal.login_need() {
                assert_eq!(OAuthError::from(need), refusal);
            }
        }
    }
}
