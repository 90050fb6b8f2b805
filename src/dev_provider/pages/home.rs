//! The start page.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::html::{escape, page};
use crate::dev_provider::DevClient;
use crate::dev_provider::endpoints::discovery;
use crate::dev_provider::grant::OpSession;
use crate::dev_provider::provider::Provider;

/// Issuer, clients and sessions.
pub(crate) fn home(
    provider: &Provider,
    clients: &[Arc<DevClient>],
    sessions: &[OpSession],
) -> Response {
    let base = escape(&provider.base_path());
    let now = provider.now().seconds();
    let clients: String = clients.iter().map(|client| client_row(client)).collect();
    let rows: String = sessions.iter().map(|session| session_row(session, &base, now)).collect();
    let rows = if rows.is_empty() {
        "<p class=\"quiet\">Nobody is signed in.</p>".to_owned()
    } else {
        rows
    };
    let content = format!(
        "<dl>\n<dt>Issuer</dt><dd>{issuer}</dd>\n\
         <dt>Discovery</dt><dd><a href=\"{base}{path}\">{path}</a></dd>\n\
         <dt>ID Token signing algorithm</dt><dd>ES256</dd>\n</dl>\n\
         <h2>Clients</h2>\n<dl>\n{clients}</dl>\n<h2>Signed in here</h2>\n{rows}",
        issuer = escape(&provider.issuer),
        path = discovery::PATH,
    );
    page(StatusCode::OK, "OpenID Provider", &content)
}

/// What the clients answered to the logout tokens.
pub(crate) fn ended(outcomes: &[(String, String)]) -> Response {
    let row = |(client, outcome): &(String, String)| {
        format!("<dt>{}</dt><dd>{}</dd>\n", escape(client), escape(outcome))
    };
    let rows: String = outcomes.iter().map(row).collect();
    let content = format!(
        "<p>The session at this provider is over. Logout tokens went to {} client(s).</p>\n<dl>\n{rows}</dl>",
        outcomes.len()
    );
    page(StatusCode::OK, "Session ended", &content)
}

fn client_row(client: &DevClient) -> String {
    let kind = if client.secret.is_some() { "confidential" } else { "public" };
    let uris = escape(&client.redirect_uris.join(" "));
    format!("<dt>{} ({kind})</dt><dd>{uris}</dd>\n", escape(&client.id))
}

fn session_row(session: &OpSession, base: &str, now: i64) -> String {
    let expiry = match session.session_expiry {
        Some(expiry) => format!("session_expiry {expiry}, in {} s", expiry.saturating_sub(now)),
        None => "without session_expiry".to_owned(),
    };
    format!(
        "<div class=\"row\"><div><strong>{sub}</strong><div class=\"quiet\">signed in {age} s ago, {expiry}</div></div>\
         <form method=\"post\" action=\"{base}/sessions/end\"><input type=\"hidden\" name=\"sid\" value=\"{sid}\">\
         <button>Sign out everywhere</button></form></div>\n",
        sub = escape(&session.sub),
        age = now.saturating_sub(session.auth_time.seconds()),
        sid = escape(&session.sid),
    )
}
