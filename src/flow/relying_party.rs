//! What every flow works with.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tower_sessions::session::Id;

use super::access_token::AccessTokenError;
use super::callback_task::Completed;
use super::code_exchanges::CodeExchanges;
use super::refresh_on_demand::LastRefreshes;
use super::refresh_pause::RefreshPauses;
use crate::config::settings::Config;
use crate::provider::Provider;
use crate::session::attempt::Slots;
use crate::session::id::Finder;
use crate::session::in_flight::InFlight;
use crate::session::record::Owner;
use crate::session::sessions::Sessions;

/// A configured Relying Party: its settings, its provider, its sessions.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    pub(crate) config: Config,
    pub(crate) provider: Arc<Provider>,
    pub(crate) sessions: Sessions,
    pub(crate) refreshes: InFlight<Finder, Result<(), Arc<AccessTokenError>>>,
    pub(crate) refresh_pauses: RefreshPauses,
    /// The callbacks that are under way, each by its attempt.
    pub(crate) callbacks: InFlight<Id, Completed>,
    pub(crate) slots: Slots,
    pub(crate) last_refreshes: LastRefreshes,
    pub(crate) exchanges: CodeExchanges,
    /// Bound into everything sealed under the key ring.
    pub(crate) owner: Owner,
    /// A request has reached an auth route that is hidden from the layer around it, and that was logged.
    pub(crate) auth_route_is_hidden: AtomicBool,
}
