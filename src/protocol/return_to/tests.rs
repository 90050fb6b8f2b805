//! One row per candidate.

use url::Url;

use super::ReturnTo;

fn parsed(candidate: &str, base_path: &str) -> Option<String> {
    ReturnTo::parse(candidate, base_path).map(String::from)
}

#[test]
fn local_pages_are_kept_normalised() {
    for (candidate, base_path, kept) in [
        ("/", "", "/"),
        ("/profile", "", "/profile"),
        ("/profile/", "", "/profile/"),
        ("/a//b", "", "/a//b"),
        ("/a?b=c&d=e", "", "/a?b=c&d=e"),
        ("/?", "", "/?"),
        ("/a#top", "", "/a"),
        ("/a?b#top", "", "/a?b"),
        ("/#//evil.example", "", "/"),
        ("/a/./b", "", "/a/b"),
        ("/a/../b", "", "/b"),
        ("/../../b", "", "/b"),
        ("/a/%2e%2E/b", "", "/b"),
        ("/a%2Fb", "", "/a%2Fb"),
        ("/a%252e%252e", "", "/a%252e%252e"),
        ("/a b\"<>", "", "/a%20b%22%3C%3E"),
        ("/\u{e4}", "", "/%C3%A4"),
        ("/a?next=https://evil.example/", "", "/a?next=https://evil.example/"),
        ("/a?next=//evil.example", "", "/a?next=//evil.example"),
        ("/a@b:c", "", "/a@b:c"),
        ("/:80/", "", "/:80/"),
        ("/https://evil.example", "", "/https://evil.example"),
        // Encoded line breaks stay encoded and split no header.
        ("/a?x=%0d%0aSet-Cookie:%20y", "", "/a?x=%0d%0aSet-Cookie:%20y"),
        ("/a%0d%0ab", "", "/a%0d%0ab"),
        ("/app", "/app", "/app"),
        ("/app/", "/app", "/app/"),
        ("/app?x", "/app", "/app?x"),
        ("/app/x?y=/../z", "/app", "/app/x?y=/../z"),
        ("/app/x/../y", "/app", "/app/y"),
        ("/other/../app/x", "/app", "/app/x"),
        ("/app/..%20/x", "/app", "/app/..%20/x"),
    ] {
        assert_eq!(parsed(candidate, base_path).as_deref(), Some(kept), "{candidate:?}");
    }
}

