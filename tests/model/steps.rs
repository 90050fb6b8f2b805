//! What steps there are, and how histories of them are drawn.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use crate::reference::{BROWSERS, Expected, IDLE, USERS};

/// What is done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A whole sign-in, whose ceiling lies so many seconds ahead: of a person who is new at the provider or, if the same one
    /// comes `back`, with the provider's session that this browser has, and so with its `sid`.
    Login {
        browser: usize,
        node: usize,
        user: usize,
        back: bool,
        ceiling: Option<u64>,
    },
    /// A protected page.
    Use {
        browser: usize,
        node: usize,
    },
    /// An access token; if it is refreshed the new ID Token's ceiling lies so many seconds ahead.
    Token {
        browser: usize,
        node: usize,
        ceiling: Option<u64>,
    },
    /// `/auth/session`.
    Status {
        browser: usize,
        node: usize,
    },
    Logout {
        browser: usize,
        node: usize,
    },
    LogoutTokenBySub {
        user: usize,
        node: usize,
    },
    LogoutTokenBySid {
        session: usize,
        node: usize,
    },
    /// A protected page with the cookie as it was at the sign-in: a copy, or a tab that hears of nothing.
    Replay {
        session: usize,
        node: usize,
    },
    /// A request has read its session when the user signs out on the `other` node; its handler looks at it 2 s later.
    Overtaken {
        browser: usize,
        node: usize,
        other: usize,
    },
    Wait {
        seconds: i64,
    },
}

/// The steps and their effects.
pub(crate) struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Expected;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Expected> {
        Just(Expected::new()).boxed()
    }

    fn transitions(state: &Expected) -> BoxedStrategy<Step> {
        let (browser, node, user) = (0..BROWSERS, 0_usize..2, 0..USERS.len());
        let ahead = prop_oneof![
            Just(None),
            Just(Some(31)),
            (100_u64..1_000).prop_map(Some),
            Just(Some(3_600)),
            Just(Some(10_000)),
        ];
        let seconds = prop_oneof![
            4 => 1_i64..60,
            5 => 240_i64..300,
            2 => Just(IDLE),
            2 => Just(IDLE - 1),
            1 => 1_000_i64..4_000,
            // To the second before a deadline, and to the deadline.
            4 => until_a_deadline(state),
        ];
        let places = (browser, node.clone());
        let login = (places.clone(), user.clone(), any::<bool>(), ahead.clone()).prop_map(
            |((browser, node), user, back, ceiling)| Step::Login {
                browser,
                node,
                user,
                back,
                ceiling,
            },
        );
        let used = places.clone().prop_map(|(browser, node)| Step::Use { browser, node });
        let token = (places.clone(), ahead).prop_map(|((browser, node), ceiling)| Step::Token {
            browser,
            node,
            ceiling,
        });
        let status = places.clone().prop_map(|(browser, node)| Step::Status { browser, node });
        let overtaken = (places.clone(), node.clone())
            .prop_map(|((browser, node), other)| Step::Overtaken { browser, node, other });
        let logout = places.prop_map(|(browser, node)| Step::Logout { browser, node });
        let by_sub =
            (user, node.clone()).prop_map(|(user, node)| Step::LogoutTokenBySub { user, node });
        let wait = seconds.prop_map(|seconds| Step::Wait { seconds });
        let usual = prop_oneof![
            4 => login, 8 => used, 8 => token, 3 => status, 1 => logout, 1 => by_sub, 8 => wait,
            1 => overtaken,
        ];
        if state.sessions.is_empty() {
            return usual.boxed();
        }
        let of_session = (0..state.sessions.len(), node);
        let by_sid =
            of_session.clone().prop_map(|(session, node)| Step::LogoutTokenBySid { session, node });
        let replay = of_session.prop_map(|(session, node)| Step::Replay { session, node });
        prop_oneof![14 => usual, 1 => by_sid, 3 => replay].boxed()
    }

    /// A history is made shorter by leaving steps out.
    fn preconditions(state: &Expected, step: &Step) -> bool {
        is_possible(state, step)
    }

    fn apply(mut state: Expected, step: &Step) -> Expected {
        state.take(step);
        state
    }
}

fn is_possible(state: &Expected, step: &Step) -> bool {
    match step {
        Step::LogoutTokenBySid { session, .. } | Step::Replay { session, .. } => {
            *session < state.sessions.len()
        }
        _ => true,
    }
}

fn until_a_deadline(state: &Expected) -> BoxedStrategy<i64> {
    let left = state.seconds_left();
    if left.is_empty() {
        return Just(1).boxed();
    }
    let early = prop_oneof![Just(0_i64), Just(1)];
    (proptest::sample::select(left), early).prop_map(|(left, early)| (left - early).max(1)).boxed()
}
