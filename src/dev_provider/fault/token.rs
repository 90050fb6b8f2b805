//! Wrong token and UserInfo responses.

use super::switch::faults;

faults! {
    /// What is wrong with the token response.
    TokenFault {
        /// 400 `invalid_grant` with HTML in the description; the code or refresh token is not looked at.
        InvalidGrant,
        /// 401 `invalid_client`; likewise.
        InvalidClient,
        /// `token_type` is `mac`.
        MacTokenType,
        /// Not a fault: `token_type` is `bEaReR`.
        MixedCaseTokenType,
        /// `access_token` is missing.
        MissingAccessToken,
        /// Not a fault: `scope` is `openid` alone, less than was asked for.
        NarrowScope,
        /// Not a fault: `scope` is missing, as it may be if it is what was asked for.
        NoScope,
    }
}

faults! {
    /// What is wrong with the UserInfo response.
    UserInfoFault {
        /// `sub` is somebody else.
        WrongSub,
        /// `sub` is missing.
        MissingSub,
        /// 401, whatever the access token.
        Unauthorized,
        /// There is a `session_expiry`, a year from now: it must never be trusted.
        SessionExpiry,
        /// A claim of 1 MB.
        Huge,
    }
}
