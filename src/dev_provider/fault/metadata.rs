//! Wrong discovery documents and key sets.

use super::switch::faults;

faults! {
    /// What the discovery document gets wrong, or leaves out as some providers do.
    MetadataFault {
        /// `issuer` is another one.
        WrongIssuer,
        /// `issuer` has a trailing slash too many (or lacks the one it should have).
        TrailingSlashIssuer,
        /// `issuer` is missing.
        MissingIssuer,
        /// `authorization_endpoint` is plain http on a host that is not loopback.
        HttpAuthorizationEndpoint,
        /// `token_endpoint` is plain http on a host that is not loopback.
        HttpTokenEndpoint,
        /// `jwks_uri` is plain http on a host that is not loopback.
        HttpJwksUri,
        /// `jwks_uri` is missing.
        MissingJwksUri,
        /// `token_endpoint` is missing.
        MissingTokenEndpoint,
        /// Not a fault: no `end_session_endpoint`.
        NoEndSessionEndpoint,
        /// Not a fault: no `userinfo_endpoint`.
        NoUserInfoEndpoint,
        /// Not a fault: no `revocation_endpoint`.
        NoRevocationEndpoint,
        /// Not a fault: `iss` is neither announced nor sent in the authorization response (no RFC 9207).
        NoIssParameter,
        /// Not a fault: only `client_secret_post` is announced and taken.
        OnlyClientSecretPost,
        /// Members that a login can do without are odd: of the wrong kind, empty lists, relative URLs, URLs with a fragment.
        OddMembers,
        /// Not a fault: the `claims` parameter is neither announced nor looked at.
        NoClaimsParameter,
    }
}

faults! {
    /// What the key set gets wrong, or what is odd about it.
    JwksFault {
        /// `{"keys": []}`
        Empty,
        /// The right key is marked `"use": "enc"`.
        EncryptionKeysOnly,
        /// Not a fault: keys of unknown types and an RSA encryption key stand before the right one.
        UnknownKeyTypes,
        /// Not a fault: another key has the same `kid`.
        SharedKid,
    }
}
