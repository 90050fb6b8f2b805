//! Laws 2 and 3 for touches: they change the summary and the expiry alone, make no session, are in no save's way, and write
//! over nothing that a save has left.

use super::nodes::{
    Fault, Law, Nodes, change, ensure, expect, id, jitter, law, listing, random_bytes, together,
};
use crate::clock::UnixTime;
use crate::session::contract::{Change, Listing, Part, Saved, SealedPart, StoredSession, Touch};

pub(super) const LAWS: &[Law] = &[
    law!(2, "a touch of an id that was never used makes no session", makes_none),
    law!(3, "a touch brings summary and expiry, also an earlier one, and nothing else", brings),
    law!(3, "a touch of another version changes nothing", stale),
    law!(3, "a touch leaves what a session became alone", trace),
    law!(3, "a touch that races a save does not write over it", race),
    law!(3, "touches during saves are no conflict", during_saves),
];

async fn makes_none(nodes: Nodes) -> Result<(), Fault> {
    for expected in 0..3 {
        let id = id()?;
        let touch = Touch::new(expected, b"x", nodes.at(60));
        let touched = nodes.node(0).touch(&id, touch, nodes.now).await?;
        expect(touched, Saved::Gone, "a touch of an unknown id")?;
        nodes.expect_gone(&id, &[]).await?;
    }
    Ok(())
}

async fn brings(nodes: Nodes) -> Result<(), Fault> {
    for version in [1, 5, i64::MAX.unsigned_abs()] {
        let mut session = nodes.session()?;
        session.auth.version = version;
        session.application = Some(SealedPart { version: 2, content: b"data".to_vec() });
        nodes.insert(&session).await?;
        let never = UnixTime::from_seconds(i64::MAX);
        let ends = [nodes.at(7_200), nodes.at(600), never, nodes.at(1_200), nodes.at(1_200)];
        for (index, expires_at) in ends.into_iter().enumerate() {
            let (node, summary) = (nodes.node(index), random_bytes(index * 50)?);
            let touch = Touch::new(version, summary.clone(), expires_at);
            let touched = node.touch(&session.id, touch, nodes.now).await?;
            expect(touched, Saved::Done, "a touch")?;
            session.expires_at = expires_at;
            session.listing.summary = summary;
            nodes.expect_stored(&session).await?;
            for key in session.listing.index.keys() {
                let found = node.find(&[key], nodes.now).await?;
                super::index::expect_found(&found, &[&session])?;
            }
        }
    }
    Ok(())
}

async fn stale(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.auth.version = 5;
    session.application = Some(SealedPart { version: 7, content: b"data".to_vec() });
    nodes.insert(&session).await?;
    refuse(&nodes, &session, &[0, 1, 4, 6, 7, i64::MAX.unsigned_abs()]).await?;
    let data = change(Part::Application, 7, b"new");
    let saved = nodes.node(1).save_if(&session.id, data, nodes.now).await?;
    expect(saved, Saved::Done, "a save of application data")?;
    session.application = Some(SealedPart { version: 8, content: b"new".to_vec() });
    refuse(&nodes, &session, &[0, 4, 6, 8]).await
}

/// As a session does that gives way to a new id: what is left under the old one lives as long as was decided then.
async fn trace(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.stored().await?;
    for round in 1..4 {
        let expires_at = nodes.at(600);
        let listing = Listing { index: session.listing.index, summary: Vec::new() };
        let save = Change {
            expires_at: Some(expires_at),
            listing: Some(listing.clone()),
            ..change(Part::Auth, round, b"trace")
        };
        let saved = nodes.node(0).save_if(&session.id, save, nodes.now).await?;
        expect(saved, Saved::Done, "a save")?;
        session.auth = SealedPart { version: round + 1, content: b"trace".to_vec() };
        (session.listing, session.expires_at) = (listing, expires_at);
        refuse(&nodes, &session, &[round]).await?;
    }
    Ok(())
}

async fn refuse(nodes: &Nodes, session: &StoredSession, versions: &[u64]) -> Result<(), Fault> {
    for (index, expected) in versions.iter().copied().enumerate() {
        for expires_at in [nodes.at(7_200), nodes.at(60)] {
            let touch = Touch::new(expected, b"late", expires_at);
            let touched = nodes.node(index).touch(&session.id, touch, nodes.now).await?;
            expect(touched, Saved::Stale, "a touch of another version")?;
            nodes.expect_stored(session).await?;
        }
    }
    Ok(())
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    for round in 0..60 {
        let (mut session, moved) = (nodes.stored().await?, listing()?);
        let mut lanes = Vec::new();
        for index in 0..5 {
            let (nodes, id, moved) = (nodes.clone(), session.id, moved.clone());
            lanes.push(Box::pin(async move {
                jitter().await?;
                let node = nodes.node(round + index);
                if index > 0 {
                    let touch = super::nodes::touch(nodes.at(7_200));
                    let touched = node.touch(&id, touch, nodes.now).await?;
                    return ensure(touched != Saved::Gone, "a touch says gone");
                }
                let save = Change {
                    expires_at: Some(nodes.at(1_800)),
                    listing: Some(moved.clone()),
                    ..change(Part::Auth, 1, b"saved")
                };
                let saved = node.save_if(&id, save, nodes.now).await?;
                expect(saved, Saved::Done, "a save among touches")
            }) as _);
        }
        together(lanes).await?;
        session.auth = SealedPart { version: 2, content: b"saved".to_vec() };
        (session.listing, session.expires_at) = (moved, nodes.at(1_800));
        nodes.expect_stored(&session).await?;
    }
    Ok(())
}

async fn during_saves(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let lanes = (0..6).map(|index| {
        let (nodes, id) = (nodes.clone(), session.id);
        Box::pin(async move {
            for round in 0..30 {
                let (node, now) = (nodes.node(index), nodes.now);
                let touch = Touch::new(round + 1, b"touched", nodes.at(7_200));
                let answer = match index {
                    0 => node.save_if(&id, change(Part::Auth, round + 1, b"a"), now).await?,
                    1 => node.save_if(&id, change(Part::Application, round, b"b"), now).await?,
                    _ => {
                        let touched = node.touch(&id, touch, now).await?;
                        ensure(touched != Saved::Gone, "a touch among saves says gone")?;
                        continue;
                    }
                };
                expect(answer, Saved::Done, "a save among touches")?;
            }
            Ok(())
        }) as _
    });
    together(lanes.collect()).await?;
    let mut wanted = session;
    wanted.auth = SealedPart { version: 31, content: b"a".to_vec() };
    wanted.application = Some(SealedPart { version: 30, content: b"b".to_vec() });
    let last = Touch::new(31, b"last", nodes.at(9_000));
    let touched = nodes.node(1).touch(&wanted.id, last.clone(), nodes.now).await?;
    expect(touched, Saved::Done, "a touch after all saves")?;
    (wanted.listing.summary, wanted.expires_at) = (b"last".to_vec(), last.expires_at);
    nodes.expect_stored(&wanted).await
}
