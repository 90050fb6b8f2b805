//! Whether a dump of a store tells when a session was used.

use axum_oidc_session::{OidcAuthBuilder, Store};

use super::{App, Browser, NOW};

/// An application over `store` with a session that was used 77 s after its sign-in, of which the store was told.
pub(crate) async fn used_over(store: impl Into<Store>) -> (App, Browser) {
    let store: Store = store.into();
    let with_store = move |auth: OidcAuthBuilder| auth.store(store);
    let app = App::builder().configure(with_store).start().await;
    let browser = app.signed_in().await;
    app.later(USED_AFTER);
    assert_eq!(browser.fetch("/api/me").await.set_cookies().len(), 2, "a touch");
    (app, browser)
}

/// That neither the sign-in nor the use can be read there. That the end can shows that times would be found.
pub(crate) fn expect_sealed(dump: &[u8]) {
    let used = NOW + i64::try_from(USED_AFTER).unwrap();
    // The ceiling is an hour away, less the leeway.
    for (name, seconds, is_plain) in
        [("sign-in", NOW, false), ("use", used, false), ("end", NOW + 3_570, true)]
    {
        let seen = forms(seconds).into_iter().find(|form| contains(dump, form));
        let shown = seen.as_ref().map(|form| String::from_utf8_lossy(form));
        assert_eq!(seen.is_some(), is_plain, "{name}: {shown:?}");
    }
}

/// How stores write a time: in decimal digits, also shifted so that text sorts, or as bytes, also shown as digits.
fn forms(seconds: i64) -> Vec<Vec<u8>> {
    let shifted = seconds.cast_unsigned() ^ (1 << 63);
    let short = u32::try_from(seconds).unwrap();
    let bytes =
        [short.to_be_bytes().to_vec(), short.to_le_bytes().to_vec(), shifted.to_be_bytes().into()];
    let texts = [seconds.to_string(), format!("{shifted:020}")].map(String::into_bytes);
    let plain: Vec<Vec<u8>> = bytes.into_iter().chain(texts).collect();
    let shown =
        |bytes: &Vec<u8>| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let hexadecimal: Vec<Vec<u8>> = plain.iter().map(|form| shown(form).into_bytes()).collect();
    [plain, hexadecimal].concat()
}

fn contains(dump: &[u8], form: &[u8]) -> bool {
    dump.windows(form.len()).any(|window| window == form)
}

const USED_AFTER: u64 = 77;
