//! What routes and handlers require of a session beyond being live.
//!
//! Each requirement is there twice: `/layer/…` has it as a route layer, `/handler/…` as an extractor.
//!
//! | path | requires |
//! |---|---|
//! | …/recent | `max_age` 60 s |
//! | …/gold | `acr` `urn:gold` or `urn:platinum` |
//! | …/otp | `amr` `otp` |
//! | …/all | all of these |
//! | …/staff | `groups` contains `staff` |
//! | …/both | `groups` contains `staff`, then `max_age` 60 s |

mod answers;
mod application_data;
mod claims;
mod contexts;
mod freshness;
mod link;
mod placement;
mod request;
mod step_up;

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use axum_oidc_session::{
    Require, SessionRequirement, SessionWith, require_authentication, require_claims,
};

use crate::support::{App, AppBuilder};

macro_rules! requirements {
    ($($name:ident $path:literal $requirement:expr;)*) => {
        $(
            struct $name;

            impl Require for $name {
                fn requirement() -> impl SessionRequirement {
                    $requirement
                }
            }
        )*

        /// Every requirement in handlers.
        fn handlers() -> Router {
            Router::new()$(.route(concat!("/handler/", $path), any(greet::<$name>)))*
        }
    };
}

requirements! {
    Recent "recent" require_authentication().max_age(MINUTE);
    Gold "gold" require_authentication().acr("urn:gold").acr("urn:platinum");
    Otp "otp" require_authentication().amr("otp");
    All "all" require_authentication().max_age(MINUTE).acr("urn:gold").acr("urn:platinum").amr("otp");
    Staff "staff" require_claims().contains("groups", "staff");
    Both "both" (
        require_claims().contains("groups", "staff"),
        require_authentication().max_age(MINUTE),
    );
}

async fn greet<R>(session: SessionWith<R>) -> String {
    format!("hello {}", session.into_inner().claims().sub())
}

/// The same as route layers.
fn layers() -> Router {
    let hello = || any(async || "hello ada");
    let gold = require_authentication().acr("urn:gold").acr("urn:platinum");
    let recent = require_authentication().max_age(MINUTE);
    let staff = require_claims().contains("groups", "staff");
    let route = |path: &str| Router::new().route(path, hello());
    Router::new()
        .merge(route("/layer/recent").route_layer(recent.clone()))
        .merge(route("/layer/gold").route_layer(gold.clone()))
        .merge(route("/layer/otp").route_layer(require_authentication().amr("otp")))
        .merge(route("/layer/all").route_layer(gold.max_age(MINUTE).amr("otp")))
        .merge(route("/layer/staff").route_layer(staff.clone()))
        .merge(route("/layer/both").route_layer(recent).route_layer(staff))
}

fn builder() -> AppBuilder {
    App::builder().assemble(|auth, router| {
        let router = router.merge(layers()).merge(handlers());
        router.layer(auth.layer()).merge(auth.routes())
    })
}

/// A request of a script with the cookies of `browser`, for [`App::ask`].
fn script(browser: &crate::support::Browser, target: &str) -> Request {
    let request = Request::get(target).header("cookie", browser.cookie_header(target));
    request.body(axum::body::Body::empty()).unwrap()
}

/// Both forms of a requirement.
fn forms(path: &str) -> [String; 2] {
    [format!("/layer/{path}"), format!("/handler/{path}")]
}

const MINUTE: Duration = Duration::from_secs(60);
