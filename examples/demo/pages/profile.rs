//! The session: its countdown, its limits, its claims.

use axum::extract::State;
use axum::response::Response;
use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::{AuthSession, Claims, Limit};
use serde_json::Value;

use super::format::{countdown, duration, escape, name, time};
use super::frame::{Page, sign_in};
use crate::app::Demo;

pub(crate) async fn profile(State(demo): State<Demo>, session: AuthSession) -> Response {
    let main =
        [deadline(&demo, &session), limits(&demo, &session), claims(session.claims())].join("\n");
    Page { title: "Your session", path: "/profile", is_signed_in: true, main }.render(&demo)
}

/// The script counts the server's seconds down: the browser's own clock may be wrong. Where it stands is corrected by what
/// `/auth/session.js` hears.
fn deadline(demo: &Demo, session: &AuthSession) -> String {
    let at = session.expires_at();
    let left = at.seconds_since(SystemClock.now()).max(0);
    let whole = at.seconds_since(session.signed_in_at()).max(1);
    format!(
        "<section class=\"card\">\n<p class=\"eyebrow\">{name}, your session ends in</p>\n\
         <div data-running><p class=\"countdown\" role=\"timer\" data-countdown data-seconds-left=\"{left}\">{shown}</p>\n\
         <progress max=\"{whole}\" value=\"{left}\" aria-label=\"Time left\"></progress>\n\
         <p class=\"soft\">at {at}, {why}</p></div>\n\
         <div data-ended hidden role=\"alert\"><h1>Your session has ended</h1>\n\
         <p data-reason>Sign in again to go on.</p>\n<p class=\"actions\">{sign_in}</p></div>\n</section>",
        name = escape(name(session)),
        shown = countdown(left),
        at = time(at),
        why = why(session.limit()),
        sign_in = sign_in(demo, "/profile"),
    )
}

fn why(limit: Limit) -> &'static str {
    match limit {
        Limit::Ceiling => "because your sign-in service says so",
        Limit::Idle => "if you do nothing until then",
        Limit::Absolute => "because no session lasts longer here",
    }
}

fn limits(demo: &Demo, session: &AuthSession) -> String {
    let ceiling = match session.ceiling() {
        Some(ceiling) => format!("{}, less 30 s", time(ceiling)),
        None => "not set".to_owned(),
    };
    let absolute = session.signed_in_at().saturating_add(demo.absolute);
    let rows = [
        (Limit::Ceiling, "Your sign-in service", ceiling),
        (
            Limit::Absolute,
            "Longest duration",
            format!("{}, after {}", time(absolute), duration(demo.absolute.as_secs())),
        ),
        (
            Limit::Idle,
            "Idle limit",
            format!("{} after the last request", duration(demo.idle.as_secs())),
        ),
    ];
    let row = |(limit, name, value): (Limit, &str, String)| {
        let binds = limit == session.limit();
        let (class, mark) = if binds {
            (" class=\"binds\"", " <span class=\"mark\">ends it</span>")
        } else {
            ("", "")
        };
        format!("<tr{class}><th scope=\"row\">{name}{mark}</th><td>{value}</td></tr>\n")
    };
    let rows: String = rows.into_iter().map(row).collect();
    format!(
        "<section class=\"card\" data-until-end>\n<h2>What ends it</h2>\n<p>Whichever limit comes first.</p>\n<table>\n{rows}</table>\n\
         <p class=\"soft\">Signed in at {}.</p>\n</section>",
        time(session.signed_in_at())
    )
}

fn claims(claims: &Claims) -> String {
    let row = |name: &str| {
        let value = match claims.get::<Value>(name) {
            Ok(Some(Value::String(text))) => escape(&text),
            Ok(Some(Value::Number(number))) => match number.as_i64() {
                Some(at) if TIMES.contains(&name) => {
                    format!(
                        "{number} <span class=\"soft\">{}</span>",
                        time(UnixTime::from_seconds(at))
                    )
                }
                _ => number.to_string(),
            },
            Ok(Some(other)) => escape(&other.to_string()),
            Ok(None) | Err(_) => String::new(),
        };
        format!("<tr><th scope=\"row\"><code>{}</code></th><td>{value}</td></tr>\n", escape(name))
    };
    let mut names: Vec<&str> = claims.names().collect();
    names.sort_unstable();
    let rows: String = names.into_iter().map(row).collect();
    format!(
        "<section class=\"card\" data-until-end>\n<h2>What the sign-in service says about you</h2>\n<table class=\"claims\">\n{rows}</table>\n\
         </section>"
    )
}

const TIMES: [&str; 6] = ["auth_time", "exp", "iat", "nbf", "session_expiry", "updated_at"];
