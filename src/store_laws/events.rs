//! Law 11: whoever listens hears of every save and every deletion, and can wait until it has heard all.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::{Either, select};
use tower_sessions::session::Id;

use super::nodes::{Fault, Law, Nodes, change, ensure, expect, law, together, touch};
use crate::clock::{Clock as _, SystemClock};
use crate::session::contract::{Part, Saved, StoreEvent, StoreListener, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(11, "saves and deletions of any node are heard on every node", heard),
    law!(11, "catch_up gives all events of what was answered before", barrier),
    law!(11, "touches and expiry make no event", no_event),
    law!(11, "a listener that is not waited for loses nothing", dropped_futures),
    law!(11, "many saves at once are all heard", burst),
];

type Listener = Box<dyn StoreListener>;

async fn listeners(nodes: &Nodes) -> Result<Vec<Listener>, Fault> {
    let mut listeners = Vec::new();
    for node in nodes.all() {
        listeners.push(node.listen().await?.ok_or(Fault::NotOffered)?);
    }
    Ok(listeners)
}

async fn heard(nodes: Nodes) -> Result<(), Fault> {
    let mut listeners = listeners(&nodes).await?;
    for index in 0..nodes.len() * 2 {
        let (session, node) = (nodes.stored().await?, nodes.node(index));
        save(&nodes, index, &session, Part::Auth, 1).await?;
        hear_all(&mut listeners, &[StoreEvent::Changed(session.id)]).await?;
        save(&nodes, index, &session, Part::Application, 0).await?;
        hear_all(&mut listeners, &[StoreEvent::Changed(session.id)]).await?;
        node.delete(&session.id).await?;
        hear_all(&mut listeners, &[StoreEvent::Deleted(session.id)]).await?;
    }
    Ok(())
}

async fn hear_all(listeners: &mut [Listener], wanted: &[StoreEvent]) -> Result<(), Fault> {
    for (index, listener) in listeners.iter_mut().enumerate() {
        let mut missing: HashSet<StoreEvent> = wanted.iter().copied().collect();
        while !missing.is_empty() {
            match select(listener.next(), SystemClock.sleep(IN_TIME)).await {
                Either::Left((event, _)) => _ = missing.remove(&event?),
                Either::Right(_) => {
                    let kinds: Vec<_> = missing.iter().map(kind).collect();
                    let seen = format!("listener {index} has not heard {kinds:?} in {IN_TIME:?}");
                    return Err(Fault::Violation(seen));
                }
            }
        }
    }
    Ok(())
}

async fn barrier(nodes: Nodes) -> Result<(), Fault> {
    let mut listeners = listeners(&nodes).await?;
    for round in 0..40 {
        let session = nodes.stored().await?;
        let wanted = if round % 2 == 0 {
            save(&nodes, round, &session, Part::Auth, 1).await?;
            StoreEvent::Changed(session.id)
        } else {
            nodes.node(round).delete(&session.id).await?;
            StoreEvent::Deleted(session.id)
        };
        for listener in &mut listeners {
            let events = listener.catch_up().await?;
            let what = kind(&wanted);
            ensure(events.contains(&wanted), format!("catch_up has not heard that one {what}"))?;
        }
    }
    Ok(())
}

async fn no_event(nodes: Nodes) -> Result<(), Fault> {
    let mut listeners = listeners(&nodes).await?;
    let (session, expiring) = (nodes.stored().await?, nodes.stored().await?);
    for index in 0..nodes.len() * 2 {
        let node = nodes.node(index);
        let touched = node.touch(&session.id, touch(nodes.at(9_000)), nodes.now).await?;
        expect(touched, Saved::Done, "a touch")?;
    }
    let node = nodes.node(0);
    let ended = node.touch(&expiring.id, touch(nodes.at(-1)), nodes.now).await?;
    expect(ended, Saved::Done, "a touch that ends the session")?;
    ensure(node.fetch(&expiring.id, nodes.now).await?.is_none(), "the session is still there")?;
    let _freed = node.delete_expired(SystemClock.now()).await?;
    for listener in &mut listeners {
        let events = listener.catch_up().await?;
        for unwanted in [session.id, expiring.id].map(StoreEvent::Changed) {
            ensure(!events.contains(&unwanted), "a touch has made an event")?;
        }
        let expiry = StoreEvent::Deleted(expiring.id);
        ensure(!events.contains(&expiry), "an expiry has made an event")?;
    }
    Ok(())
}

async fn dropped_futures(nodes: Nodes) -> Result<(), Fault> {
    let mut listeners = listeners(&nodes).await?;
    let mut wanted = HashSet::new();
    let mut heard: Vec<HashSet<StoreEvent>> = listeners.iter().map(|_| HashSet::new()).collect();
    for round in 0..30_u64 {
        let session = nodes.stored().await?;
        save(&nodes, 0, &session, Part::Auth, 1).await?;
        wanted.insert(StoreEvent::Changed(session.id));
        for (listener, heard) in listeners.iter_mut().zip(&mut heard) {
            let soon = SystemClock.sleep(Duration::from_micros(round * 200));
            if let Either::Right((event, _)) = select(soon, listener.next()).await {
                heard.insert(event?);
            }
        }
    }
    for (listener, mut heard) in listeners.iter_mut().zip(heard) {
        heard.extend(listener.catch_up().await?);
        let lost = wanted.difference(&heard).count();
        expect(lost, 0, "events lost when a future was dropped")?;
    }
    Ok(())
}

async fn burst(nodes: Nodes) -> Result<(), Fault> {
    let mut listeners = listeners(&nodes).await?;
    let lanes = (0..4).map(|index| {
        let nodes = nodes.clone();
        Box::pin(async move {
            let mut events = Vec::new();
            for _ in 0..25 {
                let session = nodes.session()?;
                let _done = nodes.node(index).insert(&session, nodes.now).await?;
                save(&nodes, index, &session, Part::Auth, 1).await?;
                events.push(StoreEvent::Changed(session.id));
                nodes.node(index + 1).delete(&session.id).await?;
                events.push(StoreEvent::Deleted(session.id));
            }
            Ok(events)
        }) as _
    });
    let wanted: Vec<Vec<StoreEvent>> = together(lanes.collect()).await?;
    let wanted = wanted.concat();
    for listener in &mut listeners {
        let heard: HashSet<StoreEvent> = listener.catch_up().await?.into_iter().collect();
        let lost = wanted.iter().filter(|event| !heard.contains(event)).count();
        expect(lost, 0, "events of two hundred that were not heard")?;
    }
    Ok(())
}

async fn save(
    nodes: &Nodes,
    node: usize,
    session: &StoredSession,
    part: Part,
    expected: u64,
) -> Result<(), Fault> {
    let save = change(part, expected, b"saved");
    let saved = nodes.node(node).save_if(&session.id, save, nodes.now).await?;
    expect(saved, Saved::Done, "a save")
}

/// Without the id, which belongs in no message.
fn kind(event: &StoreEvent) -> &'static str {
    match event {
        StoreEvent::Changed(Id(_)) => "changed",
        StoreEvent::Deleted(Id(_)) => "deleted",
    }
}

const IN_TIME: Duration = Duration::from_secs(10);
