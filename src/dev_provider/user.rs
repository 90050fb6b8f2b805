//! A person who can sign in at the development provider.

use serde_json::{Map, Value};

/// An End-User, with the claims about them.
///
/// The claims are in the ID Token and in the UserInfo response, as far as the scope asks for them (OpenID Connect Core
/// 1.0 section 5.4: `name` and the like with `profile`, `email` with `email`); a claim that no scope names is always
/// there.
///
/// ```
/// use axum_oidc_session::dev_provider::DevUser;
/// use serde_json::json;
///
/// let user = DevUser::new("ada")
///     .name("Ada Lovelace")
///     .email("ada@example.com")
///     .claim("groups", json!(["engineers"]));
/// # let _ = user;
/// ```
#[derive(Clone, Debug)]
pub struct DevUser {
    pub(crate) sub: String,
    pub(crate) claims: Map<String, Value>,
    pub(crate) userinfo_claims: Map<String, Value>,
}

impl DevUser {
    /// A person whose `sub` is `sub`, without further claims.
    pub fn new(sub: impl Into<String>) -> Self {
        Self { sub: sub.into(), claims: Map::new(), userinfo_claims: Map::new() }
    }

    /// Sets the claim `name`.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        let name: String = name.into();
        self.claim("name", name)
    }

    /// Sets the claim `email`, and `email_verified` to true.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        let email: String = email.into();
        self.claim("email", email).claim("email_verified", true)
    }

    /// Sets any claim, in the ID Token and in UserInfo.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets a claim that only UserInfo has, or in which it differs from the ID Token.
    #[must_use]
    pub fn userinfo_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.userinfo_claims.insert(name.into(), value.into());
        self
    }

    /// The claims of the ID Token that `scope` lets through, `sub` apart.
    pub(crate) fn claims_for(&self, scope: &[String]) -> impl Iterator<Item = (&String, &Value)> {
        self.claims.iter().filter(move |(name, _)| in_scope(name, scope))
    }

    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }
}

/// OpenID Connect Core 1.0 section 5.4.
fn in_scope(claim: &str, scope: &[String]) -> bool {
    let asked = |name: &str| scope.iter().any(|value| value == name);
    match claim {
        "email" | "email_verified" => asked("email"),
        "address" => asked("address"),
        "phone_number" | "phone_number_verified" => asked("phone"),
        _ if PROFILE.contains(&claim) => asked("profile"),
        _ => true,
    }
}

const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

/// Who can sign in when the builder is told nobody.
pub(crate) fn default_users() -> Vec<DevUser> {
    vec![
        DevUser::new("ada")
            .name("Ada Lovelace")
            .email("ada@example.com")
            .claim("groups", vec!["engineers"]),
        DevUser::new("grace")
            .name("Grace Hopper")
            .email("grace@example.com")
            .claim("groups", vec!["admins"]),
        DevUser::new("margaret").name("Margaret Hamilton").email("margaret@example.com"),
    ]
}
