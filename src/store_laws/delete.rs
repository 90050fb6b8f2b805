//! Laws 2 and 7: a delete ends a session as a whole, and nothing brings it back.

use super::nodes::{Fault, Law, Nodes, change, expect, id, law, listing};
use crate::session::contract::{Change, Part, Saved, StoredSession, Touch};

pub(super) const LAWS: &[Law] = &[
    law!(7, "a deleted session is gone at once, on every node", gone_at_once),
    law!(2, "saves and touches of a deleted session say gone and bring nothing back", says_gone),
    law!(7, "a delete of nothing is no error", of_nothing),
    law!(7, "a delete ends one session alone", one_alone),
];

async fn gone_at_once(nodes: Nodes) -> Result<(), Fault> {
    for index in 0..nodes.len() * 4 {
        let session = nodes.stored().await?;
        nodes.node(index).delete(&session.id).await?;
        nodes.expect_gone(&session.id, &session.listing.index.keys()).await?;
    }
    let session = nodes.stored().await?;
    let moved = listing()?;
    let change = Change {
        part: Part::Auth,
        expected: 1,
        content: Vec::new(),
        expires_at: None,
        listing: Some(moved.clone()),
    };
    let saved = nodes.node(1).save_if(&session.id, change, nodes.now).await?;
    expect(saved, Saved::Done, "a save")?;
    nodes.node(0).delete(&session.id).await?;
    let keys = [session.listing.index.keys(), moved.index.keys()].concat();
    nodes.expect_gone(&session.id, &keys).await
}

async fn says_gone(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let data = change(Part::Application, 0, b"data");
    let saved = nodes.node(0).save_if(&session.id, data, nodes.now).await?;
    expect(saved, Saved::Done, "a save")?;
    nodes.node(0).delete(&session.id).await?;
    expect_all_gone(&nodes, &session).await
}

/// Every way to write to a session that is gone, on every node.
async fn expect_all_gone(nodes: &Nodes, session: &StoredSession) -> Result<(), Fault> {
    let expires_at = Some(nodes.at(7_200));
    for node in nodes.all() {
        for part in [Part::Auth, Part::Application] {
            for expected in 0..3 {
                let listing = Some(session.listing.clone());
                let change = Change { part, expected, content: b"x".to_vec(), expires_at, listing };
                let saved = node.save_if(&session.id, change, nodes.now).await?;
                expect(saved, Saved::Gone, "a save after the delete")?;
            }
        }
        for expected in 0..3 {
            let touch = Touch::new(expected, b"x", nodes.at(7_200));
            let touched = node.touch(&session.id, touch, nodes.now).await?;
            expect(touched, Saved::Gone, "a touch after the delete")?;
        }
        nodes.expect_gone(&session.id, &session.listing.index.keys()).await?;
    }
    Ok(())
}

async fn of_nothing(nodes: Nodes) -> Result<(), Fault> {
    nodes.node(0).delete(&id()?).await?;
    let session = nodes.stored().await?;
    for node in nodes.all() {
        node.delete(&session.id).await?;
        node.delete(&session.id).await?;
    }
    nodes.expect_gone(&session.id, &session.listing.index.keys()).await
}

async fn one_alone(nodes: Nodes) -> Result<(), Fault> {
    let (gone, mut stays) = (nodes.stored().await?, nodes.session()?);
    stays.listing.index = gone.listing.index;
    nodes.insert(&stays).await?;
    nodes.node(1).delete(&gone.id).await?;
    nodes.expect_gone(&gone.id, &gone.listing.index.keys()).await?;
    nodes.expect_stored(&stays).await?;
    let found = nodes.node(0).find(&gone.listing.index.keys(), nodes.now).await?;
    expect(found.len(), 1, "sessions under the keys that the two had in common")
}
