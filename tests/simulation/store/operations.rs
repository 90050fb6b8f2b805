//! What the server does: the laws of `AuthStore`, in the plainest way.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Part, Saved, SealedPart,
    StoreError, StoreEvent, StoreListener, StoredSession, Touch,
};

use super::listener::{Listener, Subscriber};
use super::{Contents, SimStore};

impl Contents {
    fn live(&mut self, id: &Id, now: UnixTime) -> Option<&mut StoredSession> {
        self.sessions.get_mut(&id.0).filter(|session| now < session.expires_at)
    }
}

#[async_trait]
impl AuthStore for SimStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        let session = session.clone();
        self.ask(true, move |contents, _| {
            contents.saw(&session.auth.content);
            contents.saw(&session.listing.summary);
            session.listing.index.keys().iter().for_each(|key| contents.saw(&key.0));
            contents.saw_id(session.id.0);
            if contents.live(&session.id, now).is_some() {
                return Inserted::Exists;
            }
            contents.sessions.insert(session.id.0, session);
            Inserted::Done
        })
        .await
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        let id = *id;
        let read = move |contents: &mut Contents, _: &SimStore| {
            contents.live(&id, now).map(|it| it.clone())
        };
        let answer = self.ask(true, read).await;
        // The answer is there, and whoever asked has other things to do first.
        if self.chance.permille(100) {
            self.sim.sleep(self.chance.millis(0, 400)).await;
        }
        answer
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let (id, part, expected) = (*id, change.part, change.expected);
        let (content, expires_at, listing) = (change.content, change.expires_at, change.listing);
        self.ask(true, move |contents, store| {
            contents.saw(&content);
            listing.iter().for_each(|listing| contents.saw(&listing.summary));
            contents.saw_id(id.0);
            let Some(session) = contents.live(&id, now) else { return Saved::Gone };
            let version = match part {
                Part::Auth => session.auth.version,
                Part::Application => session.application.as_ref().map_or(0, |part| part.version),
            };
            if version != expected {
                return Saved::Stale;
            }
            let new = SealedPart { version: version + 1, content };
            match part {
                Part::Auth => session.auth = new,
                Part::Application => session.application = Some(new),
            }
            session.expires_at = expires_at.unwrap_or(session.expires_at);
            if let Some(listing) = listing {
                session.listing = listing;
            }
            store.tell(contents, StoreEvent::Changed(id));
            Saved::Done
        })
        .await
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        let (id, expected) = (*id, touch.expected);
        let (summary, expires_at) = (touch.summary, touch.expires_at);
        self.ask(true, move |contents, _| {
            contents.saw(&summary);
            let Some(session) = contents.live(&id, now) else { return Saved::Gone };
            if session.auth.version != expected {
                return Saved::Stale;
            }
            session.listing.summary = summary;
            session.expires_at = expires_at;
            Saved::Done
        })
        .await
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let key = key.0;
        self.ask(false, move |contents, _| {
            if contents.remembered.get(&key).is_some_and(|known| now < *known) {
                return false;
            }
            contents.saw_id(key);
            contents.remembered.insert(key, until);
            true
        })
        .await
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let keys = keys.to_vec();
        self.ask(false, move |contents, _| {
            let is_asked_for = |session: &&StoredSession| {
                now < session.expires_at
                    && session.listing.index.keys().iter().any(|key| keys.contains(key))
            };
            let found = |session: &StoredSession| FoundSession {
                id: session.id,
                listing: session.listing.clone(),
                expires_at: session.expires_at,
            };
            contents.sessions.values().filter(is_asked_for).map(found).collect()
        })
        .await
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        let markers = markers.to_vec();
        self.ask(false, move |contents, _| {
            for marker in markers {
                let kept = contents.markers.get(&marker.key).filter(|kept| now < kept.until);
                let merged = kept.map_or(marker, |kept| kept.merge(marker));
                contents.saw(&marker.key.0);
                contents.markers.insert(marker.key, merged);
            }
        })
        .await
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        let keys = keys.to_vec();
        self.ask(false, move |contents, _| {
            let of_keys = keys.iter().filter_map(|key| contents.markers.get(key));
            of_keys.filter(|marker| now < marker.until).copied().collect()
        })
        .await
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let (key, holder) = (key.0, holder.0);
        self.ask(false, move |contents, store| {
            let now = store.sim.now();
            match contents.locks.get(&key) {
                Some((other, until)) if *other != holder && now < *until => false,
                _ => {
                    contents.saw_id(key);
                    contents.saw_id(holder);
                    contents.locks.insert(key, (holder, now + lease));
                    true
                }
            }
        })
        .await
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        let (key, holder) = (key.0, holder.0);
        self.ask(false, move |contents, _| {
            if contents.locks.get(&key).is_some_and(|(held_by, _)| *held_by == holder) {
                contents.locks.remove(&key);
            }
        })
        .await
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        self.ask(false, move |contents, _| {
            let before = contents.sessions.len();
            contents.sessions.retain(|_, session| now < session.expires_at);
            contents.remembered.retain(|_, until| now < *until);
            contents.markers.retain(|_, marker| now < marker.until);
            (before - contents.sessions.len()) as u64
        })
        .await
    }

    fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        if self.is_exclusive || self.is_mute {
            return Ok(None);
        }
        let subscriber = Arc::new(Subscriber::of(self.node));
        let subscribed = Arc::clone(&subscriber);
        self.ask(false, move |contents, _| contents.subscribers.push(subscribed)).await?;
        Ok(Some(Box::new(Listener { store: self.clone(), subscriber })))
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        let id = *id;
        let deleted = self.ask(true, move |contents, store| {
            contents.sessions.remove(&id.0);
            store.tell(contents, StoreEvent::Deleted(id));
        });
        deleted.await
    }
}
