//! What a page that the crate shows says; how it looks can be replaced.

use std::fmt;
use std::sync::Arc;

/// A page for the user: an error, or a question.
///
/// Hand [`error_page`](crate::OidcAuthBuilder::error_page) a function to render it in your own design. Everything here is
/// plain text: escape it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The HTTP status it is sent with.
    pub status: u16,
    /// A stable code (`access_denied`, `session_expired`, `provider_unavailable`, …).
    pub code: String,
    /// A heading.
    pub title: String,
    /// What happened and what can be done, in paragraphs.
    pub paragraphs: Vec<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u64>,
    /// What the user can do next.
    pub actions: Vec<PageAction>,
}

/// A link or a button.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PageAction {
    /// Its text.
    pub label: String,
    /// Where it leads: an absolute URL of this application, or of the provider for a logout that goes on there.
    pub url: String,
    /// A form that is posted, rather than a link.
    pub post: bool,
}

impl PageAction {
    pub(crate) fn link(label: &str, url: String) -> Self {
        Self { label: label.to_owned(), url, post: false }
    }

    pub(crate) fn button(label: &str, url: String) -> Self {
        Self { label: label.to_owned(), url, post: true }
    }
}

/// The application's way to render a [`Page`] as an HTML document.
#[derive(Clone)]
pub(crate) struct RenderPage(pub(crate) Arc<dyn Fn(&Page) -> String + Send + Sync>);

impl fmt::Debug for RenderPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RenderPage")
    }
}
