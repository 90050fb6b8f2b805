//! Where a login leads, through the real routes: local pages, and nothing else.

use url::form_urlencoded;

use crate::support::App;

async fn after_login(app: &App, return_to: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", return_to)
        .finish();
    let reply = app.browser().sign_in_from(&format!("{}/auth/login?{query}", app.base())).await;
    assert_eq!(reply.status, 303, "{return_to:?}");
    reply.location().strip_prefix(&app.origin).unwrap_or_else(|| panic!("{return_to:?}")).to_owned()
}

#[tokio::test]
async fn local_pages_are_returned_to() {
    let app = App::start().await;
    let longest = format!("/{}", "a".repeat(2047));
    for (candidate, kept) in [
        ("/", "/"),
        ("/profile", "/profile"),
        ("/profile?tab=2&x=https://evil.example/", "/profile?tab=2&x=https://evil.example/"),
        ("/a/../b#top", "/b"),
        ("/a\u{e4} b", "/a%C3%A4%20b"),
        ("/a?x=%0d%0aSet-Cookie:%20y", "/a?x=%0d%0aSet-Cookie:%20y"),
        (&longest, &longest),
    ] {
        assert_eq!(after_login(&app, candidate).await, kept, "{candidate:?}");
    }
}

#[tokio::test]
async fn everything_else_becomes_the_front_page() {
    let app = App::start().await;
    let too_long = format!("/{}", "a".repeat(2048));
    for candidate in [
        "",
        "profile",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: x=y",
        "/.//evil.example",
        "/a/..//evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "https:evil.example",
        "//user@evil.example",
        "javascript:alert(1)",
        // Not an endless loop, and not a logout.
        "/auth/login",
        "/auth/login?return_to=/",
        "/auth/callback?code=x",
        "/auth/logout",
        "/x/../auth/logout",
        &too_long,
    ] {
        assert_eq!(after_login(&app, candidate).await, "/", "{candidate:?}");
    }
}

#[tokio::test]
async fn a_base_path_is_not_left() {
    let app = App::builder().base_path("/shop").start().await;
    for (candidate, kept) in [
        ("/shop", "/shop"),
        ("/shop/profile?x=1", "/shop/profile?x=1"),
        ("/", "/shop/"),
        ("/profile", "/shop/"),
        ("/shopping", "/shop/"),
        ("/shop/../profile", "/shop/"),
        ("/shop/%2e%2e/profile", "/shop/"),
        ("/shop/auth/logout", "/shop/"),
        ("", "/shop/"),
    ] {
        assert_eq!(after_login(&app, candidate).await, kept, "{candidate:?}");
    }
}

#[tokio::test]
async fn the_first_of_two_counts() {
    let app = App::start().await;
    let reply = app.browser().sign_in_from("/auth/login?return_to=/a&return_to=/b").await;
    assert_eq!(reply.location(), format!("{}/a", app.origin));
}

#[tokio::test]
async fn a_protected_page_is_returned_to() {
    let app = App::builder().base_path("/shop").start().await;
    let browser = app.browser();
    let refused = browser.navigate("/shop/profile?tab=2").await;
    assert_eq!(refused.status, 303);
    let reply = browser.sign_in_from(refused.location()).await;
    assert_eq!(reply.location(), format!("{}/shop/profile?tab=2", app.origin));
    assert_eq!(browser.navigate(reply.location()).await.text(), "ada");
}
