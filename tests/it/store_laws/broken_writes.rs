//! How the broken store writes.

use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Change, Inserted, Part, Saved, SealedPart, StoreError, StoredSession,
};

use super::breach::Breach;
use super::broken_store::{BrokenStore, LONG_AGO};

impl BrokenStore {
    pub(super) async fn broken_insert(
        &self,
        session: &StoredSession,
        now: UnixTime,
    ) -> Result<Inserted, StoreError> {
        let mut session = session.clone();
        match self.breach {
            Breach::InsertOverwrites => {
                self.inner.tamper(session);
                return Ok(Inserted::Done);
            }
            Breach::InsertInTwoSteps => {
                if self.inner.fetch(&session.id, now).await?.is_some() {
                    return Ok(Inserted::Exists);
                }
                tokio::task::yield_now().await;
                self.inner.tamper(session);
                return Ok(Inserted::Done);
            }
            Breach::ContentIsText => {
                let text = String::from_utf8_lossy(&session.auth.content).into_owned();
                session.auth.content = text.into_bytes();
            }
            Breach::ContentIsCut => session.auth.content.truncate(65_535),
            _ => {}
        }
        self.shared().inserted.insert(session.id, SystemClock.monotonic());
        self.inner.insert(&session, self.time(now)).await
    }

    pub(super) async fn broken_save(
        &self,
        id: &Id,
        mut change: Change,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        let seen = self.inner.fetch(id, now).await?;
        match (self.breach, &seen) {
            (Breach::SaveInTwoSteps, _) => return self.save_in_two_steps(seen, &change).await,
            (Breach::SaveMakesSessions, None) => return Ok(self.save_anyway(id, &change, now)),
            (Breach::SaveRevives, None) => self.revive(id),
            (Breach::StaleSaveMoves, Some(seen)) => {
                let mut moved = seen.clone();
                moved.listing = change.listing.clone().unwrap_or(moved.listing);
                self.inner.tamper(moved);
            }
            (Breach::VersionNotCompared, Some(seen)) => {
                change.expected = version(seen, change.part)
            }
            (Breach::OldKeysStay, Some(seen)) => {
                let keys = seen.listing.index.keys();
                self.shared().former_keys.entry(*id).or_default().extend(keys);
            }
            (Breach::ListingStays, _) => change.listing = None,
            (Breach::SaveForgetsExpiry, _) => change.expires_at = None,
            (Breach::Panics, None) => panic!("told to panic"),
            _ => {}
        }
        let time = if self.is(Breach::ExpiredIsSavedTo) { LONG_AGO } else { self.time(now) };
        let part = change.part;
        let saved = self.inner.save_if(id, change, time).await?;
        if let (Breach::OneVersionForBothParts, Some(mut stored)) =
            (self.breach, self.inner.fetch(id, now).await?)
        {
            if saved == Saved::Done && part == Part::Application {
                stored.auth.version += 1;
            }
            self.inner.tamper(stored);
        }
        Ok(saved)
    }

    async fn save_in_two_steps(
        &self,
        seen: Option<StoredSession>,
        change: &Change,
    ) -> Result<Saved, StoreError> {
        let Some(mut session) = seen else { return Ok(Saved::Gone) };
        if version(&session, change.part) != change.expected {
            return Ok(Saved::Stale);
        }
        let part = SealedPart { version: change.expected + 1, content: change.content.clone() };
        match change.part {
            Part::Auth => session.auth = part,
            Part::Application => session.application = Some(part),
        }
        session.expires_at = change.expires_at.unwrap_or(session.expires_at);
        session.listing = change.listing.clone().unwrap_or(session.listing);
        tokio::task::yield_now().await;
        self.inner.tamper(session);
        Ok(Saved::Done)
    }

    fn save_anyway(&self, id: &Id, change: &Change, now: UnixTime) -> Saved {
        let auth = SealedPart { version: 1, content: change.content.clone() };
        if let Some(listing) = &change.listing {
            let expires_at = change.expires_at.unwrap_or(now);
            let made = StoredSession::new(*id, auth, listing.clone(), expires_at);
            self.inner.tamper(made);
        }
        Saved::Done
    }

    pub(super) fn revive(&self, id: &Id) {
        if let Some(session) = self.shared().deleted.get(id).cloned() {
            self.inner.tamper(session);
        }
    }
}

fn version(session: &StoredSession, part: Part) -> u64 {
    match part {
        Part::Auth => session.auth.version,
        Part::Application => session.application.as_ref().map_or(0, |part| part.version),
    }
}
