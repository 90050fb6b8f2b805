//! The order of the provider's endpoints: nothing is asked before what comes before it is good.

use axum_oidc_session::dev_provider::{
    AuthorizationFault, BrokenReply, Endpoint, Fault, IdTokenFault, MetadataFault,
};

use crate::support::{App, Calls};

const NOTHING: Calls = Calls {
    discovery: 0,
    jwks: 0,
    code: 0,
    refresh: 0,
    userinfo: 0,
    revocation: 0,
    redirect_target: 0,
};

#[tokio::test]
async fn a_login_goes_no_further_than_the_first_failure() {
    let rows = [
        (Fault::Metadata(MetadataFault::WrongIssuer), Calls { discovery: 1, ..NOTHING }),
        (Fault::Authorization(AuthorizationFault::WrongIss), Calls { discovery: 1, ..NOTHING }),
        (
            Fault::Authorization(AuthorizationFault::UnknownCode),
            Calls { discovery: 1, code: 1, ..NOTHING },
        ),
        // UserInfo is asked only once the ID Token is verified; what was issued with it is revoked.
        (
            Fault::IdToken(IdTokenFault::NonceWrong),
            Calls { discovery: 1, code: 1, jwks: 1, revocation: 1, ..NOTHING },
        ),
        (
            Fault::Reply(Endpoint::UserInfo, BrokenReply::InternalServerError),
            Calls { discovery: 1, code: 1, jwks: 1, userinfo: 1, ..NOTHING },
        ),
    ];
    for (fault, calls) in rows {
        let app = App::start().await;
        app.op.set_fault(Some(fault));
        let browser = app.browser();
        let begun = browser.navigate("/auth/login").await;
        if begun.status == 303 {
            let callback = browser.authorize(&begun).await;
            browser.navigate(&callback).await;
        }
        app.settled().await;
        assert_eq!(app.calls(), calls, "{fault:?}");
    }
}

#[tokio::test]
async fn user_info_can_be_turned_off() {
    let app = App::builder().configure(|auth| auth.user_info(false)).start().await;
    assert_eq!(app.browser().sign_in().await.status, 303);
    assert_eq!(app.calls(), Calls { discovery: 1, code: 1, jwks: 1, ..NOTHING });
}

/// The second login asks for nothing that is known.
#[tokio::test]
async fn metadata_and_keys_are_kept() {
    let app = App::start().await;
    for logins in 1..=3 {
        assert_eq!(app.browser().sign_in().await.status, 303);
        let calls = Calls { discovery: 1, jwks: 1, code: logins, userinfo: logins, ..NOTHING };
        assert_eq!(app.calls(), calls);
    }
}
