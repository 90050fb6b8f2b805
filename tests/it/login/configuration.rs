//! Every configuration error, with the setting and a cure; all at once.

use std::time::Duration;

use axum_oidc_session::clock::ManualClock;
use axum_oidc_session::{
    AuthPaths, ClientAuthentication, ConfigError, HttpClientSettings, MalformedPolicy, MemoryStore,
    OidcAuth, OidcAuthBuilder, Store,
};

use crate::support::SealedTestStore;

fn good() -> OidcAuthBuilder {
    with("https://op.example.com", "client")
}

fn with(issuer: &str, client_id: &str) -> OidcAuthBuilder {
    OidcAuth::builder(issuer, client_id)
        .client_secret("secret")
        .base_url("https://app.example.com")
        .store(MemoryStore::default())
}

fn errors(builder: OidcAuthBuilder) -> Vec<ConfigError> {
    builder.build().err().map(|errors| errors.iter().cloned().collect()).unwrap_or_default()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn login_path(path: &str) -> AuthPaths {
    AuthPaths { login: path.to_owned(), ..AuthPaths::default() }
}

#[test]
fn the_usual_configuration_has_no_error() {
    assert_eq!(errors(good()), []);
}

#[test]
fn each_error_names_its_setting_what_is_wrong_and_the_cure() {
    let sealed = || Store::from(SealedTestStore::new(ManualClock::at(0)));
    let without = |set: fn(OidcAuthBuilder) -> OidcAuthBuilder| {
        set(OidcAuth::builder("https://op.example.com", "client").client_secret("secret"))
    };
    let without_secret = |method| {
        let client = OidcAuth::builder("https://op.example.com", "client");
        let client = client.client_authentication(method).base_url("https://app.example.com");
        client.store(MemoryStore::default())
    };
    let rows: Vec<(OidcAuthBuilder, &str, &str)> = vec![
        (with("op.example.com", "c"), "issuer", "not an absolute URL"),
        (with("http://op.example.com", "c"), "issuer", "not https"),
        (with("https://op.example.com?a=b", "c"), "issuer", "query, fragment or user name"),
        (with("https://op.example.com#a", "c"), "issuer", "query, fragment or user name"),
        (with("https://me@op.example.com", "c"), "issuer", "query, fragment or user name"),
        (with("https://:pw@op.example.com", "c"), "issuer", "query, fragment or user name"),
        (with("https://op.example.com\n", "c"), "issuer", "line break"),
        (with(" https://op.example.com", "c"), "issuer", "space"),
        (with("https://op.exa\tmple.com", "c"), "issuer", "control character"),
        (
            with("https://op.example.com/.well-known/openid-configuration", "c"),
            "issuer",
            "discovery document",
        ),
        (
            with("https://op.example.com/a/.well-known/oauth-authorization-server", "c"),
            "issuer",
            "discovery document",
        ),
        (with("https://login.microsoftonline.com/common/v2.0", "c"), "issuer", "many directories"),
        (
            with("https://login.microsoftonline.com/{tenantid}/v2.0", "c"),
            "issuer",
            "many directories",
        ),
        (with("https://op.example.com", ""), "client_id", "empty"),
        (with("https://op.example.com", "a\nb"), "client_id", "printable ASCII"),
        (good().client_secret(""), "client_secret", "empty"),
        (good().client_secret("secret\n"), "client_secret", "line break"),
        (good().client_secret("sec\0ret"), "client_secret", "control character"),
        (without_secret(ClientAuthentication::Basic), "client_authentication", "client secret"),
        (without_secret(ClientAuthentication::Post), "client_authentication", "client secret"),
        (good().trusted_audiences([""]), "trusted_audiences", "empty"),
        (good().trusted_audiences(["a", "b\n"]), "trusted_audiences", "line break"),
        (good().cookie_name("a b"), "cookie_name", "not a token"),
        (good().cookie_name("__Host-a"), "cookie_name", "two underscores"),
        (good().cookie_name("a".repeat(65)), "cookie_name", "64 characters"),
        (good().scopes(["openid profile"]), "scopes", "space"),
        (good().scopes([""]), "scopes", "empty"),
        (good().scopes(["openid,profile"]), "scopes", "comma"),
        (good().scopes(["openid", "profile\n"]), "scopes", "line break"),
        (good().prompt("login\r"), "prompt", "line break"),
        (good().prompt(""), "prompt", "empty"),
        (good().prompt("login,consent"), "prompt", "comma"),
        (good().acr_values(["gold\n"]), "acr_values", "control character"),
        (good().audience(""), "audience", "empty"),
        (good().audience("api\n"), "audience", "line break"),
        (good().resource("https://a.example\n"), "resource", "absolute URI"),
        (good().authorization_parameter("a", "b\n"), "authorization_parameter", "line break"),
        (good().authorization_parameter("a\n", "b"), "authorization_parameter", "line break"),
        (
            good().authorization_parameter("a", "1").authorization_parameter("a", "2"),
            "authorization_parameter",
            "set twice",
        ),
        (good().prompt("none"), "prompt", "nobody could sign in"),
        (good().prompt("login none"), "prompt", "nobody could sign in"),
        (good().authorization_parameter("", "x"), "authorization_parameter", "sets itself"),
        (good().resource("no URI"), "resource", "absolute URI"),
        (good().resource("https://a.example#b"), "resource", "fragment"),
        (good().idle_limit(Duration::from_millis(999)), "idle_limit", "less than a second"),
        (good().absolute_limit(Duration::ZERO), "absolute_limit", "less than a second"),
        (good().session_expiry_leeway(seconds(29)), "session_expiry_leeway", "below 30 s"),
        (
            good().session_expiry_leeway(seconds(60)).insecure_session_expiry_leeway(seconds(1)),
            "session_expiry_leeway",
            "set twice",
        ),
        (good().max_sessions_per_user(0), "max_sessions_per_user", "it is 0"),
        (good().clock_tolerance(seconds(301)), "clock_tolerance", "more than 5 minutes"),
        (good().login_attempt_lifetime(seconds(59)), "login_attempt_lifetime", "between 1 minute"),
        (good().login_attempt_lifetime(seconds(3601)), "login_attempt_lifetime", "1 hour"),
        (
            good().malformed_session_expiry(MalformedPolicy::Cap(seconds(30))),
            "malformed_session_expiry",
            "not longer than the leeway",
        ),
        (good().paths(login_path("login")), "paths", "`login` is not a plain path"),
        (good().paths(login_path("/login/")), "paths", "`/login/` is not a plain path"),
        (good().paths(login_path("/a/../b")), "paths", "is not a plain path"),
        (good().paths(login_path("/{a}")), "paths", "is not a plain path"),
        (good().paths(login_path("/")), "paths", "is not a plain path"),
        (good().paths(login_path("/auth/callback")), "paths", "used twice"),
        (without(|auth| auth.store(MemoryStore::default())), "base_url", "not set"),
        (good().base_url("app.example.com"), "base_url", "not an absolute URL"),
        (good().base_url("http://app.example.com"), "base_url", "https://"),
        (good().base_url("https://app.example.com/?a"), "base_url", "query"),
        (good().base_url("https://app.example.com\n"), "base_url", "line break"),
        (good().store(sealed()), "cookie_keys", "outlives the process"),
        (
            good().http_client(HttpClientSettings::default().timeout(Duration::ZERO)),
            "http_client",
            "zero",
        ),
        (
            good().http_client(HttpClientSettings::default().max_response_size(0)),
            "http_client",
            "0 bytes",
        ),
        (
            good().http_client(HttpClientSettings::default().proxy("ftp://p")),
            "http_client",
            "proxy",
        ),
        (
            good().http_client(HttpClientSettings::default().root_certificates("no PEM")),
            "http_client",
            "certificates",
        ),
        (without(|auth| auth.base_url("https://app.example.com")), "store", "not set"),
    ];
    for (number, (builder, setting, problem)) in rows.into_iter().enumerate() {
        let found = errors(builder);
        let found: Vec<_> = found.iter().map(|it| (it.setting, &*it.problem, &*it.cure)).collect();
        let [(named, what, cure)] = found[..] else { panic!("row {number}: {found:?}") };
        assert_eq!(named, setting, "row {number}");
        assert!(what.contains(problem), "row {number}: {what}");
        assert!(cure.len() > 5, "row {number}");
    }
}

#[test]
fn parameters_that_are_ours_cannot_be_set_by_hand() {
    for name in [
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
    ] {
        let found = errors(good().authorization_parameter(name, "x"));
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].setting, "authorization_parameter");
        assert!(found[0].problem.contains(&format!("`{name}`")), "{}", found[0].problem);
    }
    assert_eq!(errors(good().authorization_parameter("organization", "x")), []);
}

