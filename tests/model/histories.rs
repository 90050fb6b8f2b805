//! Random histories of logins, uses, refreshes, logouts and time, beside a model of what must come of them: over every store.
//!
//! ```sh
//! cargo test --manifest-path tests/model/Cargo.toml --locked
//! MODEL_CASES=500 cargo test --manifest-path tests/model/Cargo.toml --locked    # more histories than the usual 24 for each store
//! ```
//!
//! `node tests/model/mutations.mjs` shows that the histories find what breaks a promise.
//!
//! A history that fails is made shorter while it still fails, and printed step by step; it is kept in `tests/model/regressions.txt` and
//! tried first from then on. Stores that nodes share are used through two nodes, each step on either.
//!
//! | file | what |
//! |---|---|
//! | `invariants` | what must always hold |
//! | `reference` | the model: what must come of each step |
//! | `steps` | what steps there are, and how histories of them are drawn |
//! | `system` | the application, two nodes of it, and browsers that do the steps |
//! | `answers` | what came of a step, beside what must come of it |

mod answers;
#[allow(dead_code, reason = "each harness names those that it checks")]
mod invariants;
mod reference;
mod steps;
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the crate's own tests, which use all of it"
)]
#[path = "../it/support/mod.rs"]
mod support;
mod system;

use proptest::test_runner::{Config, FileFailurePersistence};
use proptest_state_machine::{StateMachineTest, prop_state_machine};

use self::reference::Expected;
use self::steps::{Reference, Step};
use self::system::System;

macro_rules! over {
    ($($store:ident)*) => {$(
        struct $store;

        impl StateMachineTest for $store {
            type SystemUnderTest = System;
            type Reference = Reference;

            fn init_test(_: &Expected) -> System {
                System::start(stringify!($store))
            }

            fn apply(system: System, expected: &Expected, step: Step) -> System {
                system.take(&step, &expected.outcome)
            }

            fn check_invariants(system: &System, expected: &Expected) {
                system.check(expected);
            }
        }
    )*};
}

over! { Memory Sqlite Postgres Redis Sealed }

fn config() -> Config {
    let setting = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    Config {
        cases: setting("MODEL_CASES").unwrap_or(24),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/regressions.txt"
        )))),
        max_shrink_iters: setting("MODEL_SHRINK").unwrap_or(2_000),
        ..Config::default()
    }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn over_the_memory_store(sequential 1..60 => Memory);

    #[test]
    fn over_sqlite(sequential 1..60 => Sqlite);

    #[test]
    fn over_postgresql(sequential 1..60 => Postgres);

    #[test]
    fn over_redis(sequential 1..60 => Redis);

    /// The reference store of the crate's own tests.
    #[test]
    fn over_a_store_that_keeps_the_laws(sequential 1..60 => Sealed);
}
