//! What a step-up takes along: the application's data, for the same user alone.

use axum::extract::Request;
use axum::routing::any;
use axum_oidc_session::tower_sessions::Session;

use super::{handlers, layers};
use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser};

fn with_cart(builder: AppBuilder) -> AppBuilder {
    let cart = any(async |session: Session, request: Request| {
        if let Some(item) = request.uri().query() {
            session.insert("cart", item.to_owned()).await.unwrap();
        }
        session.get::<String>("cart").await.unwrap().unwrap_or_default()
    });
    builder.configure(|auth| auth.application_data(true)).assemble(|auth, router| {
        let router = router.route("/cart", cart).merge(layers()).merge(handlers());
        router.layer(auth.layer()).merge(auth.routes())
    })
}

/// A browser with something in its cart, whose sign-in is 91 s old.
async fn shopping(app: &App) -> Browser {
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/cart?book").await.text(), "book");
    app.later(91);
    browser
}

#[tokio::test]
async fn the_cart_of_the_same_user_is_kept() {
    for builder in stores() {
        let app = with_cart(builder).start().await;
        let browser = shopping(&app).await;
        assert_eq!(browser.sign_in_from("/layer/recent").await.status, 303);
        assert_eq!(browser.fetch("/layer/recent").await.text(), "hello ada");
        assert_eq!(browser.fetch("/cart").await.text(), "book");
        assert_eq!(browser.fetch("/cart?pen").await.text(), "pen", "and can be changed");
        assert_eq!(browser.fetch("/cart").await.text(), "pen");
    }
}

#[tokio::test]
async fn another_user_finds_nothing() {
    for builder in stores() {
        let app = with_cart(builder).start().await;
        let browser = shopping(&app).await;
        app.op.authorize_as("grace");
        assert_eq!(browser.sign_in_from("/layer/recent").await.status, 303);
        assert_eq!(browser.fetch("/profile").await.text(), "grace");
        assert_eq!(browser.fetch("/cart").await.text(), "");
    }
}

/// Ceiling rule 19.
#[tokio::test]
async fn any_login_of_the_same_user_takes_the_data_along() {
    for builder in stores() {
        let app = with_cart(builder).start().await;
        let browser = shopping(&app).await;
        assert_eq!(browser.sign_in().await.status, 303);
        assert_eq!(browser.fetch("/cart").await.text(), "book");
    }
}

#[tokio::test]
async fn nor_does_one_whose_session_has_ended_meanwhile() {
    for builder in stores() {
        let app = with_cart(builder).start().await;
        let browser = shopping(&app).await;
        let callback = browser.until_callback("/layer/recent").await;
        let tab = browser.copy();
        assert_eq!(tab.post("/auth/logout").await.status, 200);
        assert_eq!(browser.navigate(&callback).await.status, 303);
        assert_eq!(browser.fetch("/cart").await.text(), "");
    }
}
