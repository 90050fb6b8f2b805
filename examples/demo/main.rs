//! An application whose users sign in with OpenID Connect, to click through and to read.
//!
//! ```sh
//! cargo run --example demo
//! ```
//!
//! Without settings it starts a sign-in service of its own, where anybody can sign in as anybody; with `OIDC_ISSUER` it uses
//! yours. All settings are environment variables: see `settings.rs`.
//!
//! | file | what it shows |
//! |---|---|
//! | `app.rs` | the layer, the auth routes, which routes are public and which are protected |
//! | `pages/` | the session in handlers: who it is, why it ended, how long it lasts |
//! | `api.rs` | JSON for scripts, and a call with the access token |
//! | `settings.rs` | the builder |

mod api;
mod app;
mod assets;
mod pages;
mod serve;
mod settings;
mod streams;

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use axum_oidc_session::dev_provider::{DevClient, DevProvider, RunningDevProvider};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use settings::{Problems, Settings};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            // Nobody is left to tell if standard error is closed.
            let _closed = writeln!(io::stderr(), "the demo cannot start:\n{problems}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Problems> {
    let settings = Settings::from_env()?;
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| {
        Problems::one("RUST_LOG", &format!("it is no filter ({error})"), "for example info")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();

    if let Err(problem) = settings.store.check().await {
        let cure = "name a file that can be written, in a folder that exists";
        return Err(Problems::one("SESSION_STORE", &problem, cure));
    }
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        let problem = format!("{} cannot be listened on ({error})", settings.listen);
        Problems::one(
            "LISTEN_ADDR",
            &problem,
            "choose another address or port, such as 127.0.0.1:3001",
        )
    })?;
    let listening = listener.local_addr().map_or(settings.listen, |address| address);
    let base_url = settings.base_url(listening);

    let provider = match &settings.client {
        Some(_) => None,
        None => Some(start_provider(&base_url, provider_port(&settings, listening)).await?),
    };
    let issuer = provider.as_ref().map(RunningDevProvider::issuer);
    let auth = settings.auth(issuer, &base_url)?;
    let app = app::router(auth, &settings, &base_url, issuer);

    let stop = serve::stop_signal();
    // A closed standard output is no reason to serve nobody.
    let _closed = announce(&base_url, issuer, &settings);
    serve::until(stop, listener, app).await;
    drop(provider);
    Ok(())
}

/// Sessions that outlive the process belong to an issuer that must be the same again: its port is this one's plus 1000.
fn provider_port(settings: &Settings, listening: SocketAddr) -> u16 {
    let next = listening.port().checked_add(1000);
    next.filter(|_| settings.store.outlives_process()).unwrap_or(0)
}

/// A provider for development on the loopback address, which knows this application as its one client.
async fn start_provider(base_url: &str, port: u16) -> Result<RunningDevProvider, Problems> {
    let client = DevClient::new(settings::EMBEDDED_CLIENT_ID)
        .secret(settings::EMBEDDED_CLIENT_SECRET)
        .redirect_uri(format!("{base_url}/auth/callback"))
        .post_logout_redirect_uri(format!("{base_url}/"))
        .backchannel_logout_uri(format!("{base_url}/auth/backchannel-logout"));
    DevProvider::builder().port(port).client(client).start().await.map_err(|error| {
        let problem = format!("it is not set, and the embedded provider did not start ({error})");
        Problems::one("OIDC_ISSUER", &problem, "set it to the issuer of a provider of yours")
    })
}

fn announce(base_url: &str, embedded: Option<&str>, settings: &Settings) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "The demo is ready: open {base_url}/")?;
    if let Some(issuer) = embedded {
        writeln!(out, "Its sign-in service, where anybody can sign in as anybody: {issuer}/")?;
        if settings.store.outlives_process() {
            writeln!(
                out,
                "For a second node, set the same SESSION_STORE and COOKIE_KEY, and: BASE_URL={base_url} \
                 OIDC_ISSUER={issuer} OIDC_CLIENT_ID={} OIDC_CLIENT_SECRET='{}' ID_TOKEN_ALG=ES256 \
                 OIDC_SCOPES='openid profile email offline_access' LISTEN_ADDR=127.0.0.1:3001",
                settings::EMBEDDED_CLIENT_ID,
                settings::EMBEDDED_CLIENT_SECRET,
            )?;
        }
    }
    out.flush()
}
