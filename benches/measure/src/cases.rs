//! What is measured. Each case has a bare route beside it that gets the same request: what the request itself costs is no part of
//! the difference.

use axum::Router;
use axum::routing::get;
use axum_oidc_session::AuthSession;
use tower::layer::layer_fn;

use crate::signed_in::SignedIn;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) app: Router,
    pub(crate) path: &'static str,
    pub(crate) cookies: Option<String>,
    /// The case to be subtracted, by its place in the list.
    pub(crate) above: usize,
}

/// Where the bare routes are in [`all`].
const BARE: usize = 0;
const BARE_WITH_COOKIES: usize = 1;

pub(crate) fn all(signed_in: &SignedIn) -> Vec<Case> {
    let hello = || get(async || "hello");
    let bare: Router = Router::new().route("/", hello());
    let empty = bare.clone().layer(layer_fn(|service| service));
    let extracted = get(async |session: AuthSession| {
        assert!(!session.claims().sub().is_empty());
        "hello"
    });
    let optional = get(
        async |session: Option<AuthSession>| {
            if session.is_some() { "hello" } else { "nobody" }
        },
    );
    let layered = Router::new()
        .route("/", hello())
        .route("/extracted", extracted)
        .route("/optional", optional)
        .layer(signed_in.auth.layer());
    // The first request that is admitted has the count of logins removed; the browser sends it no more.
    let kept = signed_in.cookies.split("; ").filter(|cookie| !cookie.contains("_r="));
    let cookies = Some(kept.collect::<Vec<_>>().join("; "));
    let foreign = Some("theme=dark; _ga=GA1.1.1234567890.1234567890; lang=en".to_owned());
    let case = |name, app: &Router, path, cookies: &Option<String>, above| Case {
        name,
        app: app.clone(),
        path,
        cookies: cookies.clone(),
        above,
    };
    vec![
        case("bare route", &bare, "/", &None, BARE),
        case("bare route, request with our cookies", &bare, "/", &cookies, BARE_WITH_COOKIES),
        case("bare route, request with other cookies", &bare, "/", &foreign, 2),
        case("empty layer", &empty, "/", &None, BARE),
        case("no cookie", &layered, "/", &None, BARE),
        case("no cookie of ours", &layered, "/", &foreign, 2),
        case("no cookie, optional session", &layered, "/optional", &None, BARE),
        case("live session", &layered, "/", &cookies, BARE_WITH_COOKIES),
        case("live session, extracted", &layered, "/extracted", &cookies, BARE_WITH_COOKIES),
        case("live session, optional", &layered, "/optional", &cookies, BARE_WITH_COOKIES),
    ]
}
