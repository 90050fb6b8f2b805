//! The sign-in page.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;

use super::html::{escape, page};
use crate::dev_provider::settings::Settings;
use crate::dev_provider::{DevUser, SessionExpiryMode};

/// What the page shows.
#[derive(Debug)]
pub(crate) struct SignInPage<'a> {
    /// The authorization request's query, to be posted along.
    pub(crate) request: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) client_id: &'a str,
    pub(crate) users: &'a [Arc<DevUser>],
    /// Whoever's `sub` or email it is stands first.
    pub(crate) login_hint: Option<&'a str>,
    /// Whose session goes on if they are chosen again.
    pub(crate) current_sub: Option<&'a str>,
    pub(crate) settings: &'a Settings,
}

/// The page. The form's action is relative to the authorization endpoint.
pub(crate) fn sign_in(contents: &SignInPage<'_>) -> Response {
    let mut users: Vec<&DevUser> = contents.users.iter().map(AsRef::as_ref).collect();
    users.sort_by_key(|user| !is_hinted(user, contents.login_hint));
    let people: String = users.iter().map(|user| person(user, contents)).collect();
    let content = format!(
        "<p><code>{client}</code> asks you to sign in.</p>\n\
         <form method=\"post\" action=\"sign-in\">\n<input type=\"hidden\" name=\"request\" value=\"{request}\">\n\
         {people}{fields}<button name=\"deny\" value=\"yes\">Refuse</button>\n</form>\n{details}",
        client = escape(contents.client_id),
        request = escape(contents.request),
        fields = fields(contents.settings),
        details = details(contents.parameters),
    );
    page(StatusCode::OK, "Who are you?", &content)
}

fn person(user: &DevUser, contents: &SignInPage<'_>) -> String {
    let hinted = is_hinted(user, contents.login_hint);
    let class = if hinted { "person primary" } else { "person" };
    let signed_in = match contents.current_sub {
        Some(sub) if sub == user.sub => " – signed in; this session goes on",
        _ => "",
    };
    format!(
        "<button class=\"{class}\" name=\"sub\" value=\"{sub}\"><strong>{name}</strong>\
         <span>{sub}{email}{signed_in}</span></button>\n",
        sub = escape(&user.sub),
        name = escape(user.text("name").unwrap_or(&user.sub)),
        email = user.text("email").map(|email| format!(" · {}", escape(email))).unwrap_or_default(),
    )
}

fn is_hinted(user: &DevUser, hint: Option<&str>) -> bool {
    hint.is_some_and(|hint| hint == user.sub || Some(hint) == user.text("email"))
}

fn fields(settings: &Settings) -> String {
    let (offered, note) = match &settings.session_expiry {
        SessionExpiryMode::PerSession(offered) => (*offered, "Empty: no session_expiry claim."),
        _ => (None, "Without effect: the program that runs this provider has set session_expiry."),
    };
    format!(
        "<fieldset>\n<legend>What the tokens say</legend>\n\
         <label for=\"session_expiry_in\">Seconds until session_expiry</label>\n\
         <input type=\"number\" id=\"session_expiry_in\" name=\"session_expiry_in\" value=\"{offered}\">\n\
         <div class=\"quiet\">{note}</div>\n\
         <label for=\"access_token_lifetime\">Access token lifetime in seconds</label>\n\
         <input type=\"number\" id=\"access_token_lifetime\" name=\"access_token_lifetime\" min=\"1\" required \
         value=\"{lifetime}\">\n</fieldset>\n",
        offered =
            offered.map(|offered: Duration| offered.as_secs().to_string()).unwrap_or_default(),
        lifetime = settings.access_token_lifetime.as_secs(),
    )
}

fn details(parameters: &[(String, String)]) -> String {
    let row = |(name, value): &(String, String)| {
        format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value))
    };
    let rows: String = parameters.iter().map(row).collect();
    format!("<details><summary>The authorization request</summary>\n<dl>\n{rows}</dl>\n</details>")
}
