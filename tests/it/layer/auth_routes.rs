//! The auth routes are known by what they are; an application's own route with such a path is a route like any other.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, get};
use axum_oidc_session::OidcAuth;
use tower::util::BoxCloneService;
use tower::{Layer as _, Service, ServiceExt as _};

use super::hold_cookies;
use crate::logs::Log;
use crate::support::{App, Reply};

pub(super) const PATHS: [&str; 6] = [
    "/auth/login",
    "/auth/callback",
    "/auth/logout",
    "/auth/session",
    "/auth/session.js",
    "/auth/backchannel-logout",
];

/// Whatever answers requests.
pub(super) type Served = BoxCloneService<Request, Response, Infallible>;

pub(super) fn served<S>(service: S) -> Served
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    BoxCloneService::new(service)
}

/// Own routes with the paths of the auth routes.
fn own() -> Router {
    PATHS.iter().fold(Router::new(), |router, path| router.route(path, any(async || "own")))
}

/// An application, and the cookies of a session in it.
pub(super) async fn app_with_session(base_path: &'static str) -> (App, String) {
    let app = App::builder().base_path(base_path).start().await;
    let browser = app.browser();
    browser.sign_in_from(&format!("{base_path}/auth/login")).await;
    hold_cookies(&browser);
    let cookies = browser.cookie_header("/");
    (app, cookies)
}

pub(super) async fn ask(
    service: &Served,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = service
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap_or_else(|never| match never {});
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Reply { status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() }
}

/// It has the layer's guard, and its sessions end.
async fn assert_guarded(app: &App, cookies: &str, service: &Served, prefix: &str, row: &str) {
    for path in PATHS {
        let (row, path) = (format!("{row} {path}"), format!("{prefix}{path}"));
        let live = ask(service, "GET", &path, &[("cookie", cookies)]).await;
        assert_eq!((live.status, &*live.text()), (200, "own"), "{row}");
        assert_eq!(live.header("cache-control"), Some("no-store"), "{row}: it had a session");
        let foreign = [("cookie", cookies), ("sec-fetch-site", "cross-site")];
        let foreign = ask(service, "POST", &path, &foreign).await;
        assert_eq!(foreign.refusal(), (403, "cross_site_request".to_owned()), "{row}");
    }
    app.later(3_570);
    for path in PATHS {
        let ended = ask(service, "GET", &format!("{prefix}{path}"), &[("cookie", cookies)]).await;
        assert_eq!(ended.refusal(), (401, "session_expired".to_owned()), "{row} {path}");
    }
}

/// The layer leaves them alone: they see to a session that has ended, and to another site, themselves.
async fn assert_auth_routes(app: &App, cookies: &str, service: &Served, prefix: &str, row: &str) {
    app.later(3_570);
    let state =
        ask(service, "GET", &format!("{prefix}/auth/session"), &[("cookie", cookies)]).await;
    assert_eq!((state.status, &state.json()["reason"]), (200, &"ceiling".into()), "{row}");
    let login = [("cookie", cookies), ("accept", "text/html"), ("host", app.host())];
    let begun = ask(service, "GET", &format!("{prefix}/auth/login"), &login).await;
    assert!(begun.location().starts_with(app.op.issuer()), "{row}: {}", begun.location());
    let token = [("cookie", cookies), ("sec-fetch-site", "cross-site")];
    let refused = ask(service, "POST", &format!("{prefix}/auth/backchannel-logout"), &token).await;
    assert_eq!(refused.refusal(), (400, "invalid_request".to_owned()), "{row}: not the guard's");
    let logout =
        ask(service, "POST", &format!("{prefix}/auth/logout"), &[("cookie", cookies)]).await;
    assert_eq!(logout.status, 200, "{row}");
}

type Assemble = fn(&OidcAuth) -> Served;

