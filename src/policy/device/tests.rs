//! Headers as they are really sent, and as they should not be.

use super::*;

#[track_caller]
fn assert_devices(rows: &[(&str, Option<&str>)]) {
    for (user_agent, expected) in rows {
        assert_eq!(device(user_agent).as_deref(), *expected, "{user_agent}");
    }
}

#[test]
fn browsers_on_desks() {
    assert_devices(&[
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            Some("Firefox on Linux"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            Some("Firefox on Linux"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
            Some("Firefox on Windows"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
            Some("Firefox on macOS"),
        ),
        (
            "Mozilla/5.0 (X11; FreeBSD amd64; rv:133.0) Gecko/20100101 Firefox/133.0",
            Some("Firefox on BSD"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            Some("Chrome on Windows"),
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            Some("Chrome on Chrome OS"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/119.0.0.0 Chrome/119.0.0.0 Safari/537.36",
            Some("Chrome on Linux"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            Some("Edge on Windows"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19582",
            Some("Edge on Windows"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            Some("Safari on macOS"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            Some("Chrome on macOS"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0",
            Some("Opera on Windows"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.6",
            Some("Vivaldi on Linux"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36",
            Some("Yandex Browser on Windows"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15 Ddg/17.6",
            Some("DuckDuckGo on macOS"),
        ),
    ]);
}

#[test]
fn browsers_in_hands() {
    assert_devices(&[
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            Some("Safari on iPhone"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            Some("Safari on iPad"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
            Some("Chrome on iPhone"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
            Some("Firefox on iPhone"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 EdgiOS/131.0.2903.68 Mobile/15E148 Safari/605.1.15",
            Some("Edge on iPhone"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
            Some("Chrome on Android"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0.0.0 Mobile Safari/537.36",
            Some("Chrome on Android"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0",
            Some("Edge on Android"),
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
            Some("Firefox on Android"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            Some("Samsung Internet on Android"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 OPR/86.0.0.0",
            Some("Opera on Android"),
        ),
    ]);
}

#[test]
fn programs_and_robots() {
    assert_devices(&[
        ("curl/8.5.0", Some("curl")),
        ("Wget/1.21.4", Some("Wget")),
        ("HTTPie/3.2.2", Some("HTTPie")),
        ("python-requests/2.32.3", None),
        ("Go-http-client/1.1", None),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", None),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            None,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
            None,
        ),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0) Chrome/80.0 Safari/537.36", None),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
            None,
        ),
    ]);
}

#[test]
fn what_tells_nothing() {
    assert_devices(&[
        ("", None),
        (" ", None),
        ("Mozilla/5.0", None),
        ("Firefox", None),
        ("firefox/133.0", None),
        ("Chrome on Linux", None),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", None),
        ("<script>alert(1)</script>", None),
        ("((((", None),
        ("\u{0}\u{7f}\r\n", None),
        ("Ünïcödé/1.0 (Línux)", None),
        ("Firefox/133.0", Some("Firefox")),
        ("Firefox/133.0 (Amiga)", Some("Firefox")),
        ("Firefox/133.0 (Linux", Some("Firefox")),
        ("Firefox/133.0 )Linux(", Some("Firefox")),
        ("Firefox/", Some("Firefox")),
        ("Firefox/<b>1</b> (Windows <i>95</i>)", Some("Firefox on Windows")),
    ]);
}

#[test]
fn only_the_beginning_counts() {
    let padded = |padding: usize| format!("{} Firefox/133.0 (Linux)", "x".repeat(padding));
    let room = LONGEST - " Firefox/133.0 (Linux)".len();
    assert_eq!(device(&padded(room)).as_deref(), Some("Firefox on Linux"));
    assert_eq!(device(&padded(room + 1)).as_deref(), Some("Firefox"), "the comment is cut off");
    assert_eq!(device(&padded(LONGEST)), None);
    assert_eq!(device(&"Firefox/1 (Linux) ".repeat(100_000)).as_deref(), Some("Firefox on Linux"));
    // A cut in the middle of a character.
    for padding in 0..8 {
        let text =
            format!("Firefox/1 (Linux) {}{}", "x".repeat(padding), "\u{1f600}".repeat(1_000));
        assert_eq!(device(&text).as_deref(), Some("Firefox on Linux"));
    }
}

#[test]
fn descriptions_are_short_and_plain() {
    for (browser, _) in BROWSERS {
        for (system, _) in SYSTEMS {
            let longest = format!("{browser} on {system}");
            assert!(longest.len() <= 40 && longest.is_ascii(), "{longest}");
        }
    }
}
