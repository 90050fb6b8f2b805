//! Where sessions are kept: `memory`, `sqlite:PATH`, `postgres://…`, `redis://…`.
//!
//! There is no silent fallback: a store that this build does not have, or that cannot work, is a problem that says so. A
//! server that is down is none: requests get 503 until it is up.

use axum_oidc_session::{MemoryStore, Store};

use super::environment::Refused;

/// A store that can be used, and what to call it.
#[derive(Clone)]
pub(crate) struct Choice {
    store: Store,
    /// What the pages say.
    pub(crate) name: &'static str,
    kind: Kind,
    #[cfg(feature = "sqlite")]
    sqlite: Option<axum_oidc_session::SqliteStore>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Memory,
    File,
    Server,
}

impl Choice {
    /// The store in this process's memory.
    pub(super) fn memory() -> Self {
        Self::new(MemoryStore::default().into(), "this process’s memory", Kind::Memory)
    }

    /// The URL of a store may hold a password: it is not repeated.
    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        if text == "memory" {
            return Ok(Self::memory());
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return sqlite(path);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text);
        }
        if text.starts_with("redis://") || text.starts_with("rediss://") {
            return redis(text);
        }
        let problem = "it is no store that the demo knows".to_owned();
        Err((problem, "use memory, sqlite:PATH, postgres://… or redis://…"))
    }

    fn new(store: Store, name: &'static str, kind: Kind) -> Self {
        Self {
            store,
            name,
            kind,
            #[cfg(feature = "sqlite")]
            sqlite: None,
        }
    }

    pub(super) fn store(&self) -> Store {
        // A memory store belongs to the first issuer that it is used for, and the settings are tried out before.
        match self.kind {
            Kind::Memory => MemoryStore::default().into(),
            Kind::File | Kind::Server => self.store.clone(),
        }
    }

    /// Whether it outlives the process, so that the process needs a key that does, too.
    pub(crate) fn outlives_process(&self) -> bool {
        self.kind != Kind::Memory
    }

    /// Whether it tells other nodes of changes.
    pub(super) fn can_push(&self) -> bool {
        self.kind == Kind::Server
    }

    /// Tries the file: an unwritable one is better found out now.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn check(&self) -> Result<(), String> {
        match &self.sqlite {
            Some(store) => store.check().await.map_err(|error| describe(&error)),
            None => Ok(()),
        }
    }

    #[cfg(not(feature = "sqlite"))]
    pub(crate) async fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(path: &str) -> Result<Choice, Refused> {
    let store = axum_oidc_session::SqliteStore::new(path)
        .map_err(|error| (describe(&error), "name a file in a folder that exists"))?;
    let choice = Choice::new(store.clone().into(), "an SQLite file", Kind::File);
    Ok(Choice { sqlite: Some(store), ..choice })
}

#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Choice, Refused> {
    let store = axum_oidc_session::PostgresStore::new(url).map_err(|error| {
        (describe(&error), "write it like postgres://user@host:5432/database?sslmode=verify-full")
    })?;
    Ok(Choice::new(store.into(), "PostgreSQL", Kind::Server))
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Choice, Refused> {
    let store = axum_oidc_session::RedisStore::new(url)
        .map_err(|error| (describe(&error), "write it like rediss://host:6379/0"))?;
    Ok(Choice::new(store.into(), "Redis", Kind::Server))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<Choice, Refused> {
    missing("SQLite", "add --features sqlite to the command")
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<Choice, Refused> {
    missing("PostgreSQL", "add --features postgres to the command, before --example")
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str) -> Result<Choice, Refused> {
    missing("Redis", "add --features redis to the command, before --example")
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "redis")))]
fn missing(name: &str, cure: &'static str) -> Result<Choice, Refused> {
    Err((format!("this build of the demo has no store for {name}"), cure))
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
fn describe(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error} ({source})"))
}
