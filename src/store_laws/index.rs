//! Law 8: a session is found by each of its keys, once.

use std::collections::HashSet;

use super::nodes::{Fault, Law, Nodes, ensure, expect, key, law, together};
use crate::session::contract::{FoundSession, IndexKey, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(8, "a session is found by each of its keys", by_each),
    law!(8, "a session that several keys match is found once", once),
    law!(8, "a key that two sessions have in different places finds both", any_place),
    law!(8, "nothing is found by no key or by unknown keys", nothing),
    law!(8, "two hundred sessions under one key are found", many),
    law!(8, "inserts at once under one key are all found", at_once),
];

async fn by_each(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let _other = nodes.stored().await?;
    for node in nodes.all() {
        for key in session.listing.index.keys() {
            expect_found(&node.find(&[key], nodes.now).await?, &[&session])?;
        }
    }
    Ok(())
}

async fn once(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let [a, b, c] = session.listing.index.keys();
    let cases = [vec![a, b, c], vec![c, a], vec![b, b, b], vec![a, key()?, c, c, a]];
    for (index, keys) in cases.iter().enumerate() {
        expect_found(&nodes.node(index).find(keys, nodes.now).await?, &[&session])?;
    }
    let mut alike = nodes.session()?;
    let one = key()?;
    alike.listing.index.session = one;
    alike.listing.index.sid = one;
    alike.listing.index.sub = one;
    nodes.insert(&alike).await?;
    expect_found(&nodes.node(1).find(&[one], nodes.now).await?, &[&alike])?;
    let both = nodes.node(0).find(&[one, a, c], nodes.now).await?;
    expect_found(&both, &[&alike, &session])
}

async fn any_place(nodes: Nodes) -> Result<(), Fault> {
    let (first, mut second) = (nodes.stored().await?, nodes.session()?);
    second.listing.index.sid = first.listing.index.sub;
    nodes.insert(&second).await?;
    let found = nodes.node(1).find(&[first.listing.index.sub], nodes.now).await?;
    expect_found(&found, &[&first, &second])?;
    nodes.node(0).delete(&first.id).await?;
    let found = nodes.node(1).find(&[first.listing.index.sub], nodes.now).await?;
    expect_found(&found, &[&second])
}

async fn nothing(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let mut near = session.listing.index.sub;
    near.0[15] ^= 1;
    for keys in [&[][..], &[key()?], &[near], &[near, key()?, key()?]] {
        let found = nodes.node(0).find(keys, nodes.now).await?;
        expect(found.len(), 0, "sessions under no key that any has")?;
    }
    Ok(())
}

async fn many(nodes: Nodes) -> Result<(), Fault> {
    let sub = key()?;
    let mut sessions = Vec::new();
    for index in 0..200 {
        let mut session = nodes.session()?;
        session.listing.index.sub = sub;
        let _done = nodes.node(index).insert(&session, nodes.now).await?;
        sessions.push(session);
    }
    for node in nodes.all() {
        let wanted: Vec<_> = sessions.iter().collect();
        expect_found(&node.find(&[sub], nodes.now).await?, &wanted)?;
    }
    let sids: Vec<IndexKey> = sessions.iter().map(|it| it.listing.index.sid).collect();
    let found = nodes.node(0).find(&sids, nodes.now).await?;
    expect(found.len(), 200, "sessions found by two hundred keys at once")?;
    for (index, session) in sessions.iter().enumerate().take(150) {
        nodes.node(index).delete(&session.id).await?;
    }
    let wanted: Vec<_> = sessions.iter().skip(150).collect();
    expect_found(&nodes.node(1).find(&[sub], nodes.now).await?, &wanted)
}

async fn at_once(nodes: Nodes) -> Result<(), Fault> {
    for _ in 0..10 {
        let sub = key()?;
        let mut sessions = Vec::new();
        for _ in 0..8 {
            let mut session = nodes.session()?;
            session.listing.index.sub = sub;
            sessions.push(session);
        }
        let inserts = sessions.iter().cloned().enumerate().map(|(index, session)| {
            let nodes = nodes.clone();
            Box::pin(async move {
                let _done = nodes.node(index).insert(&session, nodes.now).await?;
                let found = nodes.node(index + 1).find(&[sub], nodes.now).await?;
                let is_found = found.iter().any(|found| found.id == session.id);
                ensure(is_found, "a session is not found after its insert was answered")
            }) as _
        });
        together(inserts.collect()).await?;
        let wanted: Vec<_> = sessions.iter().collect();
        expect_found(&nodes.node(0).find(&[sub], nodes.now).await?, &wanted)?;
    }
    Ok(())
}

/// That these were found, with what they were stored with.
pub(super) fn expect_found(found: &[FoundSession], wanted: &[&StoredSession]) -> Result<(), Fault> {
    let ids: HashSet<_> = found.iter().map(|found| found.id).collect();
    ensure(ids.len() == found.len(), "a session is found twice")?;
    expect(found.len(), wanted.len(), "sessions that are found")?;
    for session in wanted {
        let Some(seen) = found.iter().find(|found| found.id == session.id) else {
            return Err(Fault::Violation("another session is found".to_owned()));
        };
        ensure(seen.listing == session.listing, "a session is found with another listing")?;
        expect(seen.expires_at, session.expires_at, "expires_at of what is found")?;
    }
    Ok(())
}
