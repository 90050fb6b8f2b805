//! Events: each where it belongs, once, with its code, and with nothing that is nobody's business.

mod ends;
mod hang_ups;
mod numbers;
mod provider;
mod refusals;
mod sink;
mod undeleted;

use std::sync::{Arc, Mutex};

use axum_oidc_session::{Event, OidcAuthBuilder};

use crate::support::AppBuilder;

/// What was told.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    /// Listens to an application.
    pub(crate) fn by(builder: AppBuilder) -> (Self, AppBuilder) {
        let told = Self::default();
        let listening = told.clone();
        (told, builder.configure(move |auth| listening.listen(auth)))
    }

    fn listen(&self, auth: OidcAuthBuilder) -> OidcAuthBuilder {
        let told = Arc::clone(&self.0);
        auth.on_event(move |event| told.lock().unwrap().push(event.clone()))
    }

    /// What was told since the last call: codes and details.
    pub(crate) fn codes(&self) -> Vec<(&'static str, &'static str)> {
        self.events().iter().map(|event| (event.kind.code(), event.kind.detail())).collect()
    }

    /// As [`codes`](Self::codes), whole.
    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