#[tokio::test]
async fn own_routes_with_the_paths_of_auth_routes_are_guarded() {
    let rows: [(&str, &str, Assemble); 9] = [
        ("in a nested router", "/area", |auth| {
            served(Router::new().nest("/area", own().layer(auth.layer())).merge(auth.routes()))
        }),
        ("around a nested router", "/area", |auth| {
            served(Router::new().nest("/area", own()).layer(auth.layer()).merge(auth.routes()))
        }),
        ("with the auth routes under the layer", "/area", |auth| {
            served(Router::new().nest("/area", own()).merge(auth.routes()).layer(auth.layer()))
        }),
        ("nested twice", "/a/b", |auth| {
            let inner = Router::new().nest("/b", own().layer(auth.layer()));
            served(Router::new().nest("/a", inner).merge(auth.routes()))
        }),
        ("in a nested service", "/area", |auth| {
            let inner = auth.layer().layer(own());
            served(Router::new().nest_service("/area", inner).merge(auth.routes()))
        }),
        ("around everything", "/area", |auth| {
            let all = Router::new().nest("/area", own()).merge(auth.routes());
            served(auth.layer().layer(all))
        }),
        ("without the auth routes", "", |auth| served(own().layer(auth.layer()))),
        ("as a fallback", "", |auth| {
            served(Router::new().fallback(async || "own").layer(auth.layer()))
        }),
        ("without the auth routes, in another layer", "", |auth| {
            let mark = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
                next.run(request).await
            });
            served(own().layer((auth.layer(), mark)))
        }),
    ];
    for (row, prefix, assemble) in rows {
        let (app, cookies) = app_with_session("").await;
        assert_guarded(&app, &cookies, &assemble(&app.auth), prefix, row).await;
    }
}

#[tokio::test]
async fn below_a_prefix_only_the_auth_routes_are_passed_through() {
    let rows: [(&str, &str, Assemble); 5] = [
        ("beside the prefix", "", |auth| {
            let shop = Router::new().nest("/shop", auth.routes());
            served(own().merge(shop).layer(auth.layer()))
        }),
        ("beside the prefix, around everything", "", |auth| {
            let shop = Router::new().nest("/shop", auth.routes());
            served(auth.layer().layer(own().merge(shop)))
        }),
        ("the prefix twice", "/shop/shop", |auth| {
            let shop = Router::new().nest("/shop", own()).merge(auth.routes());
            served(Router::new().nest("/shop", shop).layer(auth.layer()))
        }),
        ("the prefix twice, in a nested service", "/shop/shop", |auth| {
            let shop = Router::new().nest("/shop", own()).merge(auth.routes());
            served(Router::new().nest_service("/shop", auth.layer().layer(shop)))
        }),
        ("the prefix again, where a proxy takes it off", "/shop", |auth| {
            served(Router::new().nest("/shop", own()).merge(auth.routes()).layer(auth.layer()))
        }),
    ];
    for (row, prefix, assemble) in rows {
        let (app, cookies) = app_with_session("/shop").await;
        assert_guarded(&app, &cookies, &assemble(&app.auth), prefix, row).await;
    }
}

#[tokio::test]
async fn the_auth_routes_are_passed_through_wherever_they_are() {
    let rows: [(&str, &str, &str, Assemble); 11] = [
        ("in another middleware's layer", "", "", |auth| {
            let mark = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
                next.run(request).await
            });
            served(auth.routes::<()>().layer((auth.layer(), mark)))
        }),
        ("in two layers", "", "", |auth| {
            served(auth.routes::<()>().layer((auth.layer(), auth.layer())))
        }),
        ("around everything, where a proxy takes the prefix off", "/shop", "", |auth| {
            served(auth.layer().layer(auth.routes::<()>()))
        }),
        ("layer first", "", "", |auth| {
            served(Router::new().route("/", get("x")).layer(auth.layer()).merge(auth.routes()))
        }),
        ("routes first", "", "", |auth| served(auth.routes::<()>().layer(auth.layer()))),
        ("layer in the nested router", "/shop", "/shop", |auth| {
            served(Router::new().nest("/shop", auth.routes::<()>().layer(auth.layer())))
        }),
        ("layer around the nested router", "/shop", "/shop", |auth| {
            served(Router::new().nest("/shop", auth.routes()).layer(auth.layer()))
        }),
        ("a proxy takes the prefix off", "/shop", "", |auth| {
            served(auth.routes::<()>().layer(auth.layer()))
        }),
        ("around everything", "", "", |auth| served(auth.layer().layer(auth.routes::<()>()))),
        ("around everything, below a prefix", "/shop", "/shop", |auth| {
            served(auth.layer().layer(Router::new().nest("/shop", auth.routes())))
        }),
        ("in a nested service, below a prefix", "/shop", "/shop", |auth| {
            let inner = auth.layer().layer(auth.routes::<()>());
            served(Router::new().nest_service("/shop", inner))
        }),
    ];
    for (row, base_path, prefix, assemble) in rows {
        let (app, cookies) = app_with_session(base_path).await;
        assert_auth_routes(&app, &cookies, &assemble(&app.auth), prefix, row).await;
    }
}

