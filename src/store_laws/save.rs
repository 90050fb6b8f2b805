//! Laws 2 and 3: a save of what is gone stores nothing, and a save against another version changes nothing.

use super::nodes::{
    Fault, Law, Nodes, change, ensure, expect, id, law, listing, random_bytes, together,
};
use crate::clock::UnixTime;
use crate::session::contract::{Change, Part, Saved, SealedPart, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(2, "a save to an id that was never used makes no session", makes_none),
    law!(3, "a save replaces one part and counts its version up", counts_up),
    law!(3, "a save brings a new expiry and a new listing, or leaves them", brings_or_leaves),
    law!(3, "a save against another version changes nothing", stale),
    law!(3, "the two parts have versions of their own", parts_apart),
    law!(3, "of saves that race against one version one is stored", race),
    law!(3, "counting by compare and save loses no count", no_lost_update),
    law!(3, "saves of both parts at once are no conflict", parts_at_once),
];

async fn makes_none(nodes: Nodes) -> Result<(), Fault> {
    for (part, expected) in [(Part::Auth, 0), (Part::Auth, 1), (Part::Application, 0)] {
        let (id, moved) = (id()?, listing()?);
        let expires_at = Some(nodes.at(60));
        let change = Change {
            part,
            expected,
            content: b"x".to_vec(),
            expires_at,
            listing: Some(moved.clone()),
        };
        let saved = nodes.node(0).save_if(&id, change, nodes.now).await?;
        expect(saved, Saved::Gone, "a save to an unknown id")?;
        nodes.expect_gone(&id, &moved.index.keys()).await?;
    }
    Ok(())
}

async fn counts_up(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.stored().await?;
    for round in 0..6_u64 {
        let content = random_bytes(30)?;
        let node = nodes.node(usize::try_from(round).unwrap_or(0));
        let auth = change(Part::Auth, round + 1, &content);
        expect(node.save_if(&session.id, auth, nodes.now).await?, Saved::Done, "an auth save")?;
        session.auth = SealedPart { version: round + 2, content: content.clone() };
        nodes.expect_stored(&session).await?;
        let data = change(Part::Application, round, &content);
        let saved = node.save_if(&session.id, data, nodes.now).await?;
        expect(saved, Saved::Done, "a save of application data")?;
        session.application = Some(SealedPart { version: round + 1, content });
        nodes.expect_stored(&session).await?;
    }
    let mut late = nodes.session()?;
    late.auth.version = i64::MAX.unsigned_abs() - 1;
    nodes.insert(&late).await?;
    let last = change(Part::Auth, late.auth.version, b"");
    let saved = nodes.node(0).save_if(&late.id, last, nodes.now).await?;
    expect(saved, Saved::Done, "a save to the highest version")?;
    late.auth = SealedPart { version: late.auth.version + 1, content: Vec::new() };
    nodes.expect_stored(&late).await
}

async fn brings_or_leaves(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.stored().await?;
    let moved = listing()?;
    let cases = [
        (Some(nodes.at(7_200)), None),
        (None, Some(&moved)),
        (None, None),
        (Some(UnixTime::from_seconds(i64::MAX)), Some(&moved)),
        (Some(nodes.at(1_800)), None),
    ];
    for (expires_at, listing) in cases {
        for part in [Part::Auth, Part::Application] {
            let expected = version(&session, part);
            let (content, listing) = (b"new".to_vec(), listing.cloned());
            let moved_to = listing.clone();
            let change = Change { part, expected, content, expires_at, listing };
            let saved = nodes.node(1).save_if(&session.id, change, nodes.now).await?;
            expect(saved, Saved::Done, "a save")?;
            let saved = SealedPart { version: expected + 1, content: b"new".to_vec() };
            match part {
                Part::Auth => session.auth = saved,
                Part::Application => session.application = Some(saved),
            }
            session.expires_at = expires_at.unwrap_or(session.expires_at);
            session.listing = moved_to.unwrap_or(session.listing);
            nodes.expect_stored(&session).await?;
        }
    }
    Ok(())
}

async fn stale(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.auth.version = 5;
    nodes.insert(&session).await?;
    let absent = [1, 2, i64::MAX.unsigned_abs()];
    refuse(&nodes, &session, Part::Auth, &[0, 1, 4, 6, i64::MAX.unsigned_abs()]).await?;
    refuse(&nodes, &session, Part::Application, &absent).await?;
    let first = change(Part::Application, 0, b"data");
    let saved = nodes.node(0).save_if(&session.id, first, nodes.now).await?;
    expect(saved, Saved::Done, "the first save of application data")?;
    session.application = Some(SealedPart { version: 1, content: b"data".to_vec() });
    refuse(&nodes, &session, Part::Application, &[0, 2, 5]).await
}

