//! What the provider's refusals of a refresh mean: who can resolve them, and what an operator learns.

use axum_oidc_session::{EventKind, RefreshRejected};

use super::{access_token, token};
use crate::events::Told;
use crate::layer::stores;
use crate::logs::Log;
use crate::support::{App, AppBuilder};

/// The text that Entra ID's support asks for.
const AADSTS: &str = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 0b-1";
const KEPT: &str = "AADSTS7000215: Invalid client secret provided. Trace ID: 0b-1";
const NEED_THE_USER: [&str; 8] = [
    "invalid_grant",
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
    "unauthorized_client",
    "invalid_token",
    "access_denied",
];
const NEED_THE_OPERATOR: [&str; 6] = [
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "invalid_dpop_proof",
    "unsupported_grant_type",
    "a_code_of_its_own",
];

fn ending(builder: AppBuilder) -> AppBuilder {
    builder.configure(|auth| auth.on_refresh_rejected(RefreshRejected::EndSession))
}

#[tokio::test]
async fn what_the_user_resolves_is_final_for_the_refresh_token() {
    for error in NEED_THE_USER {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            app.later(300);
            app.op.refuse_token_requests(error, AADSTS);
            for _ in 0..3 {
                let reply = token(&browser).await;
                assert_eq!(reply.refusal(), (401, "refresh_rejected".to_owned()), "{error}");
                assert_eq!(reply.json()["reason"], error);
                assert_eq!(reply.json()["login_url"], format!("{}/auth/login", app.base()));
                assert!(!reply.text().contains("AADSTS"), "{}", reply.text());
                app.op.accept_token_requests();
                app.later(60);
            }
            assert_eq!(app.calls().refresh, 1, "it is not asked again");
            assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
            browser.submit("/auth/logout").await;
            app.settled().await;
            let dead = error == "invalid_grant";
            assert_eq!(app.calls().revocation, u64::from(!dead), "{error}: it may be alive");
        }
    }
}

#[tokio::test]
async fn by_option_it_ends_the_session_like_any_other_end() {
    for error in NEED_THE_USER {
        for builder in stores() {
            let (told, builder) = Told::by(ending(builder));
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let tab = browser.copy();
            told.events();
            app.later(250);
            app.op.refuse_token_requests(error, AADSTS);
            let reply = token(&browser).await;
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{error}");
            assert_eq!(reply.json()["reason"], "refresh_rejected");
            assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(0));
            assert_eq!(browser.fetch("/api/me").await.json()["reason"], "refresh_rejected");
            assert_eq!(tab.fetch("/api/me").await.status, 401);
            app.settled().await;
            let codes = told.codes();
            let expected =
                [("refresh_failed", "refresh_rejected"), ("session_ended", "refresh_rejected")];
            assert_eq!(codes[..2], expected, "{error}");
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn what_the_operator_resolves_keeps_the_token_and_pauses() {
    for (error, builder) in
        NEED_THE_OPERATOR.into_iter().flat_map(|error| stores().map(|one| (error, ending(one))))
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let old = access_token(&browser).await;
        app.op.refuse_token_requests(error, AADSTS);
        app.later(250);
        assert_eq!(access_token(&browser).await, old, "while it is good");
        app.later(50);
        for _ in 0..10 {
            let reply = token(&browser).await;
            assert_eq!(reply.refusal(), (503, "refresh_paused".to_owned()), "{error}");
            assert!(reply.header("retry-after").is_some());
            assert!(!reply.text().contains("AADSTS"), "{}", reply.text());
            let reply = browser.post("/api/refresh").await;
            assert_eq!(reply.refusal(), (503, "refresh_paused".to_owned()), "{error}");
        }
        assert_eq!(app.calls().refresh, 2, "{error}: no token request per call");
        for _ in 0..60 {
            app.later(10);
            token(&browser).await;
        }
        // 600 s: pauses of 4, 8, 16 s, and then of 30 s each.
        assert!(app.calls().refresh <= 24, "{error}: {} refreshes", app.calls().refresh);
        assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
        app.op.accept_token_requests();
        app.later(30);
        assert_ne!(access_token(&browser).await, old, "{error}");
    }
}

#[tokio::test]
async fn the_log_the_event_and_the_error_have_the_provider_s_words() {
    for error in ["invalid_client", "interaction_required"] {
        for builder in stores() {
            let (told, builder) = Told::by(builder);
            let app = builder.start().await;
            let log = Log::capture();
            let browser = app.signed_in().await;
            told.events();
            app.later(300);
            app.op.refuse_token_requests(error, AADSTS);
            token(&browser).await;
            let events = told.events();
            let EventKind::RefreshFailed { provider: Some(said), .. } = &events[0].kind else {
                panic!("{events:?}")
            };
            assert_eq!((&*said.error, said.error_description.as_deref()), (error, Some(KEPT)));
            let line = log.text();
            let line = line.lines().find(|line| line.contains("event=refresh_failed")).unwrap();
            assert!(line.starts_with("WARN"), "{line}");
            assert!(line.contains(&format!("provider_error={error}")), "{line}");
            assert!(line.contains(KEPT), "{line}");
        }
    }
}

#[tokio::test]
async fn the_words_at_a_code_exchange_are_kept_as_well() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let log = Log::capture();
    app.op.refuse_token_requests("invalid_client", AADSTS);
    let reply = app.browser().sign_in().await;
    assert_eq!(reply.refusal(), (502, "token_endpoint_rejected".to_owned()));
    let events = told.events();
    let EventKind::SignInRefused { provider: Some(said), .. } = &events[0].kind else {
        panic!("{events:?}")
    };
    assert_eq!(said.error_description.as_deref(), Some(KEPT));
    let line = log.text();
    let line = line.lines().find(|line| line.contains("event=sign_in_refused")).unwrap();
    assert!(line.contains("provider_error=invalid_client") && line.contains(KEPT), "{line}");
}

#[tokio::test]
async fn what_a_provider_repeats_of_a_request_is_left_out() {
    let app = App::start().await;
    let log = Log::capture();
    let browser = app.signed_in().await;
    let tokens = app.op.issued_values();
    app.later(300);
    let said = format!("ada@example.com: s3cret & more, {}", tokens.join(", "));
    app.op.refuse_token_requests("invalid_request", said);
    let reply = token(&browser).await;
    for secret in ["ada@example.com", "s3cret & more"] {
        assert!(!log.text().contains(secret) && !reply.text().contains(secret), "{secret}");
    }
    let sent = app.op.last_request(axum_oidc_session::dev_provider::Endpoint::TokenRefreshToken);
    let sent = sent.unwrap().parameter("refresh_token").unwrap().to_owned();
    assert!(tokens.contains(&sent) && !log.text().contains(&sent));
}
