//! Law 5: whoever remembers a key first hears `true`, and nobody else does.

use tower_sessions::session::Id;

use super::nodes::{Fault, Law, Nodes, ensure, expect, id, law, together};

pub(super) const LAWS: &[Law] = &[
    law!(5, "a key is new once, whichever node is asked", once),
    law!(5, "keys that differ in one bit are two", one_bit),
    law!(5, "keys, sessions and locks of one value do not meet", apart),
    law!(5, "of callers that race one hears true", race),
];

async fn once(nodes: Nodes) -> Result<(), Fault> {
    let keys = [id()?, id()?, Id(id()?.0 | i128::MIN), Id(id()?.0 & i128::MAX)];
    for (index, key) in keys.iter().enumerate() {
        let first = nodes.node(index).remember(key, nodes.at(60), nodes.now).await?;
        ensure(first, "a new key is known already")?;
        for node in nodes.all() {
            let again = node.remember(key, nodes.at(600), nodes.now).await?;
            ensure(!again, "a key is new a second time")?;
        }
    }
    Ok(())
}

async fn one_bit(nodes: Nodes) -> Result<(), Fault> {
    let key = id()?;
    let first = nodes.node(0).remember(&key, nodes.at(60), nodes.now).await?;
    ensure(first, "a new key is known already")?;
    for bit in [0, 1, 7, 8, 31, 52, 53, 63, 64, 100, 126, 127] {
        let other = Id(key.0 ^ (1 << bit));
        let new = nodes.node(bit).remember(&other, nodes.at(60), nodes.now).await?;
        ensure(new, format!("a key that differs in bit {bit} is known already"))?;
    }
    Ok(())
}

async fn apart(nodes: Nodes) -> Result<(), Fault> {
    let (session, node) = (nodes.stored().await?, nodes.node(0));
    let new = node.remember(&session.id, nodes.at(60), nodes.now).await?;
    ensure(new, "the id of a session is a known key")?;
    let holder = id()?;
    let taken = node.lock(&session.id, &holder, std::time::Duration::from_secs(60)).await?;
    ensure(taken, "a lock under the id of a session cannot be taken")?;
    nodes.expect_stored(&session).await?;
    node.delete(&session.id).await?;
    let again = node.remember(&session.id, nodes.at(60), nodes.now).await?;
    ensure(!again, "the delete of a session has forgotten a key")?;
    let other = node.lock(&session.id, &id()?, std::time::Duration::from_secs(60)).await?;
    ensure(!other, "the delete of a session has released a lock")?;
    node.unlock(&session.id, &holder).await?;
    Ok(())
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    for _ in 0..50 {
        let key = id()?;
        let callers = (0..8).map(|index| {
            let (node, now, until) = (nodes.node(index), nodes.now, nodes.at(60));
            Box::pin(async move { Ok(node.remember(&key, until, now).await?) }) as _
        });
        let answers = together(callers.collect()).await?;
        let first = answers.into_iter().filter(|answer| *answer).count();
        expect(first, 1, "callers who hear that they are the first")?;
    }
    Ok(())
}
