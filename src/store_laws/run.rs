//! Runs every check, one after the other, each in a task of its own: a store that panics or hangs is reported, too.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::nodes::{Fault, Law, Nodes};
use super::report::{Report, Violation};
use super::{
    delete, events, expiry, index, insert, listing, locks, markers, once, order, races, revocation,
    save, touch,
};
use crate::clock::{Clock as _, SystemClock};
use crate::session::contract::AuthStore;
use crate::spawn::{TokioSpawner, to_the_end};

/// Puts a store to its laws; `nodes` are one or more handles on the same data.
///
/// See [the module](super) for what is needed and what can't be tested. Without a node nothing is checked.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use axum_oidc_session::{AuthStore, store_laws};
///
/// # async fn example(connect: impl Fn() -> Arc<dyn AuthStore>) {
/// let report = store_laws::check(&[connect(), connect()]).await;
/// report.assert();
/// # }
/// ```
pub async fn check(nodes: &[Arc<dyn AuthStore>]) -> Report {
    let mut report = Report::default();
    if nodes.is_empty() {
        return report;
    }
    for law in TABLE.iter().flat_map(|laws| laws.iter()) {
        let outcome = outcome(law, Nodes::new(nodes, SystemClock.now())).await;
        let seen = match outcome {
            Err(Fault::NotOffered) => {
                report.not_offered.push(law.name);
                continue;
            }
            Err(Fault::Violation(seen)) => Some(seen),
            Ok(()) => None,
        };
        report.checked += 1;
        let violation = |seen| Violation { law: law.number, name: law.name, seen };
        report.violations.extend(seen.map(violation));
    }
    report
}

async fn outcome(law: &Law, nodes: Nodes) -> Result<(), Fault> {
    let check = (law.check)(nodes.clone());
    let check = Box::pin(to_the_end(&TokioSpawner, async move {
        let outcome = check.await;
        nodes.clear().await;
        outcome
    }));
    match select(check, SystemClock.sleep(PATIENCE)).await {
        Either::Left((Some(outcome), _)) => outcome,
        Either::Left((None, _)) => Err(Fault::Violation("the check panicked".to_owned())),
        Either::Right(_) => Err(Fault::Violation(format!("no end within {PATIENCE:?}"))),
    }
}

const TABLE: [&[Law]; 14] = [
    insert::LAWS,
    save::LAWS,
    touch::LAWS,
    delete::LAWS,
    expiry::LAWS,
    once::LAWS,
    order::LAWS,
    index::LAWS,
    listing::LAWS,
    markers::LAWS,
    locks::LAWS,
    events::LAWS,
    races::LAWS,
    revocation::LAWS,
];

const PATIENCE: Duration = Duration::from_secs(120);
