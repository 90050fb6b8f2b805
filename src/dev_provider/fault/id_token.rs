//! Wrong ID Tokens.

use super::switch::faults;

faults! {
    /// What is wrong with the ID Token. Except for the first group the signature is right.
    IdTokenFault {
        /// One bit of the signature is flipped.
        BadSignature,
        /// `alg` is `none`, the signature is empty.
        AlgNone,
        /// `alg` is HS256, under the client secret (or, for a public client, its id).
        Hs256ClientSecret,
        /// `alg` is ES384, rightly signed with a key that the key set has while this fault is on.
        OtherAlg,
        /// `kid` names a key that is not in the key set.
        UnknownKid,
        /// Not a fault while the key set has one key: `kid` is missing.
        NoKid,
        /// `typ` is `logout+jwt`.
        LogoutTokenType,
        /// `crit` names an extension that nobody knows (RFC 7515 section 4.1.11).
        CritHeader,
        /// An encrypted token: five parts.
        Jwe,
        /// Two parts instead of three.
        Malformed,
        /// A claim of 1 MB.
        Huge,
        /// The response has no `id_token`.
        Missing,
        /// `sub` is there twice, the first time with another value.
        DuplicateClaim,
        /// `iss` is another issuer.
        WrongIssuer,
        /// `iss` has a trailing slash too many (or lacks the one it should have).
        TrailingSlashIssuer,
        /// `iss` is missing.
        IssMissing,
        /// `aud` is another client.
        WrongAudience,
        /// `aud` is this client and another one; `azp` is this client.
        SeveralAudiences,
        /// `aud` is missing.
        AudMissing,
        /// `azp` is another client.
        WrongAzp,
        /// `aud` is this client and another one; there is no `azp`.
        AzpMissing,
        /// `exp` was an hour ago.
        Expired,
        /// `exp` is missing.
        ExpMissing,
        /// `iat` is missing.
        IatMissing,
        /// `iat` is in an hour.
        IatFuture,
        /// `iat` was a day ago.
        IatTooOld,
        /// `nbf` is in an hour.
        NbfFuture,
        /// `nonce` is another value.
        NonceWrong,
        /// `nonce` is missing.
        NonceMissing,
        /// `at_hash` is that of another access token.
        AtHashWrong,
        /// `sub` is missing.
        SubMissing,
        /// `sub` is the empty string.
        SubEmpty,
        /// `sub` has 256 characters (OpenID Connect Core 1.0 section 2 allows 255).
        SubTooLong,
        /// `auth_time` is missing.
        AuthTimeMissing,
        /// `auth_time` was a week ago.
        AuthTimeOld,
        /// `acr` is one that was not asked for.
        AcrWrong,
        /// `acr` is missing.
        AcrMissing,
        /// `amr` is missing.
        AmrMissing,
    }
}

faults! {
    /// What is wrong with the response to a refresh (OpenID Connect Core 1.0 section 12.2).
    RefreshFault {
        /// `sub` is somebody else.
        OtherSub,
        /// `iss` is another issuer.
        OtherIssuer,
        /// `aud` is another client.
        OtherAudience,
        /// There is a `nonce`, and it is not that of the sign-in.
        OtherNonce,
        /// `auth_time` is an hour earlier than at the sign-in.
        EarlierAuthTime,
        /// `iat` is an hour before the sign-in.
        EarlierIat,
        /// Not a fault: no `id_token`.
        NoIdToken,
    }
}
