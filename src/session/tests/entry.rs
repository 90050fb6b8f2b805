//! What an entry takes over, and what it keeps.

use super::{NOW, at, data, indexer, state};
use crate::clock::ManualClock;
use crate::policy::EndReason;
use crate::random::SystemRandom;
use crate::session::application::ApplicationPart;
use crate::session::contract::Saved;
use crate::session::entry::{Entry, Version, Versioned};
use crate::session::id::SessionCookie;

/// An entry whose parts have this version, with a mark of whose it is.
fn entry(version: Version, mark: i32) -> Entry {
    let mut state = state();
    state.device = Some(mark.to_string());
    let found_by = (
        SessionCookie::generate(&SystemRandom).unwrap(),
        indexer().index(state.handle, state.claims.sub(), None),
    );
    let application = ApplicationPart { version, data: data("mark", mark) };
    let clock = ManualClock::at(NOW);
    Entry::new(found_by, Versioned { version, state }, at(NOW), application, &clock)
}

/// The marks of both parts.
fn marks(entry: &Entry) -> [String; 2] {
    let device = entry.state().state.device.clone().unwrap();
    [device, entry.application().data["mark"].to_string()]
}

const OURS: i32 = 1;
const STORED: i32 = 2;

#[test]
fn a_reset_takes_what_is_stored_but_keeps_what_was_saved_since() {
    for (ours, seen, stored, takes) in [
        // The store has fallen back.
        (3, 3, 2, STORED),
        (3, 3, 4, STORED),
        // Another request has saved 3 while the store was asked.
        (3, 2, 2, OURS),
        (3, 2, 3, OURS),
        // And another node has saved 4 after that.
        (3, 2, 4, STORED),
    ] {
        let kept = entry(ours, OURS);
        kept.reset_to(&entry(stored, STORED), (seen, seen));
        let version = if takes == OURS { ours } else { stored };
        assert_eq!(kept.versions(), (version, version), "{ours} {seen} {stored}");
        assert_eq!(marks(&kept), [takes.to_string(), takes.to_string()]);
    }
}

#[test]
fn a_reset_judges_the_parts_apart() {
    let ours = entry(3, OURS);
    ours.reset_to(&entry(2, STORED), (3, 2));
    assert_eq!((ours.versions(), marks(&ours)), ((2, 3), ["2".to_owned(), "1".to_owned()]));
    let ours = entry(3, OURS);
    ours.reset_to(&entry(2, STORED), (2, 3));
    assert_eq!((ours.versions(), marks(&ours)), ((3, 2), ["1".to_owned(), "2".to_owned()]));
}

/// Answers of the store may come in another order than the saves were made.
#[test]
fn what_was_saved_earlier_does_not_replace_what_was_saved_later() {
    let ours = entry(3, OURS);
    for expected in [1, 2] {
        let late = entry(expected, STORED).state().state.clone();
        assert_eq!(ours.adopt_state(expected, late), Saved::Done);
    }
    for version in [2, 3] {
        ours.adopt_application(ApplicationPart { version, data: data("mark", STORED) });
    }
    assert_eq!((ours.versions(), marks(&ours)), ((3, 3), ["1".to_owned(), "1".to_owned()]));
    let newer = entry(4, STORED);
    assert_eq!(ours.adopt_state(3, newer.state().state.clone()), Saved::Done);
    ours.adopt_application(ApplicationPart::clone(&newer.application()));
    assert_eq!((ours.versions(), marks(&ours)), ((4, 4), ["2".to_owned(), "2".to_owned()]));
}

/// The store has saved the tokens, and a logout has come before its answer: whoever saved them is told.
#[test]
fn a_session_that_has_ended_takes_over_no_state() {
    let ours = entry(3, OURS);
    ours.end(EndReason::LoggedOut);
    assert_eq!(ours.adopt_state(3, entry(4, STORED).state().state.clone()), Saved::Gone);
    assert_eq!((ours.versions(), marks(&ours)), ((3, 3), ["1".to_owned(), "1".to_owned()]));
    assert_eq!(ours.ended(), Some(EndReason::LoggedOut));
}

/// What a refresh saved that a logout outran is revoked once, however many waited for it.
#[test]
fn one_of_those_who_wait_sees_to_the_tokens() {
    let entry = super::entry(super::cookie());
    assert_eq!([(); 3].map(|()| entry.sees_to_tokens()), [true, false, false]);
}