#[test]
fn the_other_side_of_each_boundary_is_right() {
    let rows = [
        with("http://127.0.0.1:8080/realms/a", "c"),
        with("http://localhost:8080", "c"),
        with("http://[::1]:8080", "c"),
        good().cookie_name("a".repeat(64)),
        good().prompt("select_account"),
        good().client_authentication(ClientAuthentication::None),
        good().client_authentication(ClientAuthentication::Post),
        good().trusted_audiences(["client", "project 1"]),
        good().scopes(["openid", "offline_access"]).offline_access(),
        good().authorization_parameter("a", "1").authorization_parameter("b", ""),
        with("https://login.microsoftonline.com/4711/v2.0", "c"),
        with("https://op.example.com/common", "c"),
        good().idle_limit(seconds(1)).absolute_limit(seconds(1)),
        good().session_expiry_leeway(seconds(30)),
        good().insecure_session_expiry_leeway(seconds(0)),
        good().clock_tolerance(seconds(300)),
        good().login_attempt_lifetime(seconds(60)),
        good().login_attempt_lifetime(seconds(3600)),
        good().malformed_session_expiry(MalformedPolicy::Cap(seconds(31))),
        good().base_url("https://app.example.com/shop/"),
        good().base_url("http://localhost:3000"),
        good().scopes(Vec::<String>::new()),
    ];
    for (number, builder) in rows.into_iter().enumerate() {
        assert_eq!(errors(builder), [], "row {number}");
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let builder = OidcAuth::builder("op", "")
        .client_secret("")
        .base_url("http://app.example.com")
        .prompt("none")
        .authorization_parameter("state", "x")
        .authorization_parameter("nonce", "x")
        .idle_limit(Duration::ZERO)
        .clock_tolerance(seconds(3600));
    let errors = builder.build().unwrap_err();
    let settings: Vec<&str> = errors.iter().map(|error| error.setting).collect();
    let expected = [
        "issuer",
        "client_id",
        "client_secret",
        "prompt",
        "authorization_parameter",
        "authorization_parameter",
        "idle_limit",
        "clock_tolerance",
        "base_url",
        "store",
    ];
    assert_eq!(settings, expected);
    let text = errors.to_string();
    for error in errors.iter() {
        assert!(text.contains(&error.problem) && text.contains(&error.cure), "{error}");
    }
    assert_eq!(text.lines().count(), 1 + expected.len());
}
