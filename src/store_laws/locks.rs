//! Law 10: one holder at most, until it lets go or its lease is over by the store's own clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tower_sessions::session::Id;

use super::nodes::{Fault, Law, Nodes, ensure, expect, id, law, together};
use crate::clock::{Clock as _, SystemClock};

pub(super) const LAWS: &[Law] = &[
    law!(10, "a lock has one holder, on every node", one_holder),
    law!(10, "nobody but the holder releases a lock", released_by_holder),
    law!(10, "a lock ends with its lease, and not before", lease),
    law!(10, "a lock that is taken anew outlives its first lease", renewed),
    law!(10, "of callers that race one gets the lock", race),
    law!(10, "what a lock guards happens once at a time", exclusion),
];

async fn one_holder(nodes: Nodes) -> Result<(), Fault> {
    let (lock, other_lock, holder) = (id()?, id()?, id()?);
    ensure(nodes.node(0).lock(&lock, &holder, LONG).await?, "a free lock cannot be taken")?;
    for node in nodes.all() {
        ensure(!node.lock(&lock, &id()?, LONG).await?, "a lock is taken from its holder")?;
        ensure(node.lock(&lock, &holder, LONG).await?, "the holder cannot take it anew")?;
        ensure(node.lock(&other_lock, &holder, LONG).await?, "another lock cannot be taken")?;
    }
    ensure(!nodes.node(0).lock(&lock, &id()?, LONG).await?, "a lock is taken from its holder")
}

async fn released_by_holder(nodes: Nodes) -> Result<(), Fault> {
    let (lock, holder, second) = (id()?, id()?, id()?);
    nodes.node(0).unlock(&lock, &holder).await?;
    ensure(nodes.node(0).lock(&lock, &holder, LONG).await?, "a free lock cannot be taken")?;
    for node in nodes.all() {
        node.unlock(&lock, &second).await?;
        node.unlock(&id()?, &holder).await?;
        ensure(!node.lock(&lock, &second, LONG).await?, "a lock was released by another")?;
    }
    nodes.node(1).unlock(&lock, &holder).await?;
    ensure(nodes.node(0).lock(&lock, &second, LONG).await?, "a released lock is not free")?;
    nodes.node(1).unlock(&lock, &holder).await?;
    ensure(!nodes.node(0).lock(&lock, &holder, LONG).await?, "the former holder has it again")?;
    nodes.node(0).unlock(&lock, &second).await?;
    Ok(())
}

async fn lease(nodes: Nodes) -> Result<(), Fault> {
    let (lock, holder, second) = (id()?, id()?, id()?);
    let begun = SystemClock.monotonic();
    ensure(nodes.node(0).lock(&lock, &holder, SHORT).await?, "a free lock cannot be taken")?;
    until_taken(&nodes, &lock, &second).await?;
    let taken_after = SystemClock.monotonic().saturating_sub(begun);
    ensure(taken_after >= SHORT, format!("a lock was free {taken_after:?} after it was taken"))?;
    nodes.node(0).unlock(&lock, &holder).await?;
    ensure(!nodes.node(1).lock(&lock, &holder, LONG).await?, "a lock was released by another")?;
    nodes.node(1).unlock(&lock, &second).await?;
    ensure(nodes.node(0).lock(&lock, &holder, LONG).await?, "a released lock is not free")
}

async fn until_taken(nodes: &Nodes, lock: &Id, holder: &Id) -> Result<(), Fault> {
    for round in 0..200 {
        if nodes.node(round).lock(lock, holder, LONG).await? {
            return Ok(());
        }
        SystemClock.sleep(Duration::from_millis(50)).await;
    }
    Err(Fault::Violation("a lock is held long after its lease".to_owned()))
}

async fn renewed(nodes: Nodes) -> Result<(), Fault> {
    let (lock, witness, holder) = (id()?, id()?, id()?);
    for lock in [&lock, &witness] {
        ensure(nodes.node(0).lock(lock, &holder, SHORT).await?, "a free lock cannot be taken")?;
    }
    if !nodes.node(1).lock(&lock, &holder, LONG).await? {
        return Err(Fault::Violation("the holder cannot take it anew".to_owned()));
    }
    // Once the lease of the second lock is over, the first one of the first is, too.
    until_taken(&nodes, &witness, &id()?).await?;
    ensure(!nodes.node(1).lock(&lock, &id()?, LONG).await?, "a lease that was renewed has ended")
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    for _ in 0..40 {
        let lock = id()?;
        let callers = (0..8).map(|index| {
            let node = nodes.node(index);
            Box::pin(async move { Ok(node.lock(&lock, &id()?, LONG).await?) }) as _
        });
        let answers = together(callers.collect()).await?;
        let holders = answers.into_iter().filter(|taken| *taken).count();
        expect(holders, 1, "callers who hold the lock")?;
    }
    Ok(())
}

async fn exclusion(nodes: Nodes) -> Result<(), Fault> {
    let (lock, inside) = (id()?, Arc::new(AtomicU32::new(0)));
    let lanes = (0..6).map(|index| {
        let (node, inside) = (nodes.node(index), Arc::clone(&inside));
        Box::pin(async move {
            let holder = id()?;
            for _ in 0..10 {
                let mut tries = 0;
                while !node.lock(&lock, &holder, LONG).await? {
                    tries += 1;
                    ensure(tries < 20_000, "a lock that is released again and again is not free")?;
                    SystemClock.sleep(Duration::from_millis(1)).await;
                }
                let others = inside.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                node.unlock(&lock, &holder).await?;
                expect(others, 0, "others who hold the lock at the same time")?;
            }
            Ok(())
        }) as _
    });
    together(lanes.collect()).await.map(drop)
}

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(600);
