//! What the other nodes hear of a change.

use async_trait::async_trait;
use tower_sessions::session::Id;

use super::store::StoreError;

/// Something that happened to a session, on whichever node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreEvent {
    /// A part of it was saved.
    Changed(Id),
    /// It was deleted.
    Deleted(Id),
}

/// Hears the events of a store, from when it was made.
#[async_trait]
pub trait StoreListener: Send {
    /// The next event. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] once events may have been lost; the listener is of no use any more.
    async fn next(&mut self) -> Result<StoreEvent, StoreError>;

    /// Asks the store, and gives the events that are waiting. When it returns, every event of an operation that was
    /// answered before the call has been given, here or by [`next`](Self::next).
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError>;
}
