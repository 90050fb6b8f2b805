//! Laws 2 and 3 for touches: they change times alone, make no session, and are in no save's way.

use super::nodes::{Fault, Law, Nodes, change, expect, id, law, together};
use crate::clock::UnixTime;
use crate::session::contract::{Part, Saved, SealedPart};

pub(super) const LAWS: &[Law] = &[
    law!(2, "a touch of an id that was never used makes no session", makes_none),
    law!(3, "a touch changes both times, to earlier ones too, and nothing else", times_alone),
    law!(3, "touches during saves are no conflict", during_saves),
];

async fn makes_none(nodes: Nodes) -> Result<(), Fault> {
    let id = id()?;
    let touched = nodes.node(0).touch(&id, nodes.now, nodes.at(60), nodes.now).await?;
    expect(touched, Saved::Gone, "a touch of an unknown id")?;
    nodes.expect_gone(&id, &[]).await
}

async fn times_alone(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.application = Some(SealedPart { version: 2, content: b"data".to_vec() });
    nodes.insert(&session).await?;
    let at = UnixTime::from_seconds;
    let times = [
        (nodes.at(60), nodes.at(7_200)),
        (nodes.at(-60), nodes.at(600)),
        (at(i64::MIN), at(i64::MAX)),
        (at(i64::MAX), nodes.at(1_200)),
        (nodes.now, nodes.at(1_200)),
    ];
    for (index, (last_used_at, expires_at)) in times.into_iter().enumerate() {
        let node = nodes.node(index);
        let touched = node.touch(&session.id, last_used_at, expires_at, nodes.now).await?;
        expect(touched, Saved::Done, "a touch")?;
        (session.last_used_at, session.expires_at) = (last_used_at, expires_at);
        nodes.expect_stored(&session).await?;
        let found = node.find(&[session.listing.index.sid], nodes.now).await?;
        let found = found.first().map(|found| (found.last_used_at, found.expires_at));
        expect(found, Some((last_used_at, expires_at)), "the times that a session is found with")?;
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
                let answer = match index {
                    0 => node.save_if(&id, &change(Part::Auth, round + 1, b"a"), now).await?,
                    1 => node.save_if(&id, &change(Part::Application, round, b"b"), now).await?,
                    _ => node.touch(&id, now, nodes.at(7_200), now).await?,
                };
                expect(answer, Saved::Done, "a touch or a save among touches")?;
            }
            Ok(())
        }) as _
    });
    together(lanes.collect()).await?;
    let mut wanted = session;
    wanted.auth = SealedPart { version: 31, content: b"a".to_vec() };
    wanted.application = Some(SealedPart { version: 30, content: b"b".to_vec() });
    wanted.expires_at = nodes.at(7_200);
    nodes.expect_stored(&wanted).await
}
