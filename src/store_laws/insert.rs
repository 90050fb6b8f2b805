//! Law 1: an insert never replaces what is there; and what it stores is what comes back.

use super::nodes::{
    Fault, Law, Nodes, ensure, expect, expect_same, id, law, random_bytes, together,
};
use crate::clock::UnixTime;
use crate::session::contract::{Inserted, SealedPart};

pub(super) const LAWS: &[Law] = &[
    law!(1, "what is inserted comes back, on every node", comes_back),
    law!(1, "contents of any size and any bytes come back", any_content),
    law!(1, "extreme times and versions come back", extremes),
    law!(1, "a second insert changes nothing", never_replaces),
    law!(1, "of inserts that race one is stored", race),
];

async fn comes_back(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.auth.version = 7;
    session.application = Some(SealedPart { version: 3, content: random_bytes(90)? });
    nodes.insert(&session).await?;
    nodes.expect_stored(&session).await?;
    let bare = nodes.stored().await?;
    nodes.expect_stored(&bare).await?;
    nodes.expect_stored(&session).await?;
    let nobody = nodes.node(0).fetch(&id()?, nodes.now).await?;
    ensure(nobody.is_none(), "there is a session under an id that was never used")
}

async fn any_content(nodes: Nodes) -> Result<(), Fault> {
    let every_byte: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    for content in [Vec::new(), vec![0], every_byte, random_bytes(65_536)?] {
        let mut session = nodes.session()?;
        session.application = Some(SealedPart { version: 1, content: content.clone() });
        session.listing.summary = content.iter().copied().take(4_096).collect();
        session.auth.content = content;
        nodes.insert(&session).await?;
        nodes.expect_stored(&session).await?;
    }
    Ok(())
}

async fn extremes(nodes: Nodes) -> Result<(), Fault> {
    for (expires_at, version) in [
        (i64::MAX, i64::MAX.unsigned_abs()),
        (i64::MAX - 1, 1 << 53),
        (nodes.at(1).seconds(), (1 << 53) + 1),
        (253_402_300_800, u64::from(u32::MAX) + 1),
    ] {
        let mut session = nodes.session()?;
        session.expires_at = UnixTime::from_seconds(expires_at);
        session.auth.version = version;
        session.application = Some(SealedPart { version, content: Vec::new() });
        nodes.insert(&session).await?;
        // A store that expires by its own clock may have lost the one that had a second to live.
        if expires_at > nodes.at(60).seconds() {
            nodes.expect_stored(&session).await?;
        }
    }
    Ok(())
}

async fn never_replaces(nodes: Nodes) -> Result<(), Fault> {
    let first = nodes.stored().await?;
    for node in nodes.all() {
        let mut second = nodes.session()?;
        second.id = first.id;
        second.auth.version = 2;
        second.expires_at = nodes.at(7_200);
        let inserted = node.insert(&second, nodes.now).await?;
        expect(inserted, Inserted::Exists, "an insert where there is a session")?;
        nodes.expect_stored(&first).await?;
        let found = node.find(&second.listing.index.keys(), nodes.now).await?;
        ensure(found.is_empty(), "the session is found by keys of an insert that was refused")?;
    }
    let again = nodes.node(0).insert(&first, nodes.now).await?;
    expect(again, Inserted::Exists, "the same insert once more")
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    for _ in 0..20 {
        let id = nodes.session()?.id;
        let mut rivals = Vec::new();
        for _ in 0..8 {
            let mut session = nodes.session()?;
            session.id = id;
            rivals.push(session);
        }
        let inserts = rivals.iter().cloned().enumerate().map(|(index, session)| {
            let (node, now) = (nodes.node(index), nodes.now);
            Box::pin(async move { Ok(node.insert(&session, now).await?) }) as _
        });
        let answers = together(inserts.collect()).await?;
        let done = answers.iter().filter(|answer| **answer == Inserted::Done).count();
        expect(done, 1, "inserts that say they stored the session")?;
        for (answer, session) in answers.iter().zip(&rivals) {
            let found = nodes.node(1).find(&session.listing.index.keys(), nodes.now).await?;
            if *answer == Inserted::Done {
                let stored = nodes.node(0).fetch(&id, nodes.now).await?;
                let stored = stored.ok_or(Fault::Violation("no session is stored".to_owned()))?;
                expect_same(&stored, session)?;
                expect(found.len(), 1, "sessions under the keys of the one that was stored")?;
            } else {
                expect(*answer, Inserted::Exists, "the answer to those who came second")?;
                expect(found.len(), 0, "sessions under the keys of a refused insert")?;
            }
        }
    }
    Ok(())
}
