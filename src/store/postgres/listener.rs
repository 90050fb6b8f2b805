//! Events, by `LISTEN`.
//!
//! 1. The listener has a connection of its own, not one of the pool's.
//! 2. When that is lost, notifications are lost with it: every call fails from then on. It never reconnects by itself.
//! 3. A server gives a listening connection the notifications of all transactions that were committed before a statement of this
//!    connection began, before it says that the statement is done. So a statement that does nothing is a barrier.

use async_trait::async_trait;
use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions, PgRow};
use sqlx::{Executor as _, Row as _};
use tower_sessions::session::Id;

use super::error::PostgresStoreError;
use super::patience::within;
use super::statements::{CHANGED, CHANNEL, DELETED};
use super::store::PostgresStore;
use crate::session::contract::{StoreError, StoreEvent, StoreListener};

/// Hears of saves and deletions.
pub(super) struct Listener {
    listener: PgListener,
    channel: String,
    /// For the time limits.
    store: PostgresStore,
    lost: Option<PostgresStoreError>,
}

impl PostgresStore {
    pub(super) async fn listener(&self) -> Result<Listener, PostgresStoreError> {
        self.ready().await?;
        let listener = within(self.source().patience(), self.connect_listener()).await;
        listener.unwrap_or(Err(PostgresStoreError::NoConnectionInTime))
    }

    async fn connect_listener(&self) -> Result<Listener, PostgresStoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout(self.source().acquire_timeout())
            .connect_lazy_with(self.source().connect_options());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.ignore_pool_close_event(true);
        let table = format!("SELECT '{}'::regclass::oid::bigint", self.tables().sessions());
        let row = listener.fetch_one(table.as_str()).await?;
        let number: i64 = row.try_get(0)?;
        let channel = format!("{CHANNEL}{number}");
        listener.listen(&channel).await?;
        Ok(Listener { listener, channel, store: self.clone(), lost: None })
    }
}

impl Listener {
    /// Everything that has arrived.
    async fn arrived(&mut self) -> Result<Vec<StoreEvent>, PostgresStoreError> {
        // Not a mere `SELECT 1`: a pooler may have put another connection in the place of the one that listens.
        let barrier = self.listener.fetch_all("SELECT pg_listening_channels()");
        let barrier = within(self.store.source().answer_timeout(), barrier).await;
        let channels = barrier.ok_or(PostgresStoreError::NoAnswerInTime)??;
        let is_ours = |row: &PgRow| row.try_get(0).is_ok_and(|name: String| name == self.channel);
        if !channels.iter().any(is_ours) {
            return Err(PostgresStoreError::NotListening);
        }
        let waiting = std::iter::from_fn(|| self.listener.next_buffered());
        waiting.map(|notification| event(&notification)).collect()
    }

    fn usable(&self) -> Result<(), PostgresStoreError> {
        self.lost.clone().map_or(Ok(()), Err)
    }

    fn note<T>(&mut self, outcome: Result<T, PostgresStoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.lost = Some(error.clone());
        }
        Ok(outcome?)
    }
}

#[async_trait]
impl StoreListener for Listener {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        self.usable()?;
        let received = match self.listener.try_recv().await {
            Ok(Some(notification)) => event(&notification),
            Ok(None) => Err(PostgresStoreError::Connection(std::io::ErrorKind::UnexpectedEof)),
            Err(error) => Err(error.into()),
        };
        self.note(received)
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        self.usable()?;
        let arrived = self.arrived().await;
        self.note(arrived)
    }
}

/// What can't be read may be an event of a newer version: it counts as lost.
fn event(notification: &PgNotification) -> Result<StoreEvent, PostgresStoreError> {
    parse(notification.payload()).ok_or(PostgresStoreError::Unreadable)
}

fn parse(payload: &str) -> Option<StoreEvent> {
    let kind = payload.chars().next()?;
    let id = payload.get(kind.len_utf8()..)?;
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let id = Id(u128::from_str_radix(id, 16).ok()?.cast_signed());
    match kind {
        CHANGED => Some(StoreEvent::Changed(id)),
        DELETED => Some(StoreEvent::Deleted(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_read() {
        let minus_two = "fffffffffffffffffffffffffffffffe";
        for (payload, event) in [
            (format!("C{minus_two}"), Some(StoreEvent::Changed(Id(-2)))),
            (format!("D{:032x}", 17), Some(StoreEvent::Deleted(Id(17)))),
            (format!("X{:032x}", 17), None),
            (format!("D{:031x}", 17), None),
            (format!("D+{:031x}", 17), None),
            (String::new(), None),
            ("é".to_owned(), None),
        ] {
            assert_eq!(parse(&payload), event, "{payload}");
        }
    }
}
