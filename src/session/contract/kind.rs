//! Where sessions are kept: what the builder takes.

use std::sync::Arc;

use super::store::AuthStore;
use crate::store::memory::MemoryStore;

/// Where sessions are kept: what [`store`](crate::OidcAuthBuilder::store) takes.
#[derive(Clone, Debug)]
pub struct Store(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Unsealed, in this process: the entry is the store.
    Embedded(MemoryStore),
    /// Sealed, wherever the store keeps it.
    Sealed(Arc<dyn AuthStore>),
}

/// A store of your own, or one of another crate.
impl<S: AuthStore> From<S> for Store {
    fn from(store: S) -> Self {
        Self(Kind::Sealed(Arc::new(store)))
    }
}

impl From<MemoryStore> for Store {
    fn from(store: MemoryStore) -> Self {
        Self(Kind::Embedded(store))
    }
}
