//! The server, a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_oidc_session::tower_sessions::{Session, session};
use axum_oidc_session::{
    AccessTokenError, AuthSession, HttpClientSettings, KeyRing, MemoryStore, OidcAuth,
    SigningAlgorithm, SqliteStore, Store as AnyStore,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::arguments::{Run, SERVE, Serve, Store};
use crate::clock::FastClock;
use crate::memory::{self, Sample};
use crate::model::{ABSOLUTE, IDLE};
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::warnings;
use crate::wire::{Ask, Connection};

/// Serves until the process that has started this one ends.
pub(crate) async fn serve(serve: Serve) {
    warnings::listen();
    std::thread::spawn(|| {
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        std::process::exit(0);
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let memory = MemoryStore::default();
    let store: AnyStore = match &serve.file {
        Some(file) => SqliteStore::new(file).unwrap().into(),
        None => memory.clone().into(),
    };
    let patience = Duration::from_secs(60);
    let auth = OidcAuth::builder(&serve.issuer, CLIENT_ID)
        .client_secret(CLIENT_SECRET)
        .offline_access()
        .base_url(&base_url)
        .id_token_signing_alg(SigningAlgorithm::Es256)
        .store(store)
        .cookie_keys(KeyRing::from_base64(KEY).unwrap())
        .application_data(true)
        .idle_limit(Duration::from_secs(IDLE.unsigned_abs()))
        .absolute_limit(Duration::from_secs(ABSOLUTE.unsigned_abs()))
        // By the fast clock.
        .store_timeout(patience)
        .http_client(HttpClientSettings::default().timeout(patience).connect_timeout(patience))
        .clock(Arc::new(FastClock::begun_at(serve.start, serve.speed)))
        .build()
        .unwrap();
    let app = Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .route("/token", get(token))
        .route("/note", post(note))
        .layer(auth.layer())
        .merge(auth.routes())
        .route("/health", get(async move || health(&memory)));
    println!("{base_url}");
    axum::serve(listener, app).await.unwrap();
}

async fn home(session: Option<AuthSession>) -> String {
    session.map_or_else(|| "nobody".into(), |session| session.claims().sub().to_owned())
}

/// The subject, and the end of the session.
async fn profile(session: AuthSession) -> String {
    format!("{} {}", session.claims().sub(), session.expires_at().seconds())
}

/// When the access token expires.
async fn token(session: AuthSession) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.expires_at().seconds().to_string())
}

/// How often it was asked for in this session.
async fn note(data: Session) -> Result<String, (StatusCode, String)> {
    // The session may end while its data are saved.
    let gone = |error: session::Error| (StatusCode::GONE, error.to_string());
    let notes = data.get::<u64>(NOTES).await.map_err(gone)?.unwrap_or(0) + 1;
    data.insert(NOTES, notes).await.map_err(gone)?;
    data.save().await.map_err(gone)?;
    Ok(notes.to_string())
}

fn health(memory: &MemoryStore) -> Json<Value> {
    Json(json!({"sessions": memory.len(), "warnings": warnings::count()}))
}

/// The server as the process of the load sees it.
pub(crate) struct ServerProcess {
    child: Child,
    base_url: String,
    folder: Option<std::path::PathBuf>,
}

impl ServerProcess {
    pub(crate) fn start(run: &Run, provider: &Provider, clock: FastClock) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([SERVE, "--issuer", provider.issuer()]);
        command.args(["--start", &clock.start_nanos().to_string()]);
        command.args(["--speed", &run.speed.to_string()]);
        let folder = (run.store == Store::Sqlite)
            .then(|| std::env::temp_dir().join(format!("soak-{}", std::process::id())));
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).unwrap();
            command.arg("--file").arg(folder.join(FILE));
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut base_url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base_url).unwrap();
        Self { child, base_url: base_url.trim().to_owned(), folder }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.base_url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// Memory, sessions in the store, and warnings.
    pub(crate) async fn sample(&self) -> std::io::Result<Sample> {
        let ask = Ask { method: "GET", target: "/health", headers: "", cookies: "", body: "" };
        let reply = Connection::new(self.address()).send(&ask).await?;
        let health: Value = serde_json::from_str(&reply.body)?;
        let sessions = match &self.folder {
            Some(folder) => stored(&folder.join(FILE)).map_err(std::io::Error::other)?,
            None => health["sessions"].as_u64().unwrap_or(0),
        };
        let (rss, peak) = memory::of(self.child.id())?;
        let warnings = health["warnings"].as_u64().unwrap_or(0);
        Ok(Sample { rss, peak, sessions, warnings })
    }
}

/// Rows in the file; what has expired is there until it is swept.
fn stored(file: &std::path::Path) -> rusqlite::Result<u64> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(file, flags)?;
    let rows: i64 = connection.query_row("SELECT count(*) FROM session", [], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = &self.folder {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

const FILE: &str = "sessions.db";
const NOTES: &str = "notes";
const KEY: &str =
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";
