//! The kit bites: for every way to break a law there is a store that does, and it is reported under that law.

use std::collections::BTreeSet;

use axum_oidc_session::store_laws;

use super::breach::Breach;
use super::broken_store::BrokenStore;

const BREACHES: &[(Breach, u8)] = &[
    (Breach::InsertOverwrites, 1),
    (Breach::InsertInTwoSteps, 1),
    (Breach::ContentIsText, 1),
    (Breach::ContentIsCut, 1),
    (Breach::SaveMakesSessions, 2),
    (Breach::SaveRevives, 2),
    (Breach::TouchRevives, 2),
    (Breach::SaveInTwoSteps, 2),
    (Breach::SaveInTwoSteps, 3),
    (Breach::VersionNotCompared, 3),
    (Breach::OneVersionForBothParts, 3),
    (Breach::TouchCountsUp, 3),
    (Breach::TouchKeepsTheLater, 3),
    (Breach::TouchKeepsTheLater, 4),
    (Breach::TouchLeavesTheSummary, 3),
    (Breach::TouchLeavesTheExpiry, 3),
    (Breach::TouchMovesTheKeys, 3),
    (Breach::TouchComparesNoVersion, 3),
    (Breach::TouchComparesTheOtherVersion, 3),
    (Breach::TouchOfAnotherVersionIsGone, 3),
    (Breach::TouchOfNothingIsStale, 2),
    (Breach::StaleTouchWrites, 3),
    (Breach::TouchInTwoSteps, 3),
    (Breach::StaleSaveMoves, 3),
    (Breach::SaveForgetsExpiry, 3),
    (Breach::ExpiryIgnored, 4),
    (Breach::ExpiryOneSecondLate, 4),
    (Breach::ExpiredIsSavedTo, 4),
    (Breach::ExpiredIsFound, 4),
    (Breach::RememberedForEver, 4),
    (Breach::MarkedForEver, 4),
    (Breach::SweepTakesTheLive, 4),
    (Breach::RememberedTwice, 5),
    (Breach::RememberedInTwoSteps, 5),
    (Breach::ReadsAreCached, 7),
    (Breach::FoundLate, 7),
    (Breach::DeleteLeavesTheIndex, 7),
    (Breach::DeleteLeavesTheIndex, 8),
    (Breach::ListingStays, 8),
    (Breach::OldKeysStay, 8),
    (Breach::FoundOncePerKey, 8),
    (Breach::FindIsLimited, 8),
    (Breach::MarkerOverwritten, 9),
    (Breach::MarkerDiesWithSession, 9),
    (Breach::ReleasedByAnother, 10),
    (Breach::LockedInTwoSteps, 10),
    (Breach::LeaseWithoutEnd, 10),
    (Breach::LeaseTooShort, 10),
    (Breach::LeaseNotRenewed, 10),
    (Breach::HolderRefused, 10),
    (Breach::DeletionsNotHeard, 11),
    (Breach::OtherNodesNotHeard, 11),
    (Breach::TouchesAreHeard, 11),
    (Breach::CatchUpIsEmpty, 11),
    (Breach::DroppedFutureLoses, 11),
    (Breach::Panics, 2),
    (Breach::Fails, 5),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_breach_is_reported_under_its_law() {
    let distinct: BTreeSet<Breach> = BREACHES.iter().map(|(breach, _)| *breach).collect();
    let reports = distinct.into_iter().map(async |breach| {
        let store = BrokenStore::new(breach);
        (breach, store_laws::check(&[store.node(), store.node()]).await)
    });
    let reports = futures_util::future::join_all(reports).await;
    let mut unnoticed = Vec::new();
    for (breach, law) in BREACHES {
        let (_, report) = reports.iter().find(|(reported, _)| reported == breach).unwrap();
        let laws: BTreeSet<u8> = report.violations().iter().map(|it| it.law()).collect();
        if !laws.contains(law) {
            unnoticed.push(format!("{breach:?} breaks law {law}; reported: {laws:?}\n{report}"));
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "law 5, a key is new once, whichever node is asked: ")]
async fn the_assertion_names_law_check_and_what_was_seen() {
    let store = BrokenStore::new(Breach::RememberedTwice);
    store_laws::check(&[store.node()]).await.assert();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_store_does_not_offer_is_named_and_no_violation() {
    let store = BrokenStore::new(Breach::NoneButNoEvents);
    let report = store_laws::check(&[store.node()]).await;
    report.assert();
    assert_eq!(report.not_offered().len(), 5);
}
