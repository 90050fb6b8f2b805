//! Full flows, and then every value that must not be in the log is looked for.

use std::collections::BTreeSet;
use std::time::Duration;

use axum_oidc_session::dev_provider::{
    AuthorizationFault, BrokenReply, Endpoint, Fault, IdTokenFault, LogoutSubject, RefreshFault,
    SessionExpiryMode, TokenFault, UserInfoFault,
};
use axum_oidc_session::tower_sessions::Session;
use serde_json::json;

use super::capture::Log;
use crate::layer::{hold_cookies, stores};
use crate::support::{App, AppBuilder, Browser, CLIENT_ID, Fails, Reply};

const KEY: &str =
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";

/// What must not be logged, collected while the flows run.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    /// What the authorization request and the pending attempt hold.
    async fn begin(&mut self, browser: &Browser) -> String {
        let begun = browser.navigate("/auth/login?return_to=/profile").await;
        for name in ["state", "nonce"] {
            self.0.extend(begun.parameter(name));
        }
        self.cookies(browser);
        browser.authorize(&begun).await
    }

    fn cookies(&mut self, browser: &Browser) {
        let ours =
            browser.cookie_names().into_iter().filter(|name| name != "app_m" && name != "app_r");
        self.0.extend(ours.filter_map(|name| browser.cookie(&name)));
    }

    fn provider(&mut self, app: &App) {
        self.0.extend(app.op.issued_values());
        let exchange = app.op.last_request(Endpoint::TokenAuthorizationCode);
        for name in ["code_verifier", "code", "client_secret"] {
            self.0.extend(exchange.as_ref().and_then(|it| it.parameter(name)).map(str::to_owned));
        }
        let basic = exchange.and_then(|it| it.authorization().map(str::to_owned));
        self.0.extend(basic.and_then(|it| it.split(' ').nth(1).map(str::to_owned)));
    }
}

async fn sign_in(secrets: &mut Secrets, app: &App, browser: &Browser) -> Reply {
    let callback = secrets.begin(browser).await;
    let reply = browser.navigate(&callback).await;
    secrets.cookies(browser);
    secrets.provider(app);
    reply
}

async fn start(builder: AppBuilder) -> App {
    let builder = builder.configure(|auth| auth.application_data(true));
    let data = async |session: Session| {
        session.insert("basket", "the-users-basket").await.unwrap();
        session.cycle_id().await.unwrap();
    };
    let assembled = builder.assemble(move |auth, router| {
        tracing::info!(?auth, layer = ?auth.layer(), "as an application may print it");
        let router = router.route("/data", axum::routing::get(data));
        router.layer(auth.layer()).merge(auth.routes())
    });
    assembled.start().await
}

fn check(log: &Log, mut secrets: Secrets) {
    let text = log.text();
    assert!(text.contains("TRACE") && text.contains("axum_oidc_session"), "nothing was captured");
    let fixed =
        ["s3cret & more", "s3cret+%26+more", "s3cret%20%26%20more", KEY, "the-users-basket"];
    let personal = ["Ada Lovelace", "ada@example.com"];
    secrets.0.extend(fixed.into_iter().chain(personal).map(str::to_owned));
    for secret in secrets.0.iter().filter(|secret| secret.len() > 3) {
        if let Some(at) = text.find(&**secret) {
            let line = text[..at].rfind('\n').map_or(0, |start| start + 1);
            panic!("{secret} is in the log: {}", text[line..].lines().next().unwrap());
        }
    }
    assert!(secrets.0.len() > 10, "too few values were looked for: {}", secrets.0.len());
}

#[tokio::test]
async fn of_a_session_from_login_to_logout() {
    for builder in stores() {
        let log = Log::capture();
        let mut secrets = Secrets::default();
        let app = start(builder).await;
        let browser = app.browser();
        sign_in(&mut secrets, &app, &browser).await;
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        assert_eq!(browser.fetch("/data").await.status, 200);
        secrets.cookies(&browser);
        app.later(300);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        secrets.provider(&app);
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        sign_in(&mut secrets, &app, &browser).await;
        hold_cookies(&browser);
        app.later(3_570);
        assert_eq!(browser.fetch("/api/me").await.status, 401);
        app.settled().await;
        check(&log, secrets);
    }
}

#[tokio::test]
async fn of_logins_that_fail() {
    let faults = [
        Fault::Token(TokenFault::InvalidGrant),
        Fault::Token(TokenFault::InvalidClient),
        Fault::Token(TokenFault::MacTokenType),
        Fault::Token(TokenFault::MissingAccessToken),
        Fault::UserInfo(UserInfoFault::WrongSub),
        Fault::Reply(Endpoint::Token, BrokenReply::NotJson),
        Fault::Reply(Endpoint::Token, BrokenReply::Html),
        Fault::Reply(Endpoint::Token, BrokenReply::Close),
        Fault::Reply(Endpoint::Token, BrokenReply::Redirect),
        Fault::Reply(Endpoint::UserInfo, BrokenReply::NotJson),
        Fault::Reply(Endpoint::Jwks, BrokenReply::NotJson),
    ];
    let id_token = IdTokenFault::ALL.iter().map(|fault| Fault::IdToken(*fault));
    let response = AuthorizationFault::ALL.iter().map(|fault| Fault::Authorization(*fault));
    for fault in faults.into_iter().chain(id_token).chain(response) {
        let log = Log::capture();
        let mut secrets = Secrets::default();
        let app = start(App::builder()).await;
        app.op.set_fault(Some(fault));
        let browser = app.browser();
        let reply = sign_in(&mut secrets, &app, &browser).await;
        if reply.status == 303 && reply.location().starts_with(app.op.issuer()) {
            secrets.cookies(&browser);
            let callback = browser.authorize(&reply).await;
            browser.navigate(&callback).await;
            secrets.provider(&app);
        }
        // The same callback again: an attempt that was used.
        app.op.set_fault(None);
        let callback = secrets.begin(&browser).await;
        browser.copy().navigate(&callback).await;
        browser.copy().navigate(&callback).await;
        secrets.provider(&app);
        app.settled().await;
        check(&log, secrets);
    }
}

