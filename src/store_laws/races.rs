//! Laws 2 and 7 under fire: whatever is in flight when a delete is answered, the session stays gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::nodes::{
    Fault, Law, Nodes, Work, change, ensure, expect, jitter, law, listing, together,
};
use crate::session::contract::{Change, IndexKey, Listing, Part, Saved, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(2, "nothing that is in flight outlives a delete", delete_wins),
    law!(2, "a write that begins after a delete was answered says gone", late_writes),
];

async fn delete_wins(nodes: Nodes) -> Result<(), Fault> {
    for round in 0..100 {
        let (session, moved) = (nodes.stored().await?, listing()?);
        let keys = [session.listing.index.keys(), moved.index.keys()].concat();
        let lanes = vec![
            write(&nodes, round, &session, Some(&moved), Part::Auth),
            write(&nodes, round + 1, &session, None, Part::Application),
            touch(&nodes, round, &session),
            touch(&nodes, round + 1, &session),
            delete(&nodes, round + 1, &session, keys.clone()),
        ];
        together(lanes).await?;
        nodes.expect_gone(&session.id, &keys).await?;
        let after = change(Part::Auth, 2, b"x");
        for node in nodes.all() {
            let saved = node.save_if(&session.id, after.clone(), nodes.now).await?;
            expect(saved, Saved::Gone, "a save after the delete")?;
        }
    }
    Ok(())
}

fn write(
    nodes: &Nodes,
    node: usize,
    session: &StoredSession,
    moved: Option<&Listing>,
    part: Part,
) -> Work<Result<(), Fault>> {
    let (nodes, id, listing) = (nodes.clone(), session.id, moved.cloned());
    Box::pin(async move {
        jitter().await?;
        let expected = u64::from(part == Part::Auth);
        let expires_at = Some(nodes.at(7_200));
        let change = Change { part, expected, content: b"late".to_vec(), expires_at, listing };
        let saved = nodes.node(node).save_if(&id, change, nodes.now).await?;
        ensure(saved != Saved::Stale, "the first save of a part is stale")
    })
}

fn touch(nodes: &Nodes, node: usize, session: &StoredSession) -> Work<Result<(), Fault>> {
    let (nodes, id) = (nodes.clone(), session.id);
    Box::pin(async move {
        jitter().await?;
        // Whether a save came first is nobody's business here.
        let touch = super::nodes::touch(nodes.at(7_200));
        let _touched = nodes.node(node).touch(&id, touch, nodes.now).await?;
        Ok(())
    })
}

/// Deletes, and looks at once, while the others may still be at it.
fn delete(
    nodes: &Nodes,
    node: usize,
    session: &StoredSession,
    keys: Vec<IndexKey>,
) -> Work<Result<(), Fault>> {
    let (nodes, id) = (nodes.clone(), session.id);
    Box::pin(async move {
        jitter().await?;
        nodes.node(node).delete(&id).await?;
        for _ in 0..3 {
            nodes.expect_gone(&id, &keys).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    })
}

async fn late_writes(nodes: Nodes) -> Result<(), Fault> {
    for round in 0..30 {
        let (session, deleted) = (nodes.stored().await?, Arc::new(AtomicBool::new(false)));
        let mut lanes: Vec<Work<Result<(), Fault>>> = Vec::new();
        for index in 0..4 {
            let (nodes, id, deleted) = (nodes.clone(), session.id, Arc::clone(&deleted));
            lanes.push(Box::pin(async move {
                for _ in 0..200 {
                    let was_deleted = deleted.load(Ordering::SeqCst);
                    let (node, now) = (nodes.node(round + index), nodes.now);
                    let answer = if index % 2 == 0 {
                        node.touch(&id, super::nodes::touch(nodes.at(7_200)), now).await?
                    } else {
                        let seen = node.fetch(&id, now).await?;
                        let version = seen.map_or(1, |seen| seen.auth.version);
                        node.save_if(&id, change(Part::Auth, version, b"x"), now).await?
                    };
                    if was_deleted {
                        return expect(answer, Saved::Gone, "a write after the delete");
                    }
                    tokio::task::yield_now().await;
                }
                Ok(())
            }));
        }
        let (node, id) = (nodes.node(round), session.id);
        lanes.push(Box::pin(async move {
            jitter().await?;
            let outcome = node.delete(&id).await;
            deleted.store(true, Ordering::SeqCst);
            Ok(outcome?)
        }));
        together(lanes).await?;
        nodes.expect_gone(&session.id, &session.listing.index.keys()).await?;
    }
    Ok(())
}
