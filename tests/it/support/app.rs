//! The application and its provider, each on a loopback socket, both on one clock.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
#[cfg(feature = "sqlite")]
use axum_oidc_session::SqliteStore;
use axum_oidc_session::clock::{Clock as _, ManualClock, SystemClock};
use axum_oidc_session::dev_provider::{
    DevClient, DevProvider, DevProviderBuilder, DevProviderControl, RunningDevProvider,
};
use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use axum_oidc_session::{KeyRing, MemoryStore, OidcAuth, OidcAuthBuilder, SigningAlgorithm};
use futures_util::future::{Either, select};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::cookies::Jar;
#[cfg(feature = "sqlite")]
use super::folder::Folder;
use super::spawner::CountingSpawner;
use super::{Browser, Calls, SealedTestStore, routes};

/// Where the clock stands when an application starts.
pub(crate) const NOW: i64 = 1_893_456_000;
pub(crate) const CLIENT_ID: &str = "test-client";
pub(crate) const KEY: &str =
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";

/// A running application. Its cookies are called `app`, `app_m`, `app_r` and the bindings of logins (`oidc_…`); its provider signs in Ada
/// (`ada`) without asking, with ES256 and a ceiling 3,600 s away.
pub(crate) struct App {
    pub(crate) auth: OidcAuth,
    pub(crate) clock: ManualClock,
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) op: DevProviderControl,
    /// There if it was asked for with [`AppBuilder::sealed_store`].
    pub(crate) store: Option<SealedTestStore>,
    base_path: &'static str,
    pub(crate) router: Router,
    spawner: CountingSpawner,
    stop: watch::Sender<bool>,
    _provider: RunningDevProvider,
    #[cfg(feature = "sqlite")]
    _folder: Option<Folder>,
}

type Configure = Box<dyn FnOnce(OidcAuthBuilder) -> OidcAuthBuilder>;
type ConfigureProvider = Box<dyn FnOnce(DevProviderBuilder) -> DevProviderBuilder>;
type ConfigureClient = fn(DevClient) -> DevClient;
type Assemble = Box<dyn FnOnce(&OidcAuth, Router) -> Router>;

/// How an application differs from the usual one.
pub(crate) struct AppBuilder {
    configure: Vec<Configure>,
    provider: ConfigureProvider,
    client: ConfigureClient,
    assemble: Assemble,
    base_path: &'static str,
    sealed: bool,
    clock: ManualClock,
    #[cfg(feature = "sqlite")]
    folder: Option<Folder>,
}

impl App {
    pub(crate) fn builder() -> AppBuilder {
        AppBuilder {
            configure: Vec::new(),
            provider: Box::new(|provider| provider),
            client: |client| client,
            assemble: Box::new(|auth, router| router.layer(auth.layer()).merge(auth.routes())),
            base_path: "",
            sealed: false,
            clock: ManualClock::at(NOW),
            #[cfg(feature = "sqlite")]
            folder: None,
        }
    }

    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.origin, Jar::new(self.clock.clone()))
    }

    /// A browser that is signed in.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        let reply = browser.sign_in().await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        browser
    }

    /// Lets seconds pass.
    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn calls(&self) -> Calls {
        Calls::of(&self.op)
    }

    /// The base URL: the origin and the path prefix.
    pub(crate) fn base(&self) -> String {
        format!("{}{}", self.origin, self.base_path)
    }

    /// As in a `Host` header.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("//").unwrap().1
    }

    pub(crate) fn store(&self) -> &SealedTestStore {
        self.store.as_ref().unwrap()
    }

    /// Asks the application in process, where the response still has its extensions.
    pub(crate) async fn ask(&self, request: Request) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Waits until all background tasks have finished.
    pub(crate) async fn settled(&self) {
        self.spawner.settled().await;
    }
}

/// Another process that serves the same application from the same store.
pub(crate) struct Node {
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) auth: OidcAuth,
    spawner: CountingSpawner,
    stop: watch::Sender<bool>,
}

impl App {
    /// Starts another node of this application, whose base URL is that of the first.
    pub(crate) async fn node(
        &self,
        configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder,
    ) -> Node {
        self.node_with(configure, |router| router).await
    }

    /// As [`node`](Self::node), with more routes.
    pub(crate) async fn node_with(
        &self,
        configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder,
        routes: impl FnOnce(Router) -> Router,
    ) -> Node {
        self.node_on(&self.clock, configure, routes).await
    }

    /// As [`node_with`](Self::node_with), with a clock of its own.
    pub(crate) async fn node_on(
        &self,
        clock: &ManualClock,
        configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder,
        routes: impl FnOnce(Router) -> Router,
    ) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let spawner = CountingSpawner::default();
        let usual = usual(self.op.issuer(), &self.base(), clock, &spawner);
        let auth = configure(usual.store(self.store().clone())).build().unwrap();
        let router = routes(super::routes::router()).layer(auth.layer()).merge(auth.routes());
        let stop = serve(listener, router);
        Node { origin, auth, spawner, stop }
    }

    /// Runs `work` while the clock goes on, about as fast as it does outside.
    pub(crate) async fn ticking<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            let tick = SystemClock.sleep(Duration::from_millis(10));
            match select(work.as_mut(), tick).await {
                Either::Left((done, _)) => return done,
                Either::Right(_) => self.clock.advance(Duration::from_millis(10)),
            }
        }
    }
}

