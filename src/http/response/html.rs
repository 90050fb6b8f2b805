//! The crate's own pages: plain, escaped, without script but for the one that sends a logout on; and the
//! headers that protect a page, whoever has designed it.
//!
//! | header | value |
//! |---|---|
//! | `Content-Security-Policy` | nothing is loaded; no page shows it in a frame; no script |
//! | the same, for pages of the application that name a policy of their own | theirs, and beside it no `base`, no frame |
//! | `X-Frame-Options` | `DENY`, for browsers that do not know `frame-ancestors` |
//! | `X-Content-Type-Options` | `nosniff` |
//! | `Referrer-Policy` | `no-referrer`: the URL of a refused callback holds a code |
//! | the same, for a page that has a form or may have one | `same-origin`: under `no-referrer` browsers post a form with `Origin: null`, which the guard against other sites refuses |

use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use crate::config::page::{Page, PageAction};
use crate::config::settings::Config;

/// The page as an HTML document.
pub(crate) fn render(page: &Page) -> String {
    document(page, &page.actions.iter().map(action).collect::<String>())
}

/// The page with a form that is posted to `url`, by its button or by the `script`.
pub(crate) fn render_form<'a>(
    page: &Page,
    (url, button): (&str, &str),
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    script: Option<&str>,
) -> String {
    let (url, mut hidden) = (escape(url), String::new());
    for (name, value) in fields {
        let (name, value) = (escape(name), escape(value));
        hidden.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"));
    }
    let script = script.map(|script| format!("<script>{script}</script>\n")).unwrap_or_default();
    let actions: String = page.actions.iter().map(action).collect();
    let form = format!(
        "<form method=\"post\" action=\"{url}\">\n{hidden}<button>{button}</button></form>\n{script}{actions}"
    );
    document(page, &form)
}

fn document(page: &Page, actions: &str) -> String {
    let paragraphs: String =
        page.paragraphs.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    let actions = if actions.is_empty() {
        String::new()
    } else {
        format!("<div class=\"actions\">\n{actions}</div>\n")
    };
    let title = escape(&page.title);
    let (marked, footer) = if page.status >= 400 { error_code(page) } else { Default::default() };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main{marked}>\n\
         <h1>{title}</h1>\n{paragraphs}{actions}{footer}</main>\n</body>\n</html>\n",
    )
}

/// What a support request can quote: an attribute and a line.
fn error_code(page: &Page) -> (String, String) {
    let (status, code) = (page.status, escape(&page.code));
    let footer = format!("<p class=\"code\">{status} · {code}</p>\n");
    (format!(" data-error-code=\"{code}\""), footer)
}

/// Writes the headers that protect the page.
pub(super) fn protect(config: &Config, page: &Page, headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let may_have_forms = config.render_page.is_some() || has_form(page);
    let referrer = if may_have_forms { "same-origin" } else { "no-referrer" };
    headers.insert(REFERRER_POLICY, HeaderValue::from_static(referrer));
    let theirs = config.pages.content_security_policy.as_ref();
    let theirs = theirs.filter(|_| config.render_page.is_some());
    match theirs.and_then(|policy| HeaderValue::from_str(policy).ok()) {
        // Of two policies a browser enforces both.
        Some(theirs) => {
            headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(ALWAYS));
            headers.append(CONTENT_SECURITY_POLICY, theirs);
        }
        None => {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy(page)));
        }
    }
}

/// Nothing is loaded, forms go to where the page's buttons lead and on to the provider.
fn policy(page: &Page) -> &'static str {
    if has_form(page) {
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    } else {
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    }
}

fn has_form(page: &Page) -> bool {
    page.actions.iter().any(|action| action.post)
}

fn action(action: &PageAction) -> String {
    let (label, url) = (escape(&action.label), escape(&action.url));
    if action.post {
        format!("<form method=\"post\" action=\"{url}\"><button>{label}</button></form>\n")
    } else {
        format!("<a class=\"button\" href=\"{url}\">{label}</a>\n")
    }
}

/// Text for HTML content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Whatever policy the application names.
const ALWAYS: &str = "base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_text() {
        let page = Page {
            status: 400,
            code: "access_denied".to_owned(),
            title: "<b>".to_owned(),
            paragraphs: vec!["<script>alert('1')</script>".to_owned()],
            retry_after: None,
            actions: vec![PageAction::link("\"go\"", "https://app.example/?a=1&b='".to_owned())],
        };
        let html = render(&page);
        assert!(!html.contains("<script") && !html.contains("<b>"));
        assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
        assert!(html.contains("href=\"https://app.example/?a=1&amp;b=&#39;\""));
        assert!(html.contains("data-error-code=\"access_denied\""));
        assert!(html.contains("400 · access_denied"));
    }

    #[test]
    fn a_question_is_no_error() {
        let page = Page {
            status: 200,
            code: "confirm_logout".to_owned(),
            title: "Sign out?".to_owned(),
            paragraphs: Vec::new(),
            retry_after: None,
            actions: vec![
                PageAction::button("Sign out", "https://app.example/auth/logout".to_owned()),
                PageAction::link("Stay", "https://app.example/".to_owned()),
            ],
        };
        let html = render(&page);
        assert!(!html.contains("data-error-code") && !html.contains("confirm_logout"));
        // A form inside a paragraph would end it.
        assert!(html.contains("<div class=\"actions\">\n<form"));
        assert!(!policy(&page).contains("form-action"));
    }
}
