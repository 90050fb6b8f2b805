//! Whether the claims of a user are what is asked for.
//!
//! 1. A path leads through objects, one name a step; a name is compared whole, dots and colons included. What it leads to is
//!    judged; a path that leads nowhere breaks every rule.
//! 2. `equals`: it is this JSON value. Numbers are equal if they are written alike: `1` is not `1.0`.
//! 3. `contains`: it is an array that has this text, or a text of words separated by spaces, as `scope` is (RFC 6749 section
//!    3.3), one of which it is. A text of one word is such a list.
//! 4. `predicate`: the application says so.
//! 5. `scope`: it is one of the words of the scope that was granted. That is no claim, but asked for like one.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::claims::Claims;

/// Rule 5.
pub(crate) fn has_scope(granted: &str, wanted: &str) -> bool {
    has_word(granted, wanted)
}

/// Where a claim is: its name, or the names that lead to it through objects.
///
/// ```
/// use axum_oidc_session::ClaimPath;
///
/// let top_level = ClaimPath::from("https://example.com/roles");
/// let nested = ClaimPath::from(["realm_access", "roles"]);
/// # let _ = (top_level, nested);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath {
    name: Box<str>,
    /// The way on from there.
    below: Box<[Box<str>]>,
}

impl From<&str> for ClaimPath {
    /// One claim at the top, whatever characters its name has.
    fn from(name: &str) -> Self {
        Self { name: name.into(), below: Box::default() }
    }
}

impl<const N: usize> From<[&str; N]> for ClaimPath {
    /// The names from the top down; at least one, or it does not compile.
    fn from(names: [&str; N]) -> Self {
        const { assert!(N > 0, "a path to a claim has at least one name") };
        let mut names = names.into_iter().map(Box::from);
        Self { name: names.next().unwrap_or_default(), below: names.collect() }
    }
}

/// One thing that claims must be.
#[derive(Clone)]
pub(crate) enum ClaimRule {
    /// Rule 2.
    Equals(ClaimPath, Value),
    /// Rule 3.
    Contains(ClaimPath, String),
    /// Rule 4.
    Predicate(Predicate),
}

/// A rule of the application.
type Predicate = Arc<dyn Fn(&Claims) -> bool + Send + Sync>;

impl ClaimRule {
    /// Whether the claims keep this rule.
    pub(crate) fn holds(&self, claims: &Claims) -> bool {
        match self {
            Self::Equals(path, expected) => {
                path.find(claims).is_some_and(|value| value == *expected)
            }
            Self::Contains(path, wanted) => {
                path.find(claims).is_some_and(|value| contains(&value, wanted))
            }
            Self::Predicate(predicate) => predicate(claims),
        }
    }
}

/// The values are the application's own; a predicate cannot be shown.
impl fmt::Debug for ClaimRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(path, value) => {
                formatter.debug_tuple("Equals").field(path).field(value).finish()
            }
            Self::Contains(path, text) => {
                formatter.debug_tuple("Contains").field(path).field(text).finish()
            }
            Self::Predicate(_) => formatter.write_str("Predicate"),
        }
    }
}

impl ClaimPath {
    /// Rule 1.
    fn find(&self, claims: &Claims) -> Option<Value> {
        let mut value: Value = claims.get(&self.name).ok()??;
        for name in &self.below {
            value = value.as_object_mut()?.remove(&**name)?;
        }
        Some(value)
    }
}

fn contains(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(entries) => entries.iter().any(|entry| entry == wanted),
        Value::String(words) => has_word(words, wanted),
        _ => false,
    }
}

fn has_word(words: &str, wanted: &str) -> bool {
    words.split(' ').any(|word| !word.is_empty() && word == wanted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> Claims {
        let claims = json!({
            "sub": "ada",
            "email_verified": true,
            "level": 3,
            "nothing": null,
            "groups": ["staff", "on call", 7],
            "scope": "openid orders:read  orders:write ",
            "https://example.com/roles": ["editor"],
            "realm_access": {"roles": ["admin"], "a.b": {"c": "x"}},
            "realm_access.roles": ["dotted"],
            "organization": {"acme": {"id": "1"}},
            "empty": "",
        });
        serde_json::from_value(claims).unwrap()
    }

    #[test]
    fn equals_compares_json() {
        let rows: [(ClaimPath, Value, bool); 15] = [
            ("sub".into(), json!("ada"), true),
            ("sub".into(), json!("Ada"), false),
            ("sub".into(), json!("ad"), false),
            ("email_verified".into(), json!(true), true),
            ("email_verified".into(), json!("true"), false),
            ("level".into(), json!(3), true),
            ("level".into(), json!(3.0), false),
            ("level".into(), json!("3"), false),
            ("nothing".into(), json!(null), false),
            ("absent".into(), json!(null), false),
            ("groups".into(), json!(["staff", "on call", 7]), true),
            ("groups".into(), json!("staff"), false),
            (["organization", "acme", "id"].into(), json!("1"), true),
            (["organization", "other", "id"].into(), json!("1"), false),
            (["sub", "ada"].into(), json!("ada"), false),
        ];
        for (path, value, expected) in rows {
            let row = format!("{path:?} {value}");
            assert_eq!(ClaimRule::Equals(path, value).holds(&claims()), expected, "{row}");
        }
    }

    #[test]
    fn contains_looks_into_arrays_and_at_words() {
        let rows: [(ClaimPath, &str, bool); 18] = [
            ("groups".into(), "staff", true),
            ("groups".into(), "on call", true),
            ("groups".into(), "on", false),
            ("groups".into(), "sta", false),
            ("groups".into(), "7", false),
            ("groups".into(), "", false),
            ("scope".into(), "orders:read", true),
            ("scope".into(), "orders:write", true),
            ("scope".into(), "orders", false),
            ("scope".into(), "openid orders:read", false),
            ("scope".into(), "", false),
            ("empty".into(), "", false),
            ("sub".into(), "ada", true),
            ("absent".into(), "ada", false),
            ("https://example.com/roles".into(), "editor", true),
            ("realm_access.roles".into(), "admin", false),
            (["realm_access", "roles"].into(), "admin", true),
            (["realm_access", "a.b", "c"].into(), "x", true),
        ];
        for (path, wanted, expected) in rows {
            let row = format!("{path:?} {wanted}");
            let rule = ClaimRule::Contains(path, wanted.to_owned());
            assert_eq!(rule.holds(&claims()), expected, "{row}");
        }
        // An object's names are no entries.
        assert!(!ClaimRule::Contains("organization".into(), "acme".to_owned()).holds(&claims()));
    }

    #[test]
    fn a_scope_is_a_whole_word() {
        for (granted, wanted, expected) in [
            ("openid orders:read", "orders:read", true),
            ("openid orders:read", "orders", false),
            ("openid orders:read", "openid orders:read", false),
            ("openid", "OpenID", false),
            ("", "", false),
            ("openid ", "", false),
        ] {
            assert_eq!(has_scope(granted, wanted), expected, "{granted:?} {wanted:?}");
        }
    }

    #[test]
    fn a_predicate_decides_alone_and_is_not_shown() {
        let is = |sub: &'static str| {
            ClaimRule::Predicate(Arc::new(move |claims: &Claims| claims.sub() == sub))
        };
        assert!(is("ada").holds(&claims()) && !is("bob").holds(&claims()));
        assert_eq!(format!("{:?}", is("ada")), "Predicate");
    }
}
