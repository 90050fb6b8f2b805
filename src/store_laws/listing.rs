//! Law 8: a save that brings another listing moves the session to its keys, and away from the old ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::index::expect_found;
use super::nodes::{Fault, Law, Nodes, Work, change, expect, key, law, listing, together};
use crate::session::contract::{Change, Listing, Part, Saved, SealedPart, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(8, "a save moves the session from the old keys to the new ones", moves),
    law!(8, "a save moves one session alone", one_alone),
    law!(8, "a session that moves is found by the key that stays", stays_found),
    law!(8, "of moves that race the stored one counts", race),
];

async fn moves(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.stored().await?;
    let mut old = Vec::new();
    for round in 0..6 {
        let mut moved = listing()?;
        if round % 2 == 0 {
            moved.index.sub = session.listing.index.sub;
        }
        old.extend(session.listing.index.keys());
        save(&nodes, round, &mut session, &moved).await?;
        old.retain(|key| !moved.index.keys().contains(key));
        for node in nodes.all() {
            expect_found(&node.find(&old, nodes.now).await?, &[])?;
            for key in moved.index.keys() {
                expect_found(&node.find(&[key], nodes.now).await?, &[&session])?;
            }
        }
    }
    // Back to keys that it has had before, and the same listing once more.
    let mut back = listing()?;
    back.index.sid = old[1];
    save(&nodes, 0, &mut session, &back).await?;
    save(&nodes, 1, &mut session, &back).await?;
    expect_found(&nodes.node(0).find(&[old[1]], nodes.now).await?, &[&session])
}

async fn save(
    nodes: &Nodes,
    node: usize,
    session: &mut StoredSession,
    listing: &Listing,
) -> Result<(), Fault> {
    let version = session.auth.version;
    let save = Change { listing: Some(listing.clone()), ..change(Part::Auth, version, b"moved") };
    let saved = nodes.node(node).save_if(&session.id, save, nodes.now).await?;
    expect(saved, Saved::Done, "a save that moves the session")?;
    session.auth = SealedPart { version: version + 1, content: b"moved".to_vec() };
    session.listing = listing.clone();
    Ok(())
}

async fn one_alone(nodes: Nodes) -> Result<(), Fault> {
    let (mut moving, mut stays) = (nodes.stored().await?, nodes.session()?);
    stays.listing.index.sub = moving.listing.index.sub;
    nodes.insert(&stays).await?;
    let sub = moving.listing.index.sub;
    let moved = listing()?;
    save(&nodes, 1, &mut moving, &moved).await?;
    expect_found(&nodes.node(0).find(&[sub], nodes.now).await?, &[&stays])?;
    nodes.node(0).delete(&moving.id).await?;
    expect_found(&nodes.node(1).find(&stays.listing.index.keys(), nodes.now).await?, &[&stays])
}

/// While the session moves from `sid` to `sid`, its `sub` finds it every time, once.
async fn stays_found(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let done = Arc::new(AtomicBool::new(false));
    let (mover, end) = (nodes.clone(), Arc::clone(&done));
    let mut moving = session.clone();
    let mut lanes: Vec<Work<Result<(), Fault>>> = vec![Box::pin(async move {
        for round in 0..60 {
            let mut moved = moving.listing.clone();
            moved.index.sid = key()?;
            let outcome = save(&mover, round, &mut moving, &moved).await;
            if outcome.is_err() {
                end.store(true, Ordering::Release);
            }
            outcome?;
        }
        end.store(true, Ordering::Release);
        Ok(())
    })];
    for index in 0..3 {
        let (nodes, done, listed) = (nodes.clone(), Arc::clone(&done), session.listing.index);
        lanes.push(Box::pin(async move {
            while !done.load(Ordering::Acquire) {
                let keys = [listed.sub, listed.session];
                let found = nodes.node(index).find(&keys, nodes.now).await?;
                expect(found.len(), 1, "sessions under a key while another key moves")?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }));
    }
    together(lanes).await.map(drop)
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.stored().await?;
    for expected in 1..=15 {
        let rivals = (0..6).map(|_| listing()).collect::<Result<Vec<_>, _>>()?;
        let saves = rivals.iter().cloned().enumerate().map(|(index, listing)| {
            let (node, now, id) = (nodes.node(index), nodes.now, session.id);
            Box::pin(async move {
                let save =
                    Change { listing: Some(listing), ..change(Part::Auth, expected, b"moved") };
                Ok(node.save_if(&id, save, now).await?)
            }) as _
        });
        let answers = together(saves.collect()).await?;
        session.auth = SealedPart { version: expected + 1, content: b"moved".to_vec() };
        let won = answers.iter().zip(&rivals).find(|(answer, _)| **answer == Saved::Done);
        let Some((_, winner)) = won else {
            return Err(Fault::Violation("no save was stored".to_owned()));
        };
        let before = std::mem::replace(&mut session.listing, winner.clone());
        let mut losing = vec![before];
        losing.extend(rivals.iter().filter(|rival| *rival != winner).cloned());
        for lost in losing {
            expect_found(&nodes.node(1).find(&lost.index.keys(), nodes.now).await?, &[])?;
        }
        expect_found(&nodes.node(0).find(&winner.index.keys(), nodes.now).await?, &[&session])?;
    }
    Ok(())
}
