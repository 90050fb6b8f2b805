//! Claims that a user must have.

use axum::Router;
use axum::routing::get;
use axum_oidc_session::dev_provider::{DevUser, Fault, TokenFault};
use axum_oidc_session::{AuthSession, OidcAuth, OidcAuthBuilder, require_claims};
use serde_json::json;

use super::{builder, forms};
use crate::support::App;

fn with_groups(groups: &[&str]) -> DevUser {
    DevUser::new("ada").claim("groups", json!(groups))
}

#[tokio::test]
async fn a_user_who_has_them_gets_in_and_another_gets_403() {
    for path in forms("staff") {
        let app = builder().start().await;
        app.op.add_user(with_groups(&["engineers"]));
        let browser = app.signed_in().await;
        let reply = browser.fetch(&path).await;
        assert_eq!(reply.refusal(), (403, "insufficient_claims".to_owned()), "{path}");
        assert_eq!(reply.header("www-authenticate"), None, "a sign-in changes nothing");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let page = browser.navigate(&path).await;
        assert_eq!(page.refusal(), (403, "insufficient_claims".to_owned()), "{path}");
        assert!(page.text().contains("<main"), "{path}: a page for who sees one");
        let posted = browser.submit(&path).await;
        assert_eq!(posted.refusal(), (403, "insufficient_claims".to_owned()), "{path}");
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "the session goes on");
        // They are those of the login.
        app.op.add_user(with_groups(&["engineers", "staff"]));
        assert_eq!(browser.fetch(&path).await.status, 403, "{path}");
        assert_eq!(browser.sign_in().await.status, 303);
        assert_eq!(browser.fetch(&path).await.text(), "hello ada", "{path}");
    }
}

#[tokio::test]
async fn of_two_requirements_the_first_that_is_not_met_answers() {
    for path in forms("both") {
        let app = builder().start().await;
        app.op.add_user(with_groups(&["engineers"]));
        let browser = app.signed_in().await;
        app.later(91);
        assert_eq!(browser.navigate(&path).await.status, 403, "{path}");
        app.op.add_user(with_groups(&["staff"]));
        assert_eq!(browser.sign_in().await.status, 303);
        assert_eq!(browser.fetch(&path).await.code(), "insufficient_user_authentication");
        let begun = browser.navigate(&path).await;
        let callback = browser.authorize(&begun).await;
        assert_eq!(browser.navigate(&callback).await.status, 303);
        assert_eq!(browser.fetch(&path).await.text(), "hello ada", "{path}");
    }
}

/// What was granted is what the token response says, or what was asked for (RFC 6749 sections 5.1 and 6).
#[tokio::test]
async fn a_scope_is_one_that_was_granted() {
    use TokenFault::{NarrowScope, NoScope};
    for (at_login, at_refresh, granted) in [
        (None, None, true),
        (Some(NoScope), Some(NoScope), true),
        (Some(NarrowScope), None, false),
        // Left out at the refresh, it is as narrow as it was.
        (Some(NarrowScope), Some(NoScope), false),
        (None, Some(NoScope), true),
    ] {
        let row = format!("{at_login:?} {at_refresh:?}");
        let scopes = |auth: OidcAuthBuilder| auth.scopes(["openid", "offline_access", "orders"]);
        let app = App::builder().configure(scopes).assemble(with_orders).start().await;
        app.op.set_fault(at_login.map(Fault::Token));
        let browser = app.signed_in().await;
        let status = async |path: &str| browser.fetch(path).await.status;
        let expected = if granted { 200 } else { 403 };
        assert_eq!(status("/orders").await, expected, "{row}");
        assert_eq!(status("/refunds").await, 403, "{row}");
        assert_eq!(status("/openid").await, 200, "{row}");
        if at_refresh.is_some() {
            app.later(300);
            app.op.set_fault(at_refresh.map(Fault::Token));
            assert_eq!(status("/api/token").await, 200, "{row}");
            assert_eq!(app.calls().refresh, 1, "{row}");
            assert_eq!(status("/orders").await, expected, "{row} after the refresh");
        }
    }
    // A refresh may take away.
    let scopes = |auth: OidcAuthBuilder| auth.scopes(["openid", "offline_access", "orders"]);
    let app = App::builder().configure(scopes).assemble(with_orders).start().await;
    let browser = app.signed_in().await;
    app.later(300);
    app.op.set_fault(Some(Fault::Token(NarrowScope)));
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    assert_eq!(browser.fetch("/orders").await.status, 403);
}

