//! A service that chooses between an auth route and other routes.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{Route, any};
use tower::{Layer, Service};

use super::auth_routes::{PATHS, app_with_session, ask, served};
use crate::logs::Log;

/// Keeps the routes that it is put around.
#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<Route>>>);

impl Layer<Route> for Keep {
    type Service = Route;

    fn layer(&self, route: Route) -> Route {
        self.0.lock().unwrap().push(route.clone());
        route
    }
}

/// Chooses between routes: the last one for a path of the auth routes.
#[derive(Clone)]
struct Choice(Vec<Route>);

impl Service<Request> for Choice {
    type Response = Response;
    type Error = Infallible;
    type Future = <Route as Service<Request>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let is_auth_route = request.uri().path().starts_with("/auth/");
        let chosen = if is_auth_route { self.0.last_mut() } else { self.0.first_mut() };
        chosen.unwrap().call(request)
    }
}

/// The layer sees that there is an auth route among them, and each request shows whether it is for that one.
#[tokio::test]
async fn of_several_routes_only_the_auth_route_is_passed_through() {
    let (app, cookies) = app_with_session("").await;
    let ran = Arc::new(AtomicBool::new(false));
    let (keep, handler, mut owns) = (Keep::default(), Arc::clone(&ran), Vec::new());
    let own = any(async move || handler.store(true, Ordering::SeqCst));
    let kept = |router: Router| {
        drop(router.layer(keep.clone()).with_state::<()>(()));
        std::mem::take(&mut *keep.0.lock().unwrap())
    };
    for own in kept(Router::new().route("/own", own)) {
        _ = ask(&served(Choice(vec![own.clone()])), "GET", "/own", &[]).await;
        if ran.swap(false, Ordering::SeqCst) {
            owns.push(own);
        }
    }
    let own = owns.remove(0);
    let (auth_routes, mut passed) = (kept(app.auth.routes()), 0);
    for route in &auth_routes {
        let choice = Choice(vec![own.clone(), route.clone()]);
        let choice = served(app.auth.layer().layer(choice));
        let log = Log::capture();
        let foreign = [("cookie", &*cookies), ("sec-fetch-site", "cross-site")];
        let refused = ask(&choice, "POST", "/own", &foreign).await;
        // The fallbacks of the router are no auth routes, and neither is `own`: guarded.
        match refused.status {
            403 => continue,
            status => assert_eq!(status, 500),
        }
        passed += 1;
        assert!(log.text().contains("auth_route_among_others"), "{}", log.text());
        assert!(refused.text().contains("put the layer around the routers"));
        let own = ask(&choice, "GET", "/own", &[("cookie", &cookies)]).await;
        assert_eq!(own.status, 500);
        assert_ne!(ask(&choice, "GET", "/auth/x", &[("cookie", &cookies)]).await.status, 500);
    }
    assert!(passed >= PATHS.len(), "{passed} of {}", auth_routes.len());
    assert!(!ran.load(Ordering::SeqCst), "a handler ran unguarded");
}
