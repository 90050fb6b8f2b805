//! Law 7, as revocation needs it: whoever stores a session and then reads the markers, and whoever marks and then looks for
//! sessions, cannot both miss the other.

use super::nodes::{
    Fault, Law, Nodes, Work, change, ensure, expect, id, jitter, key, law, listing, together,
};
use crate::session::contract::{Change, IndexKey, Inserted, Marker, Part, Saved, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(7, "a login and a revocation do not miss each other", login),
    law!(7, "a new session id and a logout do not miss each other", rotation),
    law!(7, "a session that moves and a revocation do not miss each other", moving),
];

async fn login(nodes: Nodes) -> Result<(), Fault> {
    repeat(nodes, |nodes, round| {
        let session = nodes.session()?;
        let index = session.listing.index;
        let revoked = if round % 2 == 0 { index.sub } else { index.sid };
        let (node, now) = (nodes.node(round), nodes.now);
        let fresh = session.clone();
        let login: Work<Result<bool, Fault>> = Box::pin(async move {
            jitter().await?;
            expect(node.insert(&fresh, now).await?, Inserted::Done, "an insert")?;
            jitter().await?;
            Ok(!node.markers(&[index.sid, index.sub], now).await?.is_empty())
        });
        Ok((login, session, revoked))
    })
    .await
}

async fn rotation(nodes: Nodes) -> Result<(), Fault> {
    repeat(nodes, |nodes, round| {
        let old = nodes.session()?;
        let mut new = old.clone();
        (new.id, new.auth.version) = (id()?, 2);
        let (node, now) = (nodes.node(round), nodes.now);
        let (key, fresh) = (old.listing.index.session, new.clone());
        let rotation: Work<Result<bool, Fault>> = Box::pin(async move {
            expect(node.insert(&old, now).await?, Inserted::Done, "an insert")?;
            jitter().await?;
            expect(node.insert(&fresh, now).await?, Inserted::Done, "an insert")?;
            jitter().await?;
            let is_over = !node.markers(&[key], now).await?.is_empty();
            node.delete(&old.id).await?;
            Ok(is_over)
        });
        Ok((rotation, new, key))
    })
    .await
}

async fn moving(nodes: Nodes) -> Result<(), Fault> {
    repeat(nodes, |nodes, round| {
        let mut session = nodes.session()?;
        let before = session.clone();
        session.listing = listing()?;
        session.listing.index.sub = key()?;
        let (node, now) = (nodes.node(round), nodes.now);
        let (id, moved) = (session.id, session.listing.clone());
        let sub = moved.index.sub;
        let moving: Work<Result<bool, Fault>> = Box::pin(async move {
            expect(node.insert(&before, now).await?, Inserted::Done, "an insert")?;
            jitter().await?;
            let save = Change { listing: Some(moved.clone()), ..change(Part::Auth, 1, b"moved") };
            expect(node.save_if(&id, save, now).await?, Saved::Done, "a save")?;
            Ok(!node.markers(&[sub], now).await?.is_empty())
        });
        Ok((moving, session, sub))
    })
    .await
}

/// What makes a session, and says whether it has seen the marker; the session, and the key that is revoked.
type Begun = (Work<Result<bool, Fault>>, StoredSession, IndexKey);

/// Several lanes of rounds at once, so that the store has other things to do, too.
async fn repeat(
    nodes: Nodes,
    begin: fn(&Nodes, usize) -> Result<Begun, Fault>,
) -> Result<(), Fault> {
    let lanes = (0..LANES).map(|lane| {
        let nodes = nodes.clone();
        Box::pin(async move {
            for round in 0..ROUNDS {
                let (work, session, key) = begin(&nodes, round + lane)?;
                let revoke = revoke(nodes.clone(), round / 2, key);
                let answers = together(vec![work, revoke]).await?;
                let gone = nodes.node(round).fetch(&session.id, nodes.now).await?.is_none();
                let missed = "the session lives: it was not found, and its maker saw no marker";
                ensure(answers[0] || gone, missed)?;
                nodes.node(round).delete(&session.id).await?;
            }
            Ok(())
        }) as _
    });
    together(lanes.collect()).await.map(drop)
}

fn revoke(nodes: Nodes, node: usize, key: IndexKey) -> Work<Result<bool, Fault>> {
    Box::pin(async move {
        let (node, now) = (nodes.node(node), nodes.now);
        let marker =
            Marker { key, begun_after: now, authenticated_after: now, until: nodes.at(600) };
        jitter().await?;
        node.mark(&[marker], now).await?;
        jitter().await?;
        for found in node.find(&[key], now).await? {
            node.delete(&found.id).await?;
        }
        Ok(true)
    })
}

const LANES: usize = 4;
const ROUNDS: usize = 75;
