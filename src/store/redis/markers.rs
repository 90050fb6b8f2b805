//! Markers. All of one call are kept by one script, or none.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use redis::cmd;

use super::error::Fault;
use super::store::RedisStore;
use super::{lifetime, record, scripts, text};
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Marker};

impl RedisStore {
    pub(super) async fn keep_markers(
        &self,
        markers: &[Marker],
        now: UnixTime,
    ) -> Result<(), Fault> {
        let mut merged: HashMap<IndexKey, Marker> = HashMap::new();
        for marker in markers {
            let both = merged.get(&marker.key).map_or(*marker, |other| other.merge(*marker));
            merged.insert(marker.key, both);
        }
        if merged.is_empty() {
            return Ok(());
        }
        let mut keys = Vec::with_capacity(merged.len());
        let mut arguments = vec![text::time(now)];
        for (key, marker) in merged {
            keys.push(self.shared().keys.marker(&key));
            arguments.extend([
                text::time(marker.begun_after),
                text::time(marker.authenticated_after),
                text::time(marker.until),
                lifetime::seconds(marker.until, now).to_string(),
            ]);
        }
        scripts::MARK.call(&self.shared().link, &keys, &arguments).await.map(drop)
    }

    pub(super) async fn markers_under(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<Marker>, Fault> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let markers = keys.into_iter().map(|key| async move {
            let mut command = cmd("HMGET");
            command.arg(self.shared().keys.marker(&key)).arg(&["b", "a", "u"]);
            let answer = self.shared().link.read(&command).await?;
            let Some([begun_after, authenticated_after, until]) = record::all::<3>(answer)? else {
                return Ok(None);
            };
            Ok::<_, Fault>(Some(Marker {
                key,
                begun_after: text::parse_time(&begun_after)?,
                authenticated_after: text::parse_time(&authenticated_after)?,
                until: text::parse_time(&until)?,
            }))
        });
        let markers = try_join_all(markers).await?.into_iter().flatten();
        Ok(markers.filter(|marker| now < marker.until).collect())
    }
}