#[test]
fn everything_else_is_refused() {
    for (candidate, base_path) in [
        ("", ""),
        ("profile", ""),
        ("?a=b", ""),
        ("#top", ""),
        (" /profile", ""),
        ("\u{a0}/profile", ""),
        ("//evil.example", ""),
        ("//evil.example/%2e%2e", ""),
        ("///evil.example", ""),
        ("/\\evil.example", ""),
        ("\\\\evil.example", ""),
        ("\\/evil.example", ""),
        ("/a\\..\\b", ""),
        ("/a?b=\\", ""),
        ("/\t/evil.example", ""),
        ("/\n/evil.example", ""),
        ("\t//evil.example", ""),
        ("/a\r\nSet-Cookie: x=y", ""),
        ("/a\u{0}b", ""),
        ("/a\u{7f}b", ""),
        ("/a\u{85}b", ""),
        ("/.//evil.example", ""),
        ("/..//evil.example", ""),
        ("/a/..//evil.example", ""),
        ("/%2e//evil.example", ""),
        ("/%2e%2e//evil.example", ""),
        ("/%2fevil.example", ""),
        ("/%2F%2Fevil.example", ""),
        ("/%5cevil.example", ""),
        ("/.%2f%2fevil.example", ""),
        ("/a%2f..%2f%2fevil.example", ""),
        ("http:evil.example", ""),
        ("https:evil.example", ""),
        ("https:/evil.example", ""),
        ("https://evil.example", ""),
        ("https://rp.invalid/a", ""),
        ("//rp.invalid/a", ""),
        ("//user@rp.invalid/a", ""),
        ("user@evil.example", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("mailto:a@b", ""),
        ("/", "/app"),
        ("/other", "/app"),
        ("/App/x", "/app"),
        ("/application", "/app"),
        ("/app/..", "/app"),
        ("/app/../other", "/app"),
        ("/app/%2e%2e/other", "/app"),
        ("/app/..%2fother", "/app"),
        ("/app/%2e%2e%2fother", "/app"),
        ("/app/..%5cother", "/app"),
        ("/app/x/../../other", "/app"),
        ("//app/x", "/app"),
        ("/%61pp/x", "/app"),
    ] {
        assert_eq!(parsed(candidate, base_path), None, "{candidate:?} within {base_path:?}");
    }
}

#[test]
fn at_most_2048_bytes_before_and_after_normalisation() {
    let path = |length: usize| format!("/{}", "a".repeat(length - 1));
    assert!(parsed(&path(2048), "").is_some());
    assert_eq!(parsed(&path(2049), ""), None);
    // A space takes three bytes once it is encoded.
    assert!(parsed(&format!("{} b", path(2044)), "").is_some());
    assert_eq!(parsed(&format!("{} b", path(2045)), ""), None);
}

#[test]
fn the_routes_of_the_login_are_no_place_to_return_to() {
    let refused = ["/auth/login", "/auth/logout"];
    for (candidate, expected) in [
        (None, "/"),
        (Some(""), "/"),
        (Some("//evil.example"), "/"),
        (Some("/auth/login"), "/"),
        (Some("/auth/login/"), "/"),
        (Some("/auth/login?return_to=/x"), "/"),
        (Some("/auth/%6Cogin"), "/"),
        (Some("/auth/x/../logout"), "/"),
        (Some("/auth%2Flogout"), "/"),
        (Some("/auth/login-help"), "/auth/login-help"),
        (Some("/auth"), "/auth"),
        (Some("/x?y=/auth/login"), "/x?y=/auth/login"),
    ] {
        let page = ReturnTo::parse_or_base(candidate, "", &refused);
        assert_eq!(page.as_str(), expected, "{candidate:?}");
    }
    let page = ReturnTo::parse_or_base(Some("/app/auth/login"), "/app", &["/app/auth/login"]);
    assert_eq!(page.as_str(), "/app/");
    assert_eq!(ReturnTo::parse_or_base(Some("/x"), "/app", &[]).as_str(), "/app/");
}

#[test]
fn the_absolute_url_stays_on_the_base_urls_origin() {
    for (base, page, base_path, expected) in [
        ("https://app.example.com", "/x?y=z", "", "https://app.example.com/x?y=z"),
        ("https://app.example.com/app", "/app/x", "/app", "https://app.example.com/app/x"),
        ("http://127.0.0.1:3000/?q#f", "/", "", "http://127.0.0.1:3000/"),
        ("https://app.example.com", "/a%2Fb%0d?%0a", "", "https://app.example.com/a%2Fb%0d?%0a"),
        ("https://app.example.com", "/a//b", "", "https://app.example.com/a//b"),
    ] {
        let page = ReturnTo::parse(page, base_path).unwrap();
        assert_eq!(page.to_url(&Url::parse(base).unwrap()).as_str(), expected);
    }
}

#[test]
fn what_was_stored_is_checked_again() {
    let page = ReturnTo::parse("/app/x?y", "/app").unwrap();
    let json = serde_json::to_string(&page).unwrap();
    assert_eq!(json, "\"/app/x?y\"");
    assert_eq!(serde_json::from_str::<ReturnTo>(&json).unwrap(), page);
    for forged in ["\"//evil.example\"", "\"https://evil.example\"", "\"\"", "null", "1"] {
        assert!(serde_json::from_str::<ReturnTo>(forged).is_err(), "{forged}");
    }
}
