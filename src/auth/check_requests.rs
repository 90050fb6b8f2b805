//! The check of a configuration: what the client asks the provider for.

use url::Url;

use super::builder::OidcAuthBuilder;
use super::check_client::has_control;
use crate::config::error::Findings;
use crate::config::settings::AuthorizationSettings;
use crate::protocol::authorization_request::RESERVED_PARAMETERS;

pub(super) fn check_requests(builder: &mut OidcAuthBuilder, findings: &mut Findings) {
    let requests = &mut builder.requests;
    check_scopes(requests, findings);
    findings.add_if(
        requests.prompt.as_deref().is_some_and(|prompt| prompt.split(' ').any(|p| p == "none")),
        "prompt",
        "`none` shows no sign-in page, so nobody could sign in",
        "leave it out, or use login, consent or select_account",
    );
    findings.add_if(
        requests.prompt.as_deref().is_some_and(is_no_value),
        "prompt",
        "it is empty or has a line break or another control character in it",
        "leave it out, or use login, consent or select_account",
    );
    findings.add_if(
        requests.prompt.as_deref().is_some_and(|prompt| prompt.contains(',')),
        "prompt",
        "it has a comma in it",
        "separate several values by spaces (OpenID Connect Core 3.1.2.1)",
    );
    let no_word = |value: &String| value.is_empty() || value.contains(' ') || has_control(value);
    findings.add_if(
        requests.acr_values.iter().any(no_word),
        "acr_values",
        "a value is empty or has a space or a control character in it, so that no ID Token could have it",
        "give every value as an item of its own",
    );
    findings.add_if(
        requests.audience.as_deref().is_some_and(is_no_value),
        "audience",
        "it is empty or has a line break or another control character in it",
        "use the identifier of the API, as the provider knows it",
    );
    check_parameters(requests, findings);
    for resource in &requests.resource {
        findings.add_if(
            has_control(resource)
                || Url::parse(resource).map_or(true, |url| url.fragment().is_some()),
            "resource",
            "it is not an absolute URI without a fragment",
            "use the identifier of the API (RFC 8707 section 2)",
        );
    }
}

/// `openid` is what makes it OpenID Connect, and `offline_access` is a setting of its own; everything else is sent as it is.
fn check_scopes(requests: &mut AuthorizationSettings, findings: &mut Findings) {
    for scope in &requests.scopes {
        findings.add_if(
            scope.is_empty()
                || scope.contains(|c: char| !c.is_ascii_graphic() || c == '"' || c == '\\'),
            "scopes",
            "a scope is empty or has a space, a line break, a quote or a backslash in it",
            "give every scope as an item of its own (RFC 6749 section 3.3)",
        );
        findings.add_if(
            scope.contains(','),
            "scopes",
            &format!("`{}` has a comma in it", scope.escape_debug()),
            "give every scope as an item of its own: they are not separated by commas",
        );
    }
    let has = |scopes: &[String], scope: &str| scopes.iter().any(|one| one == scope);
    if !has(&requests.scopes, "openid") {
        requests.scopes.insert(0, "openid".to_owned());
    }
    if requests.offline_access && !has(&requests.scopes, "offline_access") {
        requests.scopes.push("offline_access".to_owned());
    }
}

fn check_parameters(requests: &AuthorizationSettings, findings: &mut Findings) {
    let setting = "authorization_parameter";
    for (index, (name, value)) in requests.extra.iter().enumerate() {
        let shown = name.escape_debug();
        findings.add_if(
            name.is_empty() || RESERVED_PARAMETERS.contains(&name.as_str()),
            setting,
            &format!("`{shown}` is a parameter that this crate sets itself"),
            "use the builder's method for it, if there is one",
        );
        findings.add_if(
            has_control(name) || has_control(value),
            setting,
            &format!("`{shown}` has a line break or another control character in it"),
            "use the name and the value that the provider documents",
        );
        findings.add_if(
            requests.extra[..index].iter().any(|(other, _)| other == name),
            setting,
            &format!("`{shown}` is set twice"),
            "set it once: a request with a repeated parameter is refused (RFC 6749 section 3.1)",
        );
    }
}

fn is_no_value(text: &str) -> bool {
    text.is_empty() || has_control(text)
}
