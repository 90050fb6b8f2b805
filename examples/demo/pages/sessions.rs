//! The user's sessions: on which devices, since when; and a way to end them.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_oidc_session::{AuthSession, UserSession};
use serde::Deserialize;

use super::format::{escape, time};
use super::frame::Page;
use crate::app::Demo;

pub(crate) async fn sessions(State(demo): State<Demo>, session: AuthSession) -> Response {
    let Ok(sessions) = session.sessions().await else { return unavailable(&demo) };
    let others = sessions.iter().filter(|session| !session.is_current).count();
    let rows: String = sessions.iter().map(|session| row(&demo, session)).collect();
    let end_others = match others {
        0 => "<p class=\"soft\">You are signed in nowhere else.</p>".to_owned(),
        _ => end_form(&demo, "others", "true", "End all others"),
    };
    let main = format!(
        "<section class=\"card\">\n<h1>Your sessions</h1>\n<p>Wherever you are signed in to this application. What you end here \
         is over at once, on every node.</p>\n<ul class=\"sessions\">\n{rows}</ul>\n{end_others}\n</section>"
    );
    Page { title: "Your sessions", path: "/sessions", is_signed_in: true, main }.render(&demo)
}

fn row(demo: &Demo, session: &UserSession) -> String {
    let device = session.device.as_deref().unwrap_or("Unknown device");
    let mark = if session.is_current { " <span class=\"mark\">this one</span>" } else { "" };
    let current = if session.is_current { " data-current" } else { "" };
    format!(
        "<li data-session{current}><p><strong data-device>{device}</strong>{mark}<br><span class=\"soft\">since {signed_in}, last used \
         {used}</span></p>{end}</li>\n",
        device = escape(device),
        signed_in = time(session.signed_in_at),
        used = time(session.last_used_at),
        end = end_form(demo, "id", &session.id, "End"),
    )
}

fn end_form(demo: &Demo, name: &str, value: &str, label: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{prefix}/sessions/end\"><button class=\"quiet\" name=\"{name}\" value=\"{value}\">{label}\
         </button></form>",
        prefix = escape(&demo.prefix),
        value = escape(value),
    )
}

/// What to end: one session, or all but this one.
#[derive(Debug, Deserialize)]
pub(crate) struct ToEnd {
    id: Option<String>,
    others: Option<String>,
}

pub(crate) async fn end(
    State(demo): State<Demo>,
    session: AuthSession,
    Form(what): Form<ToEnd>,
) -> Response {
    let ended = match (what.id, what.others) {
        (Some(id), None) => session.end_session(&id).await.map(|_| ()),
        (None, Some(_)) => session.end_other_sessions().await.map(|_| ()),
        _ => return (StatusCode::BAD_REQUEST, "Say which session to end.").into_response(),
    };
    match ended {
        // The session of this browser may be the one that ended: the page then asks to sign in.
        Ok(()) => Redirect::to(&format!("{}/sessions", demo.prefix)).into_response(),
        Err(_) => unavailable(&demo),
    }
}

fn unavailable(demo: &Demo) -> Response {
    let main = "<section class=\"card\">\n<h1>Please try again</h1>\n<p>The place where sessions are kept does not answer. Nothing was \
                ended.</p>\n</section>"
        .to_owned();
    let page = Page { title: "Please try again", path: "/sessions", is_signed_in: true, main };
    (StatusCode::SERVICE_UNAVAILABLE, page.render(demo)).into_response()
}
