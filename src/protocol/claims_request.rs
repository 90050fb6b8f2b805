//! The `claims` parameter of an authorization request (OIDC Core section 5.5), as far as a sign-in is to be fresh or strong.
//!
//! 1. `acr` is essential, with the values required: a provider that cannot give one of them has to treat the sign-in as failed
//!    (5.5.1.1). `acr_values` only asks for it voluntarily (3.1.2.1), and is not sent beside it: one claim, one request.
//! 2. `amr` is essential, without values: it is an array, and what `values` would mean of one is not defined.

use serde_json::{Map, Value, json};

/// The value of the parameter; `None` if there is nothing to ask for.
pub(crate) fn essential(acr: &[String], amr: &[String]) -> Option<String> {
    let mut id_token = Map::new();
    if !acr.is_empty() {
        id_token.insert("acr".to_owned(), json!({"essential": true, "values": acr}));
    }
    if !amr.is_empty() {
        id_token.insert("amr".to_owned(), json!({"essential": true}));
    }
    (!id_token.is_empty()).then(|| Value::from_iter([("id_token", id_token)]).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_essential() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (acr, amr, expected) in [
            (&[][..], &[][..], None),
            (
                &["urn:a", "b"],
                &[],
                Some(r#"{"id_token":{"acr":{"essential":true,"values":["urn:a","b"]}}}"#),
            ),
            (&[], &["otp", "pwd"], Some(r#"{"id_token":{"amr":{"essential":true}}}"#)),
            (
                &["\""],
                &["otp"],
                Some(
                    r#"{"id_token":{"acr":{"essential":true,"values":["\""]},"amr":{"essential":true}}}"#,
                ),
            ),
        ] {
            assert_eq!(essential(&words(acr), &words(amr)).as_deref(), expected, "{acr:?} {amr:?}");
        }
    }
}
