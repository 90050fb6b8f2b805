//! The check of a configuration: all errors at once, each with the setting and the cure.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::builder::OidcAuthBuilder;
use super::check_client::check_client;
use super::check_requests::check_requests;
use crate::config::base_url::BaseUrl;
use crate::config::cookie_names::CookieNames;
use crate::config::error::{ConfigErrors, Findings};
use crate::config::paths::AuthPaths;
use crate::config::settings::{Config, TokenSettings};
use crate::policy::{CeilingPolicy, Leeway, Limits};
use crate::provider::HttpClient;
use crate::secret::key_ring::KeyRing;
use crate::session::contract::{Kind, Store};
use crate::session::record::Owner;
use crate::session::sessions::SessionSettings;

/// A configuration that can be used, and what it is used with.
pub(crate) struct Checked {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) sessions: SessionSettings,
}

/// Checks everything; does no I/O.
pub(crate) fn check(mut builder: OidcAuthBuilder) -> Result<Checked, ConfigErrors> {
    let mut findings = Findings::default();
    check_client(&builder, &mut findings);
    check_requests(&mut builder, &mut findings);
    check_durations(&builder, &mut findings);
    builder.store_settings.check(&mut findings);
    check_paths(&builder.paths, &mut findings);
    check_page_policy(&builder, &mut findings);
    let base = check_base_url(builder.base_url.as_deref(), &mut findings);
    let keys = check_keys(&builder, &mut findings);
    let http = builder
        .http_client
        .build()
        .map_err(|errors| {
            for error in errors {
                let cure = "correct the settings of the HTTP client";
                findings.add("http_client", describe(&error), cure);
            }
        })
        .ok();
    let store = check_store(&mut builder, &mut findings);
    let (base, keys, store, http) = findings.into_result_with((base, keys, store, http))?;
    let sessions = session_settings(&builder);
    let cookie_name = builder.cookie_name.as_deref();
    let cookies = CookieNames::new(cookie_name, &builder.issuer, &builder.client_id, &base);
    let config = Config {
        cookies,
        base,
        keys,
        ceiling: ceiling_policy(&builder),
        tokens: token_settings(&builder),
        issuer: builder.issuer,
        client_id: builder.client_id,
        paths: builder.paths,
        requests: builder.requests,
        hooks: builder.hooks,
        render_page: builder.render_page,
        application_data: builder.application_data,
        user_info: builder.user_info,
        revoke_tokens: builder.revoke_tokens,
        max_sessions_per_user: builder.store_settings.max_per_user,
        refuse_cross_site: builder.refuse_cross_site,
        pages: builder.pages,
        clock: Arc::clone(&builder.clock),
        random: Arc::clone(&builder.random),
        spawn: Arc::clone(&builder.spawn),
    };
    Ok(Checked { config, store, http, sessions })
}

fn token_settings(builder: &OidcAuthBuilder) -> TokenSettings {
    TokenSettings {
        client_secret: builder.client_secret.clone(),
        client_authentication: builder.client_authentication,
        trusted_audiences: builder.trusted_audiences.clone(),
        algorithm: builder.algorithm,
        clock_tolerance: builder.clock_tolerance,
        on_refresh_rejected: builder.on_refresh_rejected,
        refresh_patience: builder.http_client.longest_refresh(),
    }
}

fn session_settings(builder: &OidcAuthBuilder) -> SessionSettings {
    SessionSettings {
        limits: limits(builder),
        attempt_lifetime: builder.requests.attempt_lifetime,
        store_timeout: builder.store_settings.timeout,
        cache: builder.store_settings.cache(),
        revocation_wait: builder.store_settings.logout_wait(),
    }
}

fn limits(builder: &OidcAuthBuilder) -> Limits {
    let defaults = Limits::default();
    Limits {
        idle: builder.idle_limit.unwrap_or(defaults.idle),
        absolute: builder.absolute_limit.unwrap_or(defaults.absolute),
        leeway: leeway(builder).duration(),
    }
}

fn ceiling_policy(builder: &OidcAuthBuilder) -> CeilingPolicy {
    CeilingPolicy {
        leeway: leeway(builder),
        malformed: builder.malformed,
        require: builder.require_session_expiry,
        renewal: builder.renewal,
    }
}

/// A fraction of a second counts as a whole one: the deadline is reckoned in whole seconds, and early rather than late.
fn leeway(builder: &OidcAuthBuilder) -> Leeway {
    match builder.insecure_leeway.or(builder.leeway) {
        Some(leeway) => Leeway::insecure_lowered(leeway),
        None => Leeway::default(),
    }
}

