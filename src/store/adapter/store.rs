//! The adapter: every operation runs to its end in a task of its own, so that a client that hangs up leaves no turn behind.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use tower_sessions::SessionStore;
use tower_sessions::session::Id;

use super::change::Desk;
use super::rows::Rows;
use super::turn::Turns;
use super::{index, sessions, small};
use crate::clock::UnixTime;
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoredSession,
    Touch,
};
use crate::spawn::{TokioSpawner, to_the_end};

/// Keeps sessions in any store of [`tower_sessions`].
///
/// Such a store can save, load and delete, and no more: a save overwrites whatever is there. What is missing is made up
/// for by extra records. So prefer a store of this crate if there is one for your database: a request costs two loads here, at
/// once; a touch (once a minute per session) costs ten operations, a refresh about forty, a sign-in about thirty.
///
/// # What holds
///
/// | law of [`AuthStore`] | one process | several processes, exact `create` | several processes, other `create` |
/// |---|---|---|---|
/// | 1 no overwriting | yes | yes | two inserts of one id within a few ms may both be stored (ids are random) |
/// | 2 no resurrection | yes | yes | yes |
/// | 3 no lost update | yes | yes | of two saves within a few ms one may be lost: a refreshed token, a change of application data |
/// | 4 expiry | yes | yes | yes |
/// | 5 once | yes | yes | two callbacks of one login attempt within a few ms may both sign in |
/// | 6 failure | yes | yes | yes |
/// | 7 order | as the store | as the store | as the store |
/// | 8 index | yes | yes | a session may be missing from its list, and outlive a revocation by `sub` or `sid`, until its next touch |
/// | 9 markers | yes, but of several that are marked at once some may stay if the store fails | the same | two within a few ms: the stricter times may be lost |
/// | 10 locks | yes; leases end up to 3 s late | yes, if the clocks of all processes agree within 2 s | two within a few ms may both have it |
/// | 11 events | none: no other process is told of changes | none | none |
///
/// - **One process**: say so with [`exclusive`](Self::exclusive); it saves more than half of the operations.
/// - **Exact `create`**: the store's [`SessionStore::create`] chooses another id, or fails, if the id is taken, even if
///   both come at the same moment. This is how processes take turns. True of `tower-sessions-rusqlite-store` and of stores
///   that use `SET NX` or a unique key; not true of stores that check first and write then, or leave `create` to its
///   default. A process that crashes in the middle of a write blocks that session for 30 s: requests that write get 503.
/// - **As the store**: it must show at once, on every node, what it has answered, and a delete must survive a crash. A
///   `CachingSessionStore` or a read replica does not.
///
/// # Deployment
///
/// - Give it a table (collection, prefix) of its own: with a `SessionManagerLayer` on the same one, the holder of a session
///   could have its record read and written as application data.
/// - Records that have expired are given up by the store: run its own clean-up (`continuously_delete_expired`).
/// - The store must not evict: a lost tombstone, marker or remembered key weakens what is promised above.
///
/// ```
/// # use axum_oidc_session::tower_sessions::{SessionStore, session::{Id, Record}, session_store};
/// # use axum_oidc_session::{OidcAuth, TowerSessionsStore};
/// # fn example(your_store: impl SessionStore) {
/// let store = TowerSessionsStore::new(your_store);
/// let auth = OidcAuth::builder("https://op.example.com", "my-client").store(store);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TowerSessionsStore {
    desk: Desk,
    /// Whether an `OidcAuth` has it for itself.
    claimed: Arc<AtomicBool>,
}

impl TowerSessionsStore {
    /// Sessions in `store`, which other processes may use at the same time in the same way.
    pub fn new(store: impl SessionStore) -> Self {
        let desk = Desk { rows: Rows(Arc::new(store)), turns: Turns::new(true) };
        Self { desk, claimed: Arc::default() }
    }

    /// Promises that nobody but this value and its clones writes to the store: no other process, not even during a restart.
    ///
    /// # Security
    ///
    /// If it is not so, a session that was signed out elsewhere lives on here.
    #[must_use]
    pub fn exclusive(mut self) -> Self {
        self.desk.turns = Turns::new(false);
        self
    }

    async fn run<T, F>(
        &self,
        work: impl FnOnce(Desk) -> F + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let outcome = to_the_end(&TokioSpawner, work(self.desk.clone())).await;
        outcome.unwrap_or_else(|| Err(StoreError::new("an operation of the store was cut off")))
    }
}

#[async_trait]
impl AuthStore for TowerSessionsStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        let session = session.clone();
        self.run(move |desk| async move { sessions::insert(&desk, &session, now).await }).await
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        Ok(sessions::read(&self.desk, id).await?.filter(|session| now < session.expires_at))
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let id = *id;
        self.run(move |desk| async move { sessions::save_if(&desk, &id, change, now).await }).await
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        let id = *id;
        self.run(move |desk| async move { sessions::touch(&desk, &id, touch, now).await }).await
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let key = *key;
        self.run(move |desk| async move { small::remember(&desk, &key, until, now).await }).await
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let distinct: HashSet<IndexKey> = keys.iter().copied().collect();
        let lists = try_join_all(distinct.iter().map(|key| index::list(&self.desk, *key))).await?;
        let listed = lists.iter().flat_map(|list| &list.sessions).map(|listed| listed.id);
        let ids: Vec<Id> = listed.collect::<HashSet<_>>().into_iter().collect();
        let mut found = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let read = some.iter().map(|id| sessions::read(&self.desk, id));
            let read = try_join_all(read).await?.into_iter().flatten();
            let is_asked_for = |session: &StoredSession| {
                let keys = session.listing.index.keys();
                now < session.expires_at && keys.iter().any(|key| distinct.contains(key))
            };
            found.extend(read.filter(is_asked_for).map(|session| FoundSession {
                id: session.id,
                listing: session.listing,
                expires_at: session.expires_at,
            }));
        }
        Ok(found)
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        let markers = markers.to_vec();
        self.run(move |desk| async move {
            for marker in markers {
                small::mark(&desk, marker, now).await?;
            }
            Ok(())
        })
        .await
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        let distinct: HashSet<IndexKey> = keys.iter().copied().collect();
        let markers = distinct.into_iter().map(|key| small::marker(&self.desk, key, now));
        Ok(try_join_all(markers).await?.into_iter().flatten().collect())
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let (key, holder) = (*key, *holder);
        self.run(move |desk| async move { small::lock(&desk, &key, &holder, lease).await }).await
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        let (key, holder) = (*key, *holder);
        self.run(move |desk| async move { small::unlock(&desk, &key, &holder).await }).await
    }

    fn is_exclusive(&self) -> bool {
        !self.desk.turns.is_shared()
    }

    fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }

    fn release(&self) {
        self.claimed.store(false, Ordering::Release);
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        let id = *id;
        self.run(move |desk| async move { sessions::delete(&desk, &id).await }).await
    }
}

const AT_ONCE: usize = 16;
