//! Accessors for the claims that have a meaning in the standards.
//!
//! Text that is absent or of another type is `None`. The claims of the user are OIDC Core section 5.1; those of the sign-in are
//! section 2, and `sid` is Back-Channel Logout section 2.1.

use super::Claims;
use super::set::Stored;
use crate::clock::UnixTime;

impl Claims {
    /// `sub`: the user's identifier, unique and never reassigned within the issuer. Empty only in a set that did not come from
    /// an ID Token.
    ///
    /// Two users of different issuers may have the same `sub`: key accounts by [`issuer`](Self::issuer) and `sub` together.
    pub fn sub(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// `iss`: the issuer identifier of the OpenID Provider. Empty only in a set that did not come from an ID Token.
    pub fn issuer(&self) -> &str {
        self.get_str("iss").unwrap_or_default()
    }

    /// `email`: the preferred e-mail address.
    ///
    /// # Security
    ///
    /// Not an identifier: it may change, be reassigned, or be unverified. To decide by it who gets in, take
    /// [`verified_email`](Self::verified_email).
    pub fn email(&self) -> Option<&str> {
        self.get_str("email")
    }

    /// `email_verified`: whether the provider has verified that the address is the user's.
    pub fn email_verified(&self) -> Option<bool> {
        self.get("email_verified").ok().flatten()
    }

    /// `email`, if the provider says that it has verified that the address is the user's: `email_verified` is `true`, and from
    /// the same source.
    ///
    /// # Security
    ///
    /// What a provider calls verified it may have taken from a customer's directory. Whoever lets people in by the domain of
    /// their address trusts the provider with every domain.
    pub fn verified_email(&self) -> Option<&str> {
        self.email().filter(|_| self.email_verified() == Some(true))
    }

    /// `tenant` (OpenID Connect Enterprise Extensions): `personal`, `organization`, or the provider's identifier of the
    /// customer that the user signed in for. The ID Token's alone.
    pub fn tenant(&self) -> Option<&str> {
        self.get_str("tenant")
    }

    /// `aud_sub` (OpenID Connect Enterprise Extensions): what this application calls the account. The ID Token's alone.
    pub fn aud_sub(&self) -> Option<&str> {
        self.get_str("aud_sub")
    }

    /// `name`: the full name, for display.
    pub fn name(&self) -> Option<&str> {
        self.get_str("name")
    }

    /// `given_name`.
    pub fn given_name(&self) -> Option<&str> {
        self.get_str("given_name")
    }

    /// `family_name`.
    pub fn family_name(&self) -> Option<&str> {
        self.get_str("family_name")
    }

    /// `preferred_username`: a shorthand name. Neither unique nor stable.
    pub fn preferred_username(&self) -> Option<&str> {
        self.get_str("preferred_username")
    }

    /// `picture`: the URL of a profile picture. Unchecked.
    pub fn picture(&self) -> Option<&str> {
        self.get_str("picture")
    }

    /// `locale`: a BCP 47 language tag, usually.
    pub fn locale(&self) -> Option<&str> {
        self.get_str("locale")
    }

    /// `sid`: the identifier of the session at the OpenID Provider.
    pub fn sid(&self) -> Option<&str> {
        self.get_str("sid")
    }

    /// `acr`: the authentication context class the sign-in satisfied.
    pub fn acr(&self) -> Option<&str> {
        self.get_str("acr")
    }

    /// `amr`: the methods used in the authentication (RFC 8176), such as `pwd` or `otp`. Empty if absent or malformed.
    pub fn amr(&self) -> Vec<String> {
        self.get("amr").ok().flatten().unwrap_or_default()
    }

    /// `auth_time`: when the user authenticated, in whole seconds (a fraction is dropped); `None` if absent or not a number.
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.numeric_date("auth_time").ok().flatten()
    }

    /// `iat`: when the ID Token was issued, in whole seconds (a fraction is dropped); `None` if absent or not a number.
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.numeric_date("iat").ok().flatten()
    }

    /// `session_expiry`, **as asserted**: `None` if absent or not a whole number of seconds.
    ///
    /// Reading it enforces nothing. What is enforced is the session's own deadline, which takes every limit into account.
    pub fn session_expiry(&self) -> Option<UnixTime> {
        self.get("session_expiry").ok().flatten().map(UnixTime::from_seconds)
    }

    /// `aud`: a string or an array of strings (OIDC Core section 2); `None` if it is absent or neither.
    pub(crate) fn audience(&self) -> Option<Vec<String>> {
        match self.get_str("aud") {
            Some(one) => Some(vec![one.to_owned()]),
            None => self.get("aud").ok().flatten(),
        }
    }

    /// `sub`, if it has 1 to 255 characters and none of them is a control character. OIDC Core section 2 says "255 ASCII
    /// characters", but some providers use names of people; it is only ever compared, byte for byte.
    pub(crate) fn well_formed_sub(&self) -> Option<&str> {
        let is_well_formed = |sub: &&str| {
            (1..=255).contains(&sub.chars().count()) && !sub.contains(char::is_control)
        };
        self.get_str("sub").filter(is_well_formed)
    }

    /// A NumericDate (RFC 7519 section 2): a number of seconds. A fraction is dropped, as it is from our own clock. Of
    /// `session_expiry` it is not: its rules are its own.
    pub(crate) fn numeric_date(&self, name: &str) -> Result<Option<UnixTime>, NotADate> {
        let text = match self.stored(name) {
            None => return Ok(None),
            Some(Stored::Text(_)) => return Err(NotADate),
            Some(Stored::Json(text)) => text,
        };
        if let Ok(seconds) = text.parse() {
            return Ok(Some(UnixTime::from_seconds(seconds)));
        }
        let seconds = serde_json::from_str::<f64>(text).map_err(|_| NotADate)?.floor();
        let fits = (-TWO_TO_63..TWO_TO_63).contains(&seconds);
        if fits { Ok(Some(UnixTime::from_seconds(seconds as i64))) } else { Err(NotADate) }
    }
}

/// A claim is there and is not a NumericDate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotADate;

/// The first number that an `i64` cannot hold.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
