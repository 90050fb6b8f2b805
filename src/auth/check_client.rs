//! The check of a configuration: the client, as the provider knows it.

use secrecy::ExposeSecret as _;
use url::Url;

use super::builder::OidcAuthBuilder;
use crate::config::base_url::is_https_or_loopback;
use crate::config::cookie_names::is_cookie_name;
use crate::config::error::Findings;
use crate::config::settings::ClientAuthentication;

pub(super) fn check_client(builder: &OidcAuthBuilder, findings: &mut Findings) {
    if let Some((problem, cure)) = wrong_issuer(&builder.issuer) {
        findings.add("issuer", problem, cure);
    }
    let printable = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    findings.add_if(
        builder.client_id.is_empty() || !printable(&builder.client_id),
        "client_id",
        "it is empty or has characters other than printable ASCII",
        "use the client id that the provider issued",
    );
    check_credentials(builder, findings);
    findings.add_if(
        builder.trusted_audiences.iter().any(|one| one.is_empty() || has_control(one)),
        "trusted_audiences",
        "an audience is empty or has a line break or another control character in it",
        "use the values that stand in the ID Token's aud beside the client id",
    );
    if let Some(name) = &builder.cookie_name {
        findings.add_if(
            !is_cookie_name(name),
            "cookie_name",
            "it is not a token of at most 64 characters, or it begins with two underscores",
            "use letters, digits, '-' and '_'; the prefix __Host- is added where it belongs",
        );
    }
}

/// What is wrong with an issuer that no metadata and no ID Token could state, and the cure.
fn wrong_issuer(issuer: &str) -> Option<(&'static str, String)> {
    const AS_STATED: &str = "use the issuer identifier exactly as the provider states it, such as \
                             https://op.example.com";
    if issuer.contains(|c: char| c.is_control() || c.is_whitespace()) {
        let problem = "it has a space, a line break or another control character in it";
        return Some((problem, AS_STATED.to_owned()));
    }
    let Ok(url) = Url::parse(issuer) else {
        return Some(("it is not an absolute URL", AS_STATED.to_owned()));
    };
    if !is_https_or_loopback(&url) {
        let cure = "use https; http is for a provider on a loopback address only";
        return Some(("it is not https", cure.to_owned()));
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if url.query().is_some() || url.fragment().is_some() || has_user {
        let cure = "an issuer identifier has none (OpenID Connect Discovery 1.0 section 2)";
        return Some(("it has a query, fragment or user name", cure.to_owned()));
    }
    if let Some((before, _)) = issuer.split_once("/.well-known/") {
        let problem = "it is the URL of the discovery document, not the issuer";
        return Some((
            problem,
            format!("use the member `issuer` of that document, often {before}"),
        ));
    }
    let segments = || url.path_segments().into_iter().flatten();
    let of_everyone = url.host_str() == Some("login.microsoftonline.com")
        && segments().next().is_some_and(|first| EVERY_DIRECTORY.contains(&first));
    (of_everyone || issuer.contains(['{', '}'])).then(|| {
        let problem = "it stands for the issuers of many directories, and no ID Token states it";
        (problem, "put the id of your directory (tenant) in its place".to_owned())
    })
}

fn check_credentials(builder: &OidcAuthBuilder, findings: &mut Findings) {
    let secret = builder.client_secret.as_ref().map(|secret| secret.expose_secret());
    findings.add_if(
        secret.is_some_and(str::is_empty),
        "client_secret",
        "it is empty",
        "use the secret that the provider issued, or leave it out for a public client",
    );
    findings.add_if(
        secret.is_some_and(has_control),
        "client_secret",
        "it has a line break or another control character in it",
        "use the secret that the provider issued, without the line break of the file that it comes from",
    );
    let needs_one = matches!(
        builder.client_authentication,
        Some(ClientAuthentication::Basic | ClientAuthentication::Post)
    );
    findings.add_if(
        needs_one && secret.is_none(),
        "client_authentication",
        "it needs a client secret, and none is set",
        "set client_secret, or use ClientAuthentication::None if the client is registered as public",
    );
}

pub(super) fn has_control(text: &str) -> bool {
    text.contains(char::is_control)
}

/// Paths of Entra ID where users of any directory, or of none, sign in.
const EVERY_DIRECTORY: [&str; 3] = ["common", "organizations", "consumers"];
