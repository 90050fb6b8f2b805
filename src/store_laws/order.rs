//! Law 7: what one node has answered, every node sees.

use std::time::Duration;

use super::nodes::{Fault, Law, Nodes, change, ensure, expect, id, key, law};
use crate::session::contract::{Change, Marker, Part, Saved, Touch};

pub(super) const LAWS: &[Law] = &[
    law!(7, "what one node has answered the others see", sessions),
    law!(7, "markers, keys and locks of one node hold on the others", the_rest),
];

async fn sessions(nodes: Nodes) -> Result<(), Fault> {
    for round in 0..60 {
        let (one, other, now) = (nodes.node(round), nodes.node(round + 1), nodes.now);
        let session = nodes.session()?;
        let inserted = one.insert(&session, now).await?;
        expect(inserted, crate::session::contract::Inserted::Done, "an insert")?;
        let seen = other.fetch(&session.id, now).await?.map(|seen| seen.auth.version);
        expect(seen, Some(1), "the version after an insert")?;
        let moved = super::nodes::listing()?;
        let save = Change { listing: Some(moved.clone()), ..change(Part::Auth, 1, b"new") };
        expect(other.save_if(&session.id, save, now).await?, Saved::Done, "a save")?;
        let seen = one.fetch(&session.id, now).await?.map(|seen| seen.auth.version);
        expect(seen, Some(2), "the version after a save")?;
        let found = one.find(&[moved.index.sid], now).await?;
        expect(found.len(), 1, "sessions under the key of a save")?;
        let touch = Touch::new(2, b"touched", nodes.at(7_000));
        expect(one.touch(&session.id, touch.clone(), now).await?, Saved::Done, "a touch")?;
        let seen = other.fetch(&session.id, now).await?;
        let is_touched = seen.is_some_and(|seen| {
            seen.listing.summary == touch.summary && seen.expires_at == touch.expires_at
        });
        ensure(is_touched, "a touch is not seen")?;
        other.delete(&session.id).await?;
        nodes.expect_gone(&session.id, &moved.index.keys()).await?;
    }
    Ok(())
}

async fn the_rest(nodes: Nodes) -> Result<(), Fault> {
    let lease = Duration::from_secs(60);
    for round in 0..30 {
        let (one, other, now) = (nodes.node(round), nodes.node(round + 1), nodes.now);
        let marker =
            Marker { key: key()?, begun_after: now, authenticated_after: now, until: nodes.at(60) };
        one.mark(&[marker], now).await?;
        expect(other.markers(&[marker.key], now).await?, vec![marker], "the other's markers")?;
        let seen = id()?;
        ensure(one.remember(&seen, nodes.at(60), now).await?, "a new key is known")?;
        ensure(!other.remember(&seen, nodes.at(60), now).await?, "a key is new twice")?;
        let (lock, holder, second) = (id()?, id()?, id()?);
        ensure(one.lock(&lock, &holder, lease).await?, "a free lock cannot be taken")?;
        ensure(!other.lock(&lock, &second, lease).await?, "a lock is taken twice")?;
        one.unlock(&lock, &holder).await?;
        ensure(other.lock(&lock, &second, lease).await?, "a released lock cannot be taken")?;
        other.unlock(&lock, &second).await?;
    }
    Ok(())
}
