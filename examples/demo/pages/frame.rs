//! What all pages have in common.

use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};

use super::format::escape;
use crate::app::Demo;

/// One page. `main` is HTML.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// The path of the page, to be marked in the navigation.
    pub(super) path: &'a str,
    pub(super) is_signed_in: bool,
    pub(super) main: String,
}

impl Page<'_> {
    pub(super) fn render(&self, demo: &Demo) -> Response {
        let (prefix, title) = (escape(&demo.prefix), escape(self.title));
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · axum-oidc-session</title>\n\
             <link rel=\"icon\" type=\"image/svg+xml\" href=\"{prefix}/icon.svg\">\n\
             <link rel=\"stylesheet\" href=\"{prefix}/style.css\">\n\
             <script src=\"{prefix}/countdown.js\" defer></script>\n\
             <script src=\"{prefix}/auth/session.js\" defer></script>\n</head>\n<body>\n{header}\
             <main>\n{main}\n</main>\n<footer>Sessions are kept in {store}.</footer>\n</body>\n</html>\n",
            header = self.header(&prefix),
            main = self.main,
            store = escape(demo.store),
        );
        // What a page says depends on who asks, and when.
        ([(CACHE_CONTROL, "no-store")], Html(html)).into_response()
    }

    fn header(&self, prefix: &str) -> String {
        let links = [
            ("/", "Home"),
            ("/profile", "Your session"),
            ("/sessions", "Sessions"),
            ("/admin", "Admin"),
        ];
        let link = |(path, name): (&str, &str)| {
            let current = if path == self.path { " aria-current=\"page\"" } else { "" };
            format!("<a href=\"{prefix}{path}\"{current}>{name}</a>\n")
        };
        let links: String = links.into_iter().map(link).collect();
        let sign = if self.is_signed_in { sign_out(prefix) } else { String::new() };
        format!(
            "<header>\n<a class=\"brand\" href=\"{prefix}/\"><img src=\"{prefix}/icon.svg\" alt=\"\" width=\"28\" \
             height=\"28\">axum-oidc-session</a>\n<nav>\n{links}</nav>\n{sign}</header>\n"
        )
    }
}

/// A form, since a sign-out changes something; the provider's page follows it.
fn sign_out(prefix: &str) -> String {
    format!(
        "<form method=\"post\" data-until-end action=\"{prefix}/auth/logout\"><button class=\"quiet\">Sign out</button></form>\n"
    )
}

/// A link to the login that comes back to `path`.
pub(super) fn sign_in(demo: &Demo, path: &str) -> String {
    let prefix = escape(&demo.prefix);
    format!("<a class=\"button\" href=\"{prefix}/auth/login?return_to={prefix}{path}\">Sign in</a>")
}