/// A layer around a whole router learns nothing from requests: the first is treated like any other.
#[tokio::test]
async fn where_a_proxy_takes_the_prefix_off_each_route_is_what_it_is() {
    let all = |auth: &OidcAuth| {
        served(auth.layer().layer(Router::new().nest("/shop", own()).merge(auth.routes())))
    };
    let (app, cookies) = app_with_session("/shop").await;
    assert_auth_routes(&app, &cookies, &all(&app.auth), "", "at once").await;
    let (app, cookies) = app_with_session("/shop").await;
    assert_guarded(&app, &cookies, &all(&app.auth), "/shop", "own").await;
}

/// What hides the auth routes from the layer hides the application's, too: all are guarded, and the log names the cure.
#[tokio::test]
async fn auth_routes_that_are_hidden_are_guarded_and_named_once() {
    let rows: [(&str, Assemble); 2] = [
        ("in a nested service", |auth| {
            let shop = Router::new().nest("/area", own()).merge(auth.routes());
            served(Router::new().nest_service("/shop", shop).layer(auth.layer()))
        }),
        ("in another middleware", |auth| {
            let shop = Router::new().nest("/area", own()).merge(auth.routes());
            let all = Router::new().nest("/shop", shop);
            served(auth.layer().layer(served(all)))
        }),
    ];
    for (row, assemble) in rows {
        let (app, cookies) = app_with_session("/shop").await;
        let all = assemble(&app.auth);
        let log = Log::capture();
        for _ in 0..2 {
            let session = ask(&all, "GET", "/shop/auth/session", &[("cookie", &*cookies)]).await;
            assert_eq!(session.json()["authenticated"], true, "{row}");
        }
        let text = log.text();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(HIDDEN)).collect();
        assert_eq!(lines.len(), 1, "{row}: {text}");
        assert!(lines[0].starts_with("ERROR") && lines[0].contains("nest_service"), "{}", lines[0]);
        let foreign = [("cookie", &*cookies), ("sec-fetch-site", "cross-site")];
        let foreign = ask(&all, "POST", "/shop/auth/backchannel-logout", &foreign).await;
        assert_eq!(foreign.refusal(), (403, "cross_site_request".to_owned()), "{row}");
        assert_guarded(&app, &cookies, &all, "/shop/area", row).await;
        let ended = ask(&all, "GET", "/shop/auth/session", &[("cookie", &cookies)]).await;
        assert_eq!(ended.refusal(), (401, "session_expired".to_owned()), "{row}");
    }
}

const HIDDEN: &str = "hidden_auth_routes";

/// Two applications in one router: the one's layer is no friend of the other's routes.
#[tokio::test]
async fn the_auth_routes_of_another_application_are_guarded() {
    let (app, cookies) = app_with_session("").await;
    let other = App::start().await;
    let both = served(other.auth.routes::<()>().layer(app.auth.layer()));
    let foreign = [("cookie", &*cookies), ("sec-fetch-site", "cross-site")];
    let foreign = ask(&both, "POST", "/auth/backchannel-logout", &foreign).await;
    assert_eq!(foreign.refusal(), (403, "cross_site_request".to_owned()));
}
