//! The authorization request (OIDC Core 3.1.2.1) as a URL to send the browser to.
//!
//! 1. The authorization code flow with PKCE, always: `response_type=code`, `code_challenge_method=S256`. No
//!    `response_mode`: the default for `code` is the query.
//! 2. A query that the endpoint already has is kept (RFC 6749 section 3.1).
//! 3. `prompt` is sent as given. `offline_access` asks for `prompt=consent` in OIDC Core section 11, but deployed
//!    providers grant refresh tokens without, and adding it would put a consent page into every sign-in.
//! 4. `resource` is repeated (RFC 8707 section 2); lists of words are joined by a space.
//! 5. The application's own parameters come last and are none of [`RESERVED_PARAMETERS`]; the configuration sees to that.

use std::time::Duration;

use url::Url;

use super::pkce;

/// What one login attempt asks of the OpenID Provider.
#[derive(Clone, Copy)]
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) endpoint: &'a Url,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) code_challenge: &'a str,
    pub(crate) prompt: Option<&'a str>,
    /// Whole seconds are sent; a fraction is dropped.
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: &'a [String],
    pub(crate) ui_locales: Option<&'a str>,
    pub(crate) login_hint: Option<&'a str>,
    /// JSON (OIDC Core 5.5).
    pub(crate) claims: Option<&'a str>,
    /// Not a standard parameter; several providers choose the access token's audience by it.
    pub(crate) audience: Option<&'a str>,
    pub(crate) resource: &'a [String],
    pub(crate) extra: &'a [(String, String)],
}

/// `state`, `nonce` and the challenge tie the callback to this attempt: none of them is for a log.
impl std::fmt::Debug for AuthorizationRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("endpoint", &self.endpoint.as_str())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl AuthorizationRequest<'_> {
    /// The URL of the request.
    pub(crate) fn to_url(self) -> Url {
        let mut url = self.endpoint.clone();
        let scope = self.scopes.join(" ");
        let max_age = self.max_age.map(|age| age.as_secs().to_string());
        let acr_values = (!self.acr_values.is_empty()).then(|| self.acr_values.join(" "));
        let optional = [
            ("prompt", self.prompt),
            ("max_age", max_age.as_deref()),
            ("acr_values", acr_values.as_deref()),
            ("ui_locales", self.ui_locales),
            ("login_hint", self.login_hint),
            ("claims", self.claims),
            ("audience", self.audience),
        ];
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", self.state)
            .append_pair("nonce", self.nonce)
            .append_pair("code_challenge", self.code_challenge)
            .append_pair("code_challenge_method", pkce::METHOD)
            .extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value?))))
            .extend_pairs(self.resource.iter().map(|resource| ("resource", resource)))
            .extend_pairs(self.extra);
        url
    }
}

/// The parameters an application may not set by hand: those that carry the security of the flow, and those that have a
/// setting of their own.
pub(crate) const RESERVED_PARAMETERS: &[&str] = &[
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "client_assertion",
    "client_assertion_type",
    "request",
    "request_uri",
    "prompt",
    "max_age",
    "acr_values",
    "ui_locales",
    "login_hint",
    "id_token_hint",
    "claims",
    "audience",
    "resource",
    "dpop_jkt",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(endpoint: &Url) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            endpoint,
            client_id: "client",
            redirect_uri: "https://app.example/auth/callback",
            scopes: &[],
            state: "state-1",
            nonce: "nonce-1",
            code_challenge: "challenge-1",
            prompt: None,
            max_age: None,
            acr_values: &[],
            ui_locales: None,
            login_hint: None,
            claims: None,
            audience: None,
            resource: &[],
            extra: &[],
        }
    }

    fn pairs(url: &Url) -> Vec<(String, String)> {
        url.query_pairs().into_owned().collect()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn least_request_holds_exactly_what_the_flow_needs() {
        let endpoint = Url::parse("https://op.example/authorize").unwrap();
        let scopes = ["openid".to_owned(), "offline_access".to_owned()];
        let url = AuthorizationRequest { scopes: &scopes, ..bare(&endpoint) }.to_url();
        assert_eq!(
            pairs(&url),
            owned(&[
                ("response_type", "code"),
                ("client_id", "client"),
                ("redirect_uri", "https://app.example/auth/callback"),
                ("scope", "openid offline_access"),
                ("state", "state-1"),
                ("nonce", "nonce-1"),
                ("code_challenge", "challenge-1"),
                ("code_challenge_method", "S256"),
            ])
        );
    }

    #[test]
    fn endpoint_keeps_its_query() {
        let endpoint = Url::parse("https://op.example/authorize?p=b2c_1%26a").unwrap();
        let url = bare(&endpoint).to_url();
        assert!(
            url.as_str()
                .starts_with("https://op.example/authorize?p=b2c_1%26a&response_type=code&")
        );
    }

    #[test]
    fn every_option_is_sent_and_encoded() {
        let endpoint = Url::parse("https://op.example/authorize").unwrap();
        let (acr, resource) =
            (["a".to_owned(), "b".to_owned()], ["https://x".to_owned(), "https://y".to_owned()]);
        let extra = [("organization".to_owned(), "org & co".to_owned())];
        let url = AuthorizationRequest {
            prompt: Some("login"),
            max_age: Some(Duration::from_millis(60_999)),
            acr_values: &acr,
            ui_locales: Some("de fr"),
            login_hint: Some("user+tag@example.org"),
            claims: Some(r#"{"id_token":{}}"#),
            audience: Some("api"),
            resource: &resource,
            extra: &extra,
            ..bare(&endpoint)
        }
        .to_url();
        assert_eq!(
            pairs(&url)[8..],
            owned(&[
                ("prompt", "login"),
                ("max_age", "60"),
                ("acr_values", "a b"),
                ("ui_locales", "de fr"),
                ("login_hint", "user+tag@example.org"),
                ("claims", r#"{"id_token":{}}"#),
                ("audience", "api"),
                ("resource", "https://x"),
                ("resource", "https://y"),
                ("organization", "org & co"),
            ])
        );
    }

    #[test]
    fn everything_this_crate_sends_is_reserved() {
        let endpoint = Url::parse("https://op.example/authorize").unwrap();
        let one = ["x".to_owned()];
        let url = AuthorizationRequest {
            prompt: Some("x"),
            max_age: Some(Duration::ZERO),
            acr_values: &one,
            ui_locales: Some("x"),
            login_hint: Some("x"),
            claims: Some("x"),
            audience: Some("x"),
            resource: &one,
            ..bare(&endpoint)
        }
        .to_url();
        for (name, _) in url.query_pairs() {
            assert!(RESERVED_PARAMETERS.contains(&name.as_ref()), "{name}");
        }
    }

    #[test]
    fn debug_shows_neither_state_nor_nonce() {
        let endpoint = Url::parse("https://op.example/authorize").unwrap();
        let debug = format!("{:?}", bare(&endpoint));
        assert!(!debug.contains("state-1") && !debug.contains("nonce-1"), "{debug}");
    }
}