#[tokio::test]
async fn of_ceilings_that_refuse() {
    for mode in
        [SessionExpiryMode::Raw("\"soon\"".into()), SessionExpiryMode::AfterIssue(Duration::ZERO)]
    {
        let log = Log::capture();
        let mut secrets = Secrets::default();
        let app = start(App::builder()).await;
        app.op.set_session_expiry(mode);
        let browser = app.browser();
        sign_in(&mut secrets, &app, &browser).await;
        app.settled().await;
        check(&log, secrets);
    }
}

#[tokio::test]
async fn of_refreshes_that_fail() {
    let refresh = RefreshFault::ALL.iter().map(|fault| Fault::Refresh(*fault));
    let replies =
        [BrokenReply::NotJson, BrokenReply::Html, BrokenReply::Close, BrokenReply::Redirect];
    let replies = replies.map(|reply| Fault::Reply(Endpoint::TokenRefreshToken, reply));
    let token =
        [Fault::Token(TokenFault::InvalidGrant), Fault::IdToken(IdTokenFault::BadSignature)];
    for fault in refresh.chain(replies).chain(token) {
        let log = Log::capture();
        let mut secrets = Secrets::default();
        let app = start(App::builder()).await;
        let browser = app.browser();
        sign_in(&mut secrets, &app, &browser).await;
        app.later(300);
        app.op.set_fault(Some(fault));
        browser.fetch("/api/token").await;
        browser.fetch("/api/token").await;
        secrets.provider(&app);
        app.settled().await;
        check(&log, secrets);
    }
}

#[tokio::test]
async fn of_a_store_that_fails_and_cookies_that_are_garbage() {
    let log = Log::capture();
    let mut secrets = Secrets::default();
    let app = start(App::builder().sealed_store()).await;
    let browser = app.browser();
    sign_in(&mut secrets, &app, &browser).await;
    let mut stored = app.store().stored().remove(0);
    for fails in [Fails::Everything, Fails::Writes, Fails::Deletes] {
        app.store().fail(fails);
        for path in ["/api/me", "/data", "/api/token", "/auth/session"] {
            browser.copy().fetch(path).await;
        }
        browser.copy().submit("/auth/logout").await;
        let callback = secrets.begin(&browser).await;
        browser.copy().navigate(&callback).await;
    }
    app.store().fail(Fails::Nothing);
    stored.auth.content.truncate(20);
    app.store().tamper(stored);
    browser.fetch("/api/me").await;
    browser.set_cookie("app", "a-cookie-that-is-garbage");
    secrets.0.insert("a-cookie-that-is-garbage".to_owned());
    browser.fetch("/api/me").await;
    browser.navigate("/auth/callback?state=a-state-of-nobody&code=a-code-of-nobody").await;
    secrets.0.extend(["a-state-of-nobody".to_owned(), "a-code-of-nobody".to_owned()]);
    secrets.provider(&app);
    check(&log, secrets);
}

#[tokio::test]
async fn of_logout_tokens() {
    let subject = LogoutSubject::SubAndSid {
        sub: "the-person-who-is-signed-out".to_owned(),
        sid: "the-session-that-is-ended".to_owned(),
    };
    for fails in [Fails::Nothing, Fails::Everything] {
        let log = Log::capture();
        let mut secrets = Secrets::default();
        let app = start(App::builder().sealed_store()).await;
        let browser = app.browser();
        sign_in(&mut secrets, &app, &browser).await;
        app.store().fail(fails);
        for (typ, name, value) in [
            ("logout+jwt", "toe", json!(1)),
            ("at+jwt", "toe", json!(1)),
            ("logout+jwt", "nonce", json!("a-nonce-that-is-prohibited")),
            ("logout+jwt", "iss", json!("https://issuer-of-nobody.example")),
            ("logout+jwt", "sub", json!("a-subject-".repeat(30))),
        ] {
            let mut claims = app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
            claims.insert(name.to_owned(), value);
            let values = claims.values().filter_map(|value| value.as_str());
            // Who issued it is what an operator has to know.
            let ours = [CLIENT_ID, app.op.issuer(), "https://issuer-of-nobody.example"];
            secrets.0.extend(values.filter(|value| !ours.contains(value)).map(str::to_owned));
            let token = app.op.sign_jwt(Some(typ), claims).unwrap();
            app.op.send_logout_token(CLIENT_ID, &token).await.unwrap();
            secrets.0.extend(token.split('.').map(str::to_owned));
        }
        app.settled().await;
        check(&log, secrets);
    }
}

#[tokio::test]
async fn of_what_applications_print() {
    let log = Log::capture();
    let mut secrets = Secrets::default();
    let app = start(App::builder().sealed_store()).await;
    let browser = app.browser();
    sign_in(&mut secrets, &app, &browser).await;
    let session = axum_oidc_session::TestSession::new("ada")
        .claim("email", "ada@example.com")
        .access_token("a-token-made-by-hand")
        .build();
    let token = session.access_token().await.unwrap();
    tracing::info!(?session, ?token, "printed");
    tracing::info!(stored = ?app.store().stored(), header = ?token.authorization_header(), "printed");
    secrets.0.insert("a-token-made-by-hand".to_owned());
    check(&log, secrets);
}
