//! Why the application's own data were not saved.

use tower_sessions::session_store::Error as TowerError;

/// Why the application's data were not saved. Found in the response's extensions, and as the text of
/// `tower_sessions::session_store::Error::Backend`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplicationDataError {
    /// The session has ended; nothing was saved and nothing was created.
    #[error("session_gone")]
    SessionGone,
    /// Other requests changed the data again and again; nothing was saved.
    #[error("session_data_stale")]
    Stale,
    /// The store can't be asked; nothing was saved.
    #[error("store_unavailable")]
    StoreUnavailable,
}

impl From<ApplicationDataError> for TowerError {
    fn from(error: ApplicationDataError) -> Self {
        Self::Backend(error.to_string())
    }
}
