//! Law 9: markers stand by themselves, and of several under one key the stricter times are kept.

use super::nodes::{Fault, Law, Nodes, expect, key, law, random_bytes, together};
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Marker};

pub(super) const LAWS: &[Law] = &[
    law!(9, "a marker is kept as it is, on every node", kept),
    law!(9, "a marker does not depend on any session", stands_alone),
    law!(9, "markers under one key are merged, each time by itself", merged),
    law!(9, "one call marks many keys, and one key twice", many),
    law!(9, "markers that race are all merged", race),
];

async fn kept(nodes: Nodes) -> Result<(), Fault> {
    let never = Marker::NEVER.seconds();
    let times = [(never, never, never), (0, 0, nodes.at(60).seconds()), (-1, i64::MIN, never)];
    let unknown = key()?;
    let mut markers = Vec::new();
    for (index, (begun, authenticated, until)) in times.into_iter().enumerate() {
        let marker = marker(key()?, begun, authenticated, until);
        nodes.node(index).mark(&[marker], nodes.now).await?;
        markers.push(marker);
    }
    for node in nodes.all() {
        for marker in &markers {
            let keys = [marker.key, unknown, marker.key];
            expect(node.markers(&keys, nodes.now).await?, vec![*marker], "the markers of a key")?;
        }
        let keys: Vec<_> = markers.iter().map(|marker| marker.key).collect();
        expect_all(node.markers(&keys, nodes.now).await?, &markers)?;
        for nothing in [&[][..], &[unknown]] {
            expect(node.markers(nothing, nodes.now).await?, Vec::new(), "markers of no key")?;
        }
    }
    nodes.node(0).mark(&[], nodes.now).await?;
    Ok(())
}

async fn stands_alone(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let keys = session.listing.index.keys();
    let until = nodes.at(60).seconds();
    let markers = keys.map(|key| marker(key, 1, 2, until));
    nodes.node(0).mark(&markers, nodes.now).await?;
    nodes.expect_stored(&session).await?;
    let found = nodes.node(1).find(&keys, nodes.now).await?;
    expect(found.len(), 1, "sessions that are found under a marked key")?;
    nodes.node(1).delete(&session.id).await?;
    expect_all(nodes.node(0).markers(&keys, nodes.now).await?, &markers)
}

async fn merged(nodes: Nodes) -> Result<(), Fault> {
    let until = |seconds| nodes.at(seconds).seconds();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]] {
        let key = key()?;
        let all = [
            marker(key, 30, 10, until(20)),
            marker(key, 10, 30, until(10)),
            marker(key, 20, 20, until(30)),
        ];
        for (index, which) in order.into_iter().enumerate() {
            nodes.node(index).mark(&[all[which]], nodes.now).await?;
        }
        let wanted = vec![marker(key, 30, 30, until(30))];
        for node in nodes.all() {
            expect(node.markers(&[key], nodes.now).await?, wanted.clone(), "merged markers")?;
        }
    }
    Ok(())
}

async fn many(nodes: Nodes) -> Result<(), Fault> {
    let until = nodes.at(60).seconds();
    let mut markers = Vec::new();
    for index in 0..100 {
        markers.push(marker(key()?, index, index, until));
    }
    nodes.node(0).mark(&markers, nodes.now).await?;
    let keys: Vec<_> = markers.iter().map(|marker| marker.key).collect();
    expect_all(nodes.node(1).markers(&keys, nodes.now).await?, &markers)?;
    let twice = key()?;
    let pair = [marker(twice, 2, 1, until), marker(twice, 1, 2, until)];
    nodes.node(1).mark(&pair, nodes.now).await?;
    let wanted = vec![marker(twice, 2, 2, until)];
    expect(nodes.node(0).markers(&[twice], nodes.now).await?, wanted, "a key marked twice at once")
}

async fn race(nodes: Nodes) -> Result<(), Fault> {
    for _ in 0..20 {
        let (first, second) = (key()?, key()?);
        let mut all = Vec::new();
        for _ in 0..8 {
            let random = random_bytes(3)?;
            let [a, b, c] = [0, 1, 2].map(|index| i64::from(random[index]));
            all.push([first, second].map(|key| marker(key, a, b, nodes.at(c + 60).seconds())));
        }
        let marks = all.iter().copied().enumerate().map(|(index, mut pair)| {
            let (node, now) = (nodes.node(index), nodes.now);
            // In opposite orders, as a store that locks row by row must survive it.
            if index % 2 == 1 {
                pair.reverse();
            }
            Box::pin(async move { Ok(node.mark(&pair, now).await?) }) as _
        });
        together(marks.collect()).await?;
        let wanted = [0, 1].map(|which| {
            let of_key = all.iter().map(|pair| pair[which]);
            of_key.reduce(Marker::merge).unwrap_or(all[0][which])
        });
        expect_all(nodes.node(1).markers(&[first, second], nodes.now).await?, &wanted)?;
    }
    Ok(())
}

/// In any order.
fn expect_all(mut seen: Vec<Marker>, wanted: &[Marker]) -> Result<(), Fault> {
    let mut wanted = wanted.to_vec();
    seen.sort_by_key(|marker| marker.key);
    wanted.sort_by_key(|marker| marker.key);
    expect(seen, wanted, "the markers of several keys")
}

fn marker(key: IndexKey, begun: i64, authenticated: i64, until: i64) -> Marker {
    let at = UnixTime::from_seconds;
    Marker { key, begun_after: at(begun), authenticated_after: at(authenticated), until: at(until) }
}
