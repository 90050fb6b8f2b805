//! Law 4: the second that is named is the first of being gone, by the `now` of the call.

use std::time::Duration;

use super::nodes::{Fault, HOUR, Law, Nodes, change, ensure, expect, id, key, law, touch};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::session::contract::{Change, Marker, Part, Saved, StoredSession};

pub(super) const LAWS: &[Law] = &[
    law!(4, "a session is gone from its expires_at on", session),
    law!(4, "saves and touches of an expired session say gone", says_gone),
    law!(4, "a touch or a save moves the expiry, both ways", moves),
    law!(4, "a session that expires in the past is gone", past),
    law!(4, "a session that never expires is there at the end of time", never),
    law!(4, "what is remembered is forgotten from until on", remembered),
    law!(4, "a marker is forgotten from until on", marker),
    law!(4, "the sweep takes what has expired and nothing else", sweep),
];

async fn session(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    expect_end(&nodes, &session, session.expires_at).await
}

/// That the session's last second is the one before `end`, when it is asked for by id and by key.
async fn expect_end(nodes: &Nodes, session: &StoredSession, end: UnixTime) -> Result<(), Fault> {
    let last = end.saturating_sub(Duration::from_secs(1));
    for (now, lives) in [(nodes.now, true), (last, true), (end, false)] {
        for node in nodes.all() {
            let after = now.seconds_since(end);
            let fetched = node.fetch(&session.id, now).await?.is_some();
            expect(fetched, lives, &format!("fetched {after} s after its end"))?;
            for key in session.listing.index.keys() {
                let found = node.find(&[key], now).await?.len();
                expect(found, usize::from(lives), &format!("found {after} s after its end"))?;
            }
        }
    }
    Ok(())
}

async fn says_gone(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    let (end, later) = (session.expires_at, session.expires_at.saturating_add(DAY));
    let last = end.saturating_sub(Duration::from_secs(1));
    let save = |expected| Change { expires_at: Some(later), ..change(Part::Auth, expected, b"x") };
    for (index, expected) in [0, 1, 2].into_iter().enumerate() {
        let saved = nodes.node(index).save_if(&session.id, save(expected), end).await?;
        expect(saved, Saved::Gone, "a save in the first second of being gone")?;
    }
    let touched = nodes.node(0).touch(&session.id, touch(later), end).await?;
    expect(touched, Saved::Gone, "a touch in the first second of being gone")?;
    let fetched = nodes.node(1).fetch(&session.id, end).await?;
    ensure(fetched.is_none(), "a write has brought the expired session back")?;
    let alive = nodes.stored().await?;
    let touched = nodes.node(0).touch(&alive.id, touch(last), last).await?;
    expect(touched, Saved::Done, "a touch in the last second")?;
    let alive = nodes.stored().await?;
    let saved = nodes.node(1).save_if(&alive.id, save(1), last).await?;
    expect(saved, Saved::Done, "a save in the last second")?;
    expect_end(&nodes, &alive, later).await
}

async fn moves(nodes: Nodes) -> Result<(), Fault> {
    let session = nodes.stored().await?;
    for end in [nodes.at(600), nodes.at(9_000)] {
        let touched = nodes.node(1).touch(&session.id, touch(end), nodes.now).await?;
        expect(touched, Saved::Done, "a touch")?;
    }
    expect_end(&nodes, &session, nodes.at(9_000)).await?;
    for end in [nodes.at(9_900), nodes.at(900)] {
        let other = nodes.stored().await?;
        let save = Change { expires_at: Some(end), ..change(Part::Auth, 1, b"x") };
        let saved = nodes.node(0).save_if(&other.id, save, nodes.now).await?;
        expect(saved, Saved::Done, "a save")?;
        expect_end(&nodes, &other, end).await?;
    }
    let other = nodes.stored().await?;
    let touched = nodes.node(0).touch(&other.id, touch(nodes.at(300)), nodes.now).await?;
    expect(touched, Saved::Done, "a touch")?;
    expect_end(&nodes, &other, nodes.at(300)).await
}

async fn past(nodes: Nodes) -> Result<(), Fault> {
    for ago in [0, 1, 100_000] {
        let mut late = nodes.session()?;
        late.expires_at = nodes.at(-ago);
        // Whether it is stored is nobody's business, as long as it is not there.
        let _stored_or_not = nodes.node(0).insert(&late, nodes.now).await?;
        nodes.expect_gone(&late.id, &late.listing.index.keys()).await?;
        let session = nodes.stored().await?;
        let end = nodes.at(-ago);
        let touched = nodes.node(1).touch(&session.id, touch(end), nodes.now).await?;
        expect(touched, Saved::Done, "a touch that ends the session")?;
        nodes.expect_gone(&session.id, &session.listing.index.keys()).await?;
    }
    Ok(())
}

