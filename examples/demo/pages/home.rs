//! The front page: public, and never surprised by a session that has just ended.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum_oidc_session::{AuthSession, Refusal, SessionStatus};

use super::format::{ended, escape, name};
use super::frame::{Page, sign_in};
use crate::app::Demo;

pub(crate) async fn home(
    State(demo): State<Demo>,
    status: SessionStatus,
    RawQuery(query): RawQuery,
) -> Response {
    let main = match &status {
        SessionStatus::Live(session) => signed_in(&demo, session),
        SessionStatus::Ended(refusal) => signed_out(&demo, &end_notice(*refusal)),
        // The provider sends the browser back with the `state` of the sign-out.
        SessionStatus::Absent if has_state(query.as_deref()) => signed_out(&demo, SIGNED_OUT),
        SessionStatus::Absent => signed_out(&demo, ""),
    };
    let is_signed_in = matches!(status, SessionStatus::Live(_));
    Page { title: "Home", path: "/", is_signed_in, main }.render(&demo)
}

fn signed_in(demo: &Demo, session: &AuthSession) -> String {
    let prefix = escape(&demo.prefix);
    let email = session.claims().email().filter(|email| *email != name(session));
    let email = email.map(|email| format!("<p class=\"soft\">{}</p>\n", escape(email)));
    format!(
        "<section class=\"card\">\n<p class=\"eyebrow\">Signed in as</p>\n<h1 data-signed-in-as>{name}</h1>\n{email}\
         <p class=\"actions\"><a class=\"button\" href=\"{prefix}/profile\">See your session</a></p>\n</section>\n\
         <section class=\"card\">\n<h2>Where to go</h2>\n<ul class=\"links\">\n\
         <li><a href=\"{prefix}/profile\">Your session</a><span>how long it lasts, and why</span></li>\n\
         <li><a href=\"{prefix}/sessions\">Your sessions</a><span>on all your devices, and a way to end them</span></li>\n\
         <li><a href=\"{prefix}/admin\">Admin</a><span>asks for a sign-in not older than a minute</span></li>\n\
         <li><a href=\"{prefix}/api/me\">/api/me</a><span>the session as JSON, for scripts</span></li>\n\
         <li><a href=\"{prefix}/api/userinfo\">/api/userinfo</a><span>asked at the provider, with the access token</span></li>\n\
         </ul>\n</section>",
        name = escape(name(session)),
        email = email.unwrap_or_default(),
    )
}

fn signed_out(demo: &Demo, notice: &str) -> String {
    let sign_in = sign_in(demo, "/profile");
    format!(
        "{notice}<section class=\"card\">\n<h1>You are not signed in</h1>\n\
         <p>This demo signs you in with OpenID Connect. Your session then lives as long as your sign-in service allows, and \
         not a second longer.</p>\n<p class=\"actions\">{sign_in}</p>\n</section>\n{hints}",
        hints = hints(demo),
    )
}

/// What there is to try with the provider that comes with the demo.
fn hints(demo: &Demo) -> String {
    let Some(issuer) = &demo.embedded else {
        return String::new();
    };
    format!(
        "<section class=\"card\">\n<h2>Try this</h2>\n<ol>\n\
         <li>Sign in as anybody: this demo runs a <a href=\"{}/\">sign-in service of its own</a>, without passwords.</li>\n\
         <li>Watch the countdown of your session.</li>\n\
         <li>Sign out, sign in again, and enter 40 for the seconds until <code>session_expiry</code>: the session is over 10 \
         seconds later. The other 30 are kept as a reserve for clocks that disagree.</li>\n</ol>\n</section>",
        escape(issuer.trim_end_matches('/')),
    )
}

fn end_notice(refusal: Refusal) -> String {
    format!(
        "<section class=\"notice\" role=\"status\" data-end-reason=\"{}\">\n<strong>Your session has ended.</strong> {}\n\
         </section>\n",
        refusal.reason(),
        ended(refusal),
    )
}

fn has_state(query: Option<&str>) -> bool {
    let query = query.unwrap_or_default().as_bytes();
    url::form_urlencoded::parse(query).any(|(name, _)| name == "state")
}

const SIGNED_OUT: &str = "<section class=\"notice\" role=\"status\">\n<strong>You are signed out,</strong> here and at the \
    sign-in service.\n</section>\n";
