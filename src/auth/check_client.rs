//! The check of a configuration: the client, and what it asks the provider for.

use url::Url;

use super::builder::OidcAuthBuilder;
use crate::config::base_url::is_https_or_loopback;
use crate::config::cookie_names::is_cookie_name;
use crate::config::error::Findings;
use crate::protocol::authorization_request::RESERVED_PARAMETERS;

pub(super) fn check_client(builder: &OidcAuthBuilder, findings: &mut Findings) {
    let setting = "issuer";
    match Url::parse(&builder.issuer) {
        Err(_) => findings.add(
            setting,
            "it is not an absolute URL",
            "use the issuer identifier exactly as the provider states it, such as https://op.example.com",
        ),
        Ok(url) => {
            findings.add_if(
                !is_https_or_loopback(&url),
                setting,
                "it is not https",
                "use https; http is for a provider on a loopback address only",
            );
            findings.add_if(
                url.query().is_some() || url.fragment().is_some() || !url.username().is_empty(),
                setting,
                "it has a query, fragment or user name",
                "an issuer identifier has none (OpenID Connect Discovery 1.0 section 2)",
            );
        }
    }
    let printable = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    findings.add_if(
        builder.client_id.is_empty() || !printable(&builder.client_id),
        "client_id",
        "it is empty or has characters other than printable ASCII",
        "use the client id that the provider issued",
    );
    if let Some(secret) = &builder.client_secret {
        use secrecy::ExposeSecret as _;
        findings.add_if(
            secret.expose_secret().is_empty(),
            "client_secret",
            "it is empty",
            "use the secret that the provider issued, or leave it out for a public client",
        );
    }
    if let Some(name) = &builder.cookie_name {
        findings.add_if(
            !is_cookie_name(name),
            "cookie_name",
            "it is not a token of at most 64 characters, or it begins with two underscores",
            "use letters, digits, '-' and '_'; the prefix __Host- is added where it belongs",
        );
    }
}

pub(super) fn check_requests(builder: &mut OidcAuthBuilder, findings: &mut Findings) {
    let requests = &mut builder.requests;
    for scope in &requests.scopes {
        findings.add_if(
            scope.is_empty()
                || scope.contains(|c: char| !c.is_ascii_graphic() || c == '"' || c == '\\'),
            "scopes",
            "a scope is empty or has a space, a quote or a backslash in it",
            "give every scope as an item of its own (RFC 6749 section 3.3)",
        );
    }
    if !requests.scopes.iter().any(|scope| scope == "openid") {
        requests.scopes.insert(0, "openid".to_owned());
    }
    findings.add_if(
        requests.prompt.as_deref().is_some_and(|prompt| prompt.split(' ').any(|p| p == "none")),
        "prompt",
        "`none` shows no sign-in page, so nobody could sign in",
        "leave it out, or use login, consent or select_account",
    );
    findings.add_if(
        requests.acr_values.iter().any(|value| value.is_empty() || value.contains(' ')),
        "acr_values",
        "a value is empty or has a space in it, so that no ID Token could have it",
        "give every value as an item of its own",
    );
    for (name, _) in &requests.extra {
        findings.add_if(
            name.is_empty() || RESERVED_PARAMETERS.contains(&name.as_str()),
            "authorization_parameter",
            &format!("`{name}` is a parameter that this crate sets itself"),
            "use the builder's method for it, if there is one",
        );
    }
    for resource in &requests.resource {
        findings.add_if(
            Url::parse(resource).map_or(true, |url| url.fragment().is_some()),
            "resource",
            "it is not an absolute URI without a fragment",
            "use the identifier of the API (RFC 8707 section 2)",
        );
    }
}