fn with_orders(auth: &OidcAuth, router: Router) -> Router {
    orders(router).layer(auth.layer()).merge(auth.routes())
}

fn orders(router: Router) -> Router {
    let guarded = |path: &str, scope: &str| {
        let route = Router::new().route(path, get(async || "granted"));
        route.route_layer(require_claims().scope(scope))
    };
    router
        .merge(guarded("/orders", "orders"))
        .merge(guarded("/refunds", "refunds"))
        .merge(guarded("/openid", "openid"))
}

/// A response without `scope` grants what was asked for when the login began, whatever is configured by then.
#[tokio::test]
async fn what_is_configured_after_the_login_is_not_granted() {
    let (less, more) = (["openid", "offline_access"], ["openid", "offline_access", "orders"]);
    for (then, now, granted) in [(&less[..], &more[..], false), (&more[..], &less[..], true)] {
        let then = then.to_vec();
        let app = App::builder()
            .sealed_store()
            .configure(|auth| auth.scopes(then))
            .assemble(with_orders)
            .start()
            .await;
        let node = app.node_with(|auth| auth.scopes(now.to_vec()), orders).await;
        app.op.set_fault(Some(Fault::Token(TokenFault::NoScope)));
        let early = app.signed_in().await;
        // Its configuration changes while the user is at the provider.
        let late = app.browser();
        let callback = late.until_callback("/auth/login").await;
        let late = node.serve(&late);
        let path = callback.strip_prefix(&app.origin).unwrap();
        assert_eq!(late.navigate(path).await.status, 303);
        let expected = if granted { 200 } else { 403 };
        for browser in [node.serve(&early), late] {
            assert_eq!(browser.fetch("/orders").await.status, expected);
            assert_eq!(browser.fetch("/api/token").await.status, 200);
        }
        app.later(300);
        let browser = node.serve(&early);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        assert_eq!(app.calls().refresh, 1);
        assert_eq!(browser.fetch("/orders").await.status, expected, "after a refresh");
    }
}

#[tokio::test]
async fn all_rules_must_hold_and_handlers_may_ask() {
    let app = App::builder()
        .assemble(|auth, router| {
            let menu = get(async |session: AuthSession| {
                let verified = require_claims().equals("email_verified", true);
                let nested = verified.clone().contains(["realm_access", "roles"], "editor");
                let own = nested.clone().predicate(|claims| claims.sub() == "bob");
                [session.meets(&verified), session.meets(&nested), session.meets(&own)]
                    .map(|met| if met { "yes" } else { "no" })
                    .join(" ")
            });
            router.route("/menu", menu).layer(auth.layer()).merge(auth.routes())
        })
        .start()
        .await;
    for (sub, user, expected) in [
        ("ada", DevUser::new("ada"), "no no no"),
        ("ada", DevUser::new("ada").email("ada@example.com"), "yes no no"),
        (
            "ada",
            DevUser::new("ada")
                .email("ada@example.com")
                .claim("realm_access", json!({"roles": ["editor"]})),
            "yes yes no",
        ),
        (
            "bob",
            DevUser::new("bob")
                .email("bob@example.com")
                .userinfo_claim("realm_access", json!({"roles": ["editor"]})),
            "yes yes yes",
        ),
    ] {
        app.op.authorize_as(sub);
        app.op.add_user(user);
        let browser = app.signed_in().await;
        assert_eq!(browser.fetch("/menu").await.text(), expected);
    }
}