fn check_durations(builder: &OidcAuthBuilder, findings: &mut Findings) {
    let second = Duration::from_secs(1);
    for (setting, limit) in
        [("idle_limit", builder.idle_limit), ("absolute_limit", builder.absolute_limit)]
    {
        findings.add_if(
            limit.is_some_and(|limit| limit < second),
            setting,
            "it is less than a second",
            "use whole seconds, at least one",
        );
        findings.add_if(
            limit.is_some_and(|limit| limit > TEN_YEARS),
            setting,
            "it is more than ten years",
            "a session that long is none; ten years are 315,360,000 s",
        );
    }
    findings.add_if(
        builder.leeway.is_some_and(|leeway| Leeway::at_least_default(leeway).is_none()),
        "session_expiry_leeway",
        "it is below 30 s",
        "raise it, or say insecure_session_expiry_leeway",
    );
    findings.add_if(
        builder.leeway.is_some() && builder.insecure_leeway.is_some(),
        "session_expiry_leeway",
        "it is set twice, with and without insecure_",
        "set it once",
    );
    findings.add_if(
        builder.clock_tolerance > Duration::from_secs(300),
        "clock_tolerance",
        "it is more than 5 minutes",
        "synchronise the clock instead",
    );
    let attempt = builder.requests.attempt_lifetime;
    findings.add_if(
        attempt < Duration::from_secs(60) || attempt > Duration::from_secs(3600),
        "login_attempt_lifetime",
        "it is not between 1 minute and 1 hour",
        "10 minutes is the default",
    );
    findings.add_if(
        builder.requests.most_exchanges == 0,
        "max_concurrent_code_exchanges",
        "it is 0, so that no login could succeed",
        "256 is the default",
    );
    findings.add_if(
        !ceiling_policy(builder).cap_outlasts_leeway(),
        "malformed_session_expiry",
        "the cap is not longer than the leeway, so that no login could succeed",
        "use a longer cap, or refuse",
    );
}

fn check_paths(paths: &AuthPaths, findings: &mut Findings) {
    let all = paths.all();
    for (index, path) in all.iter().enumerate() {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        let well_formed = path.len() > 1
            && path.starts_with('/')
            && !path.ends_with('/')
            && path.chars().all(plain)
            && !path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".."));
        findings.add_if(
            !well_formed,
            "paths",
            &format!("`{path}` is not a plain path"),
            "begin with a slash, end without one, and use letters, digits, '-', '_', '.', '~'",
        );
        findings.add_if(
            all[..index].contains(path),
            "paths",
            &format!("`{path}` is used twice"),
            "give every route a path of its own",
        );
    }
}

fn check_page_policy(builder: &OidcAuthBuilder, findings: &mut Findings) {
    let Some(policy) = &builder.pages.content_security_policy else { return };
    let mut directives = policy.split(';').map(|directive| directive.trim().to_ascii_lowercase());
    findings.add_if(
        HeaderValue::from_str(policy).is_err()
            || !directives.any(|directive| directive.starts_with("default-src ")),
        "error_page_content_security_policy",
        "it is no policy with a default-src, or no value of a header",
        "begin with default-src 'none', and name what the pages load",
    );
}

fn check_base_url(text: Option<&str>, findings: &mut Findings) -> Option<BaseUrl> {
    let cure = "use the URL that browsers see, such as https://app.example.com";
    let Some(text) = text else {
        findings.add("base_url", "it is not set", cure);
        return None;
    };
    BaseUrl::parse(text).map_err(|error| findings.add("base_url", error.to_string(), cure)).ok()
}

fn check_keys(builder: &OidcAuthBuilder, findings: &mut Findings) -> Option<KeyRing> {
    if let Some(keys) = &builder.cookie_keys {
        return Some(keys.clone());
    }
    if matches!(builder.store, Some(Store(Kind::Sealed(_)))) {
        findings.add(
            "cookie_keys",
            "it is not set, and this store outlives the process",
            "make one key for all nodes: openssl rand -base64 64 | tr -d '\\n'",
        );
        return None;
    }
    KeyRing::random(&*builder.random)
        .map_err(|error| findings.add("cookie_keys", error.to_string(), "set it"))
        .ok()
}

/// The last check: a memory store that passes belongs to this Relying Party from now on.
fn check_store(builder: &mut OidcAuthBuilder, findings: &mut Findings) -> Option<Store> {
    let Some(store) = builder.store.take() else {
        findings.add(
            "store",
            "it is not set",
            "say where sessions are kept, for example .store(MemoryStore::default())",
        );
        return None;
    };
    if let (Store(Kind::Embedded(memory)), true) = (&store, findings.is_empty()) {
        findings.add_if(
            !memory.belongs_to(&Owner::new(&builder.issuer, &builder.client_id)),
            "store",
            "this memory store holds the sessions of another issuer or client",
            "make a MemoryStore for each OidcAuth",
        );
    }
    if let (Store(Kind::Sealed(sealed)), true) = (&store, findings.is_empty()) {
        findings.add_if(
            sealed.is_exclusive() && !sealed.claim(),
            "store",
            "this exclusive store serves another OidcAuth already",
            "make one OidcAuth and clone it, or do without exclusive()",
        );
    }
    Some(store)
}

const TEN_YEARS: Duration = Duration::from_secs(315_360_000);

/// The error and what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error} ({source})"))
}
