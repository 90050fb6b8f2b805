//! A page that asks for a sign-in not older than a minute, however long the session lasts.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::{
    AuthSession, Require, SessionRequirement, SessionWith, require_authentication,
};

use super::format::{duration, escape, name};
use super::frame::Page;
use crate::app::Demo;

/// A sign-in of the last minute. The provider says when it was; a session of another application may have spared the user the
/// question when they signed in here.
pub(crate) struct RecentSignIn;

impl Require for RecentSignIn {
    fn requirement() -> impl SessionRequirement {
        require_authentication().max_age(MAX_AGE)
    }
}

pub(crate) async fn admin(
    State(demo): State<Demo>,
    session: SessionWith<RecentSignIn>,
) -> Response {
    let main = format!(
        "<section class=\"card\">\n<p class=\"eyebrow\">Admin</p>\n<h1>It is really you, {name}</h1>\n\
         <p>You proved it {age} ago, and this page asks for a sign-in not older than {limit}. Reload it after that, and it \
         sends you to sign in again, although your session goes on.</p>\n\
         <p class=\"actions\"><a class=\"button\" href=\"{prefix}/admin\">Reload</a></p>\n</section>",
        name = escape(name(&session)),
        age = duration(age(&session)),
        limit = duration(MAX_AGE.as_secs()),
        prefix = escape(&demo.prefix),
    );
    Page { title: "Admin", path: "/admin", is_signed_in: true, main }.render(&demo)
}

/// Seconds since the user last proved who they are.
fn age(session: &AuthSession) -> u64 {
    let at = session.claims().auth_time();
    at.map_or(0, |at| SystemClock.now().seconds_since(at).max(0).unsigned_abs())
}

const MAX_AGE: Duration = Duration::from_secs(60);