async fn refuse(
    nodes: &Nodes,
    session: &StoredSession,
    part: Part,
    versions: &[u64],
) -> Result<(), Fault> {
    let moved = listing()?;
    for (index, expected) in versions.iter().copied().enumerate() {
        let expires_at = Some(nodes.at(7_200));
        let change = Change {
            part,
            expected,
            content: b"x".to_vec(),
            expires_at,
            listing: Some(moved.clone()),
        };
        let saved = nodes.node(index).save_if(&session.id, change, nodes.now).await?;
        expect(saved, Saved::Stale, "a save against another version")?;
        nodes.expect_stored(session).await?;
        let found = nodes.node(index).find(&moved.index.keys(), nodes.now).await?;
        ensure(found.is_empty(), "a stale save has moved the session to its keys")?;
    }
    Ok(())
}

async fn parts_apart(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    for expected in 1..4 {
        let auth = change(Part::Auth, expected, b"auth");
        let saved = nodes.node(0).save_if(&session.id, auth, nodes.now).await?;
        expect(saved, Saved::Done, "an auth save")?;
    }
    let data = change(Part::Application, 0, b"data");
    let saved = nodes.node(1).save_if(&session.id, data, nodes.now).await?;
    expect(saved, Saved::Done, "a save of application data after saves of the auth part")?;
    let auth = change(Part::Auth, 4, b"auth");
    let saved = nodes.node(0).save_if(&session.id, auth, nodes.now).await?;
    expect(saved, Saved::Done, "an auth save after a save of application data")
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    for expected in 1..=25_u64 {
        let saves = (0..8_u8).map(|rival| {
            let (node, now, id) = (nodes.node(usize::from(rival)), nodes.now, session.id);
            Box::pin(async move {
                Ok(node.save_if(&id, change(Part::Auth, expected, &[rival]), now).await?)
            }) as _
        });
        let answers = together(saves.collect()).await?;
        let done = answers.iter().filter(|answer| **answer == Saved::Done).count();
        expect(done, 1, "saves against one version that say they were stored")?;
        let stale = answers.iter().filter(|answer| **answer == Saved::Stale).count();
        expect(stale, 7, "saves against one version that say they are stale")?;
        let winner = answers.iter().position(|answer| *answer == Saved::Done);
        let stored = nodes.node(1).fetch(&session.id, nodes.now).await?;
        let content = stored.map(|stored| stored.auth.content).unwrap_or_default();
        expect(content.first().map(|byte| usize::from(*byte)), winner, "whose content is stored")?;
    }
    Ok(())
}

async fn no_lost_update(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.auth.content = vec![0];
    nodes.insert(&session).await?;
    let counting = (0..6).map(|index| {
        let (node, now, id) = (nodes.node(index), nodes.now, session.id);
        Box::pin(async move {
            let (mut counted, mut stale) = (0, 0);
            while counted < 10 {
                let Some(seen) = node.fetch(&id, now).await? else {
                    return Err(Fault::Violation("the session is gone".to_owned()));
                };
                let content = [seen.auth.content.first().map_or(0, |count| count + 1)];
                let save = change(Part::Auth, seen.auth.version, &content);
                match node.save_if(&id, save, now).await? {
                    Saved::Done => counted += 1,
                    Saved::Stale => stale += 1,
                    Saved::Gone => return Err(Fault::Violation("a save says gone".to_owned())),
                }
                // Each is owed to a save of another that was stored since the fetch.
                ensure(stale <= 50, "a save is stale though nobody else has saved")?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }) as _
    });
    together(counting.collect()).await?;
    session.auth = SealedPart { version: 61, content: vec![60] };
    nodes.expect_stored(&session).await
}

async fn parts_at_once(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let lanes = [(Part::Auth, 1_u64), (Part::Application, 0)].into_iter().enumerate();
    let saves = lanes.map(|(index, (part, first))| {
        let (node, now, id) = (nodes.node(index), nodes.now, session.id);
        Box::pin(async move {
            for expected in first..first + 40 {
                let save = change(part, expected, b"saved");
                let saved = node.save_if(&id, save, now).await?;
                expect(saved, Saved::Done, "a save while the other part is saved")?;
            }
            Ok(())
        }) as _
    });
    together(saves.collect()).await.map(drop)
}

fn version(session: &StoredSession, part: Part) -> u64 {
    match part {
        Part::Auth => session.auth.version,
        Part::Application => session.application.as_ref().map_or(0, |part| part.version),
    }
}
