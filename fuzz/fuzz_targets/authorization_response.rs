#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| axum_oidc_session::fuzzing::authorization_response(
    input
));
