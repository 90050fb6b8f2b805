//! Which logout tokens have been carried out: a marker for each `jti`, for as long as the token could be sent again.

use ring::digest;
use tower_sessions::session::Id;

use super::contract::{Marker, StoreError};
use super::lease::Lease;
use super::sessions::Sessions;
use crate::clock::UnixTime;

impl Sessions {
    /// The lease of a logout token; `None`: somebody else is at work on it.
    pub(crate) async fn lease_of_token(&self, jti: &str) -> Result<Option<Lease>, StoreError> {
        // Without a key of the ring: nodes may have different ones.
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.indexer.owner().as_bytes());
        context.update(jti.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        self.lease_of(Id(i128::from_be_bytes(key))).await
    }

    pub(crate) async fn is_carried_out(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(!self.markers(&self.indexer.by_jti(jti)).await?.is_empty())
    }

    pub(crate) async fn note_carried_out(
        &self,
        jti: &str,
        until: UnixTime,
    ) -> Result<(), StoreError> {
        let marker = |key| Marker {
            key,
            begun_after: Marker::NEVER,
            authenticated_after: Marker::NEVER,
            until,
        };
        let markers: Vec<Marker> = self.indexer.by_jti(jti).into_iter().map(marker).collect();
        self.keep_markers(&markers).await
    }
}
