//! Two nodes over one store.

mod faults;
mod key_rotation;
mod lost_answers;
mod moved;
mod opened;
mod partition;
mod push;
mod races;
mod refresh;
mod slow_moves;
mod user_sessions;

use crate::support::{App, Node};

/// An application over a store that another node shares.
async fn two() -> (App, Node) {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    (app, node)
}