async fn never(nodes: Nodes) -> Result<(), Fault> {
    let mut session = nodes.session()?;
    session.expires_at = UnixTime::from_seconds(i64::MAX);
    nodes.insert(&session).await?;
    let key = id()?;
    let new = nodes.node(0).remember(&key, session.expires_at, nodes.now).await?;
    ensure(new, "a new key is known already")?;
    for node in nodes.all() {
        let fetched = node.fetch(&session.id, YEAR_9999).await?;
        ensure(fetched.is_some(), "a session that never expires has expired")?;
        let found = node.find(&[session.listing.index.sub], YEAR_9999).await?;
        expect(found.len(), 1, "sessions that never expire")?;
        let new = node.remember(&key, YEAR_9999, YEAR_9999).await?;
        ensure(!new, "a key to be remembered for ever is forgotten")?;
    }
    let (node, end) = (nodes.node(1), session.expires_at);
    let touched = node.touch(&session.id, touch(end), YEAR_9999).await?;
    expect(touched, Saved::Done, "a touch of a session that never expires")
}

async fn remembered(nodes: Nodes) -> Result<(), Fault> {
    let (key, end, later) = (id()?, nodes.at(60), nodes.at(120));
    let first = nodes.node(0).remember(&key, end, nodes.now).await?;
    ensure(first, "a new key is known already")?;
    for (index, now) in [nodes.now, nodes.at(59)].into_iter().enumerate() {
        let again = nodes.node(index).remember(&key, later, now).await?;
        ensure(!again, "a key is forgotten before its time")?;
    }
    let again = nodes.node(0).remember(&key, later, end).await?;
    ensure(again, "a key is remembered in the first second of being forgotten")?;
    for now in [end, nodes.at(119)] {
        let third = nodes.node(1).remember(&key, later, now).await?;
        ensure(!third, "a key that was remembered again is not remembered")?;
    }
    Ok(())
}

async fn marker(nodes: Nodes) -> Result<(), Fault> {
    let (late, early) = (nodes.at(50), nodes.at(10));
    let old =
        Marker { key: key()?, begun_after: late, authenticated_after: late, until: nodes.at(60) };
    nodes.node(0).mark(&[old], nodes.now).await?;
    for (now, lives) in [(nodes.now, true), (nodes.at(59), true), (nodes.at(60), false)] {
        for node in nodes.all() {
            let markers = node.markers(&[old.key], now).await?;
            expect(markers, Vec::from_iter(lives.then_some(old)), "the markers at a time")?;
        }
    }
    let new = Marker { begun_after: early, authenticated_after: early, until: nodes.at(90), ..old };
    nodes.node(1).mark(&[new], nodes.at(60)).await?;
    let markers = nodes.node(0).markers(&[old.key], nodes.at(60)).await?;
    expect(markers, vec![new], "a marker after another that was forgotten")
}

async fn sweep(nodes: Nodes) -> Result<(), Fault> {
    let (live, mut never, before) = (nodes.stored().await?, nodes.session()?, nodes.at(-600));
    never.expires_at = UnixTime::from_seconds(i64::MAX);
    nodes.insert(&never).await?;
    let (mut expired, mut extended) = (nodes.session()?, nodes.session()?);
    for session in [&mut expired, &mut extended] {
        session.expires_at = nodes.at(-300);
        let _stored = nodes.node(0).insert(session, before).await?;
    }
    // A store that expires by its own clock may have lost it already.
    let touched = nodes.node(1).touch(&extended.id, touch(nodes.at(HOUR)), before).await?;
    let (key, now) = (id()?, nodes.now);
    ensure(nodes.node(0).remember(&key, nodes.at(60), now).await?, "a new key is known")?;
    let at = nodes.at(60);
    let marker =
        Marker { key: self::key()?, begun_after: now, authenticated_after: now, until: at };
    nodes.node(0).mark(&[marker], now).await?;

    let (mut freed, mut rounds) = (0, 0);
    loop {
        let more = nodes.node(rounds).delete_expired(SystemClock.now()).await?;
        freed += more;
        rounds += 1;
        if more == 0 || rounds == 100 {
            break;
        }
    }
    nodes.expect_gone(&expired.id, &expired.listing.index.keys()).await?;
    if freed > 0 {
        let fetched = nodes.node(0).fetch(&expired.id, before).await?;
        ensure(fetched.is_none(), "the sweep has left a session that had expired")?;
    }
    nodes.expect_stored(&live).await?;
    nodes.expect_stored(&never).await?;
    if touched == Saved::Done {
        let fetched = nodes.node(0).fetch(&extended.id, now).await?;
        ensure(fetched.is_some(), "the sweep has taken a session whose expiry was moved")?;
    }
    ensure(!nodes.node(1).remember(&key, at, now).await?, "the sweep has forgotten a key")?;
    expect(nodes.node(1).markers(&[marker.key], now).await?, vec![marker], "a marker, swept")
}

const YEAR_9999: UnixTime = UnixTime::from_seconds(253_402_300_799);
const DAY: Duration = Duration::from_secs(86_400);