impl Node {
    /// The same browser, on this node.
    pub(crate) fn serve(&self, browser: &Browser) -> Browser {
        browser.at(&self.origin)
    }

    /// Waits until all background tasks have finished.
    pub(crate) async fn settled(&self) {
        self.spawner.settled().await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl AppBuilder {
    /// Changes settings; may be called several times.
    pub(crate) fn configure(
        mut self,
        configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder + 'static,
    ) -> Self {
        self.configure.push(Box::new(configure));
        self
    }

    /// Changes the provider's settings.
    pub(crate) fn provider(
        mut self,
        configure: impl FnOnce(DevProviderBuilder) -> DevProviderBuilder + 'static,
    ) -> Self {
        self.provider = Box::new(configure);
        self
    }

    /// Registers the client otherwise.
    pub(crate) fn client(mut self, register: fn(DevClient) -> DevClient) -> Self {
        self.client = register;
        self
    }

    /// Puts routes, layer and auth routes together otherwise than `router.layer(auth.layer()).merge(auth.routes())`. The
    /// router it gets has the routes of `routes.rs`.
    pub(crate) fn assemble(
        mut self,
        assemble: impl FnOnce(&OidcAuth, Router) -> Router + 'static,
    ) -> Self {
        self.assemble = Box::new(assemble);
        self
    }

    /// A path prefix of the base URL. The whole application is nested below it.
    pub(crate) fn base_path(mut self, path: &'static str) -> Self {
        self.base_path = path;
        self
    }

    /// Keeps sessions in a [`SealedTestStore`].
    pub(crate) fn sealed_store(mut self) -> Self {
        self.sealed = true;
        self
    }

    /// Keeps sessions in an SQLite file that no other test has.
    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite(mut self, change: fn(SqliteStore) -> SqliteStore) -> Self {
        let folder = Folder::new();
        let store = change(folder.store());
        self.folder = Some(folder);
        self.configure(move |auth| auth.store(store))
    }

    /// Where the clock stands instead of at [`NOW`].
    pub(crate) fn starts_at(self, seconds: i64) -> Self {
        self.on_clock(ManualClock::at(seconds))
    }

    /// A clock that the test has, too.
    pub(crate) fn on_clock(mut self, clock: ManualClock) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) async fn start(self) -> App {
        let clock = self.clock;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let base = format!("{origin}{}", self.base_path);
        let client = DevClient::new(CLIENT_ID)
            .secret("s3cret & more")
            .redirect_uri(format!("{base}/auth/callback"))
            .post_logout_redirect_uri(format!("{base}/"))
            .backchannel_logout_uri(format!("{base}/auth/backchannel-logout"));
        let client = (self.client)(client);
        let provider = DevProvider::builder().client(client).clock(Arc::new(clock.clone()));
        let provider = (self.provider)(provider).start().await.unwrap();
        let op = provider.control();
        op.authorize_as("ada");
        let (spawner, store) = (CountingSpawner::default(), SealedTestStore::new(clock.clone()));
        let builder = usual(provider.issuer(), &base, &clock, &spawner);
        let builder = match self.sealed {
            true => builder.store(store.clone()),
            false => builder.store(MemoryStore::default()),
        };
        let configured = self.configure.into_iter().fold(builder, |builder, next| next(builder));
        let auth = configured.build().unwrap();
        let router = (self.assemble)(&auth, routes::router());
        let router = match self.base_path {
            "" => router,
            path => Router::new().nest(path, router),
        };
        let stop = serve(listener, router.clone());
        let store = self.sealed.then_some(store);
        let base_path = self.base_path;
        App {
            auth,
            clock,
            origin,
            op,
            store,
            base_path,
            router,
            spawner,
            stop,
            _provider: provider,
            #[cfg(feature = "sqlite")]
            _folder: self.folder,
        }
    }
}

fn usual(
    issuer: &str,
    base: &str,
    clock: &ManualClock,
    spawner: &CountingSpawner,
) -> OidcAuthBuilder {
    OidcAuth::builder(issuer, CLIENT_ID)
        .client_secret("s3cret & more")
        .offline_access()
        .base_url(base)
        .cookie_name("app")
        .cookie_keys(KeyRing::from_base64(KEY).unwrap())
        .id_token_signing_alg(SigningAlgorithm::Es256)
        .clock(spawner.clock(clock.clone()))
        .spawner(Arc::new(spawner.clone()))
}

fn serve(listener: TcpListener, router: Router) -> watch::Sender<bool> {
    let stop = watch::Sender::new(false);
    let mut stopped = stop.subscribe();
    TokioSpawner.spawn(Box::pin(async move {
        let stop = async move {
            let _gone = stopped.wait_for(|stopped| *stopped).await;
        };
        axum::serve(listener, router).with_graceful_shutdown(stop).await.unwrap();
    }));
    stop
}
