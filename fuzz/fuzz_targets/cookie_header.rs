#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| axum_oidc_session::fuzzing::cookie_header(input));
