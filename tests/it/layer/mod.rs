//! The layer, over both kinds of store: the embedded one and one that holds sealed records.

mod answers;
mod auth_routes;
mod boundaries;
mod clocks;
mod cookies;
mod cross_site;
mod placement;
mod several_routes;
mod shared_caches;
mod store_down;
mod touch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::routing::any;

use crate::support::{App, AppBuilder, Browser};

/// An application for each kind of store.
pub(crate) fn stores() -> [AppBuilder; 2] {
    [App::builder(), App::builder().sealed_store()]
}

/// How often a handler ran.
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<AtomicU64>);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// The application with `/counted` under the layer: any method, no extractor.
    pub(crate) fn route(&self, builder: AppBuilder) -> AppBuilder {
        let count = self.clone();
        builder.assemble(move |auth, router| {
            let handler = any(async move || {
                count.0.fetch_add(1, Ordering::SeqCst);
                "counted"
            });
            router.route("/counted", handler).layer(auth.layer()).merge(auth.routes())
        })
    }
}

/// Makes the browser send its session cookie and marker past their `Max-Age`, as a program or a wrong clock does.
pub(crate) fn hold_cookies(browser: &Browser) {
    for name in ["app", "app_m"] {
        let value = browser.cookie(name).unwrap();
        browser.set_cookie(name, &value);
    }
}

pub(crate) const NAVIGATION: [(&str, &str); 3] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html")];
