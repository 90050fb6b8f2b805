//! Claims that a user must have.

use axum::routing::get;
use axum_oidc_session::dev_provider::DevUser;
use axum_oidc_session::{AuthSession, require_claims};
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
