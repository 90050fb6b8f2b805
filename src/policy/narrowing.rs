//! What one login may ask for, beside what the configuration asks of every login.
//!
//! A login only narrows, whoever describes it: the query of a link, a handler's `Login`, a route's
//! requirement (but see rule 4).
//!
//! | parameter | of this login | with what is configured |
//! |---|---|---|
//! | `acr_values` | contexts of which the sign-in must have one | those that are in both lists, in the order of the login's; where there are none, the configured list alone |
//! | `prompt` | what the user is asked | all of both: each value asks more |
//! | `max_age` | how old the authentication may be | the shorter |
//!
//! 1. Where nothing is configured, the login's own holds: any context, no question and any age are the widest there are.
//! 2. `none` is never asked for: it shows no sign-in page, so nobody could sign in.
//! 3. A link may ask for `login`, `consent` and `select_account` (OpenID Connect Core 3.1.2.1). Other values, such as `create`,
//!    lead elsewhere than to a sign-in.
//! 4. A route may require a context that is not configured at all: contexts have no order, so the
//!    configuration may name the one that every login has, and the route a stronger one. Its
//!    contexts are then asked for in place of the configured ones, but only of a user who is signed
//!    in, and for the same user ([`requires_another_context`]). That user has met the configuration
//!    by the session until then. All others are asked for what is configured, whatever the route
//!    requires.

/// Of `configured` those that are in `own`, in the order of `own`; where one of them is empty, or they have nothing in
/// common, what the table says.
pub(crate) fn narrow_contexts(configured: &[String], own: &[String]) -> Vec<String> {
    if configured.is_empty() {
        return own.to_vec();
    }
    let common: Vec<String> = own.iter().filter(|it| configured.contains(it)).cloned().collect();
    if common.is_empty() { configured.to_vec() } else { common }
}

/// Rule 4: none of the `required` contexts is configured, though some are.
pub(crate) fn requires_another_context(configured: &[String], required: &[String]) -> bool {
    !configured.is_empty()
        && !required.is_empty()
        && !required.iter().any(|it| configured.contains(it))
}

/// The values of both, each once; those of `own` first.
pub(crate) fn narrow_prompt(configured: Option<&str>, own: Option<&str>) -> Option<String> {
    let mut values: Vec<&str> = Vec::new();
    for value in words(own).chain(words(configured)) {
        if value != "none" && !values.contains(&value) {
            values.push(value);
        }
    }
    (!values.is_empty()).then(|| values.join(" "))
}

/// Of a link's `prompt`, what a link may ask for (rule 3); nothing, where `none` is among it.
pub(crate) fn prompt_of_link(prompt: &str) -> Option<String> {
    let allowed = |value: &&str| ["login", "consent", "select_account"].contains(value);
    let values: Vec<&str> = words(Some(prompt)).filter(allowed).collect();
    let any = !values.is_empty() && !words(Some(prompt)).any(|value| value == "none");
    any.then(|| values.join(" "))
}

/// Without one, the other. Seconds.
pub(crate) fn shorter(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

fn words(prompt: Option<&str>) -> impl Iterator<Item = &str> {
    prompt.unwrap_or_default().split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &str) -> Vec<String> {
        self::words(Some(words)).map(str::to_owned).collect()
    }

    #[test]
    fn contexts_are_those_of_both() {
        for (configured, own, expected) in [
            ("", "", ""),
            ("", "gold silver", "gold silver"),
            ("gold silver", "", "gold silver"),
            ("gold silver", "silver", "silver"),
            ("gold silver", "silver gold", "silver gold"),
            ("gold silver", "bronze silver", "silver"),
            ("gold", "bronze", "gold"),
            ("gold", "Gold", "gold"),
        ] {
            let found = narrow_contexts(&list(configured), &list(own));
            assert_eq!(found, list(expected), "{configured:?}, {own:?}");
        }
    }

    #[test]
    fn another_context_is_none_of_the_configured_ones() {
        for (configured, required, expected) in [
            ("", "", false),
            ("", "gold", false),
            ("silver", "", false),
            ("silver", "gold", true),
            ("silver", "Silver", true),
            ("silver", "gold platinum", true),
            ("silver bronze", "gold silver", false),
        ] {
            let found = requires_another_context(&list(configured), &list(required));
            assert_eq!(found, expected, "{configured:?}, {required:?}");
        }
    }

    #[test]
    fn a_prompt_only_adds() {
        for (configured, own, expected) in [
            (None, None, None),
            (None, Some("login"), Some("login")),
            (Some("login"), None, Some("login")),
            (Some("login"), Some("consent"), Some("consent login")),
            (Some("login consent"), Some("consent"), Some("consent login")),
            (Some("login"), Some("none"), Some("login")),
            (None, Some("none"), None),
            (None, Some("login none"), Some("login")),
            (None, Some(""), None),
            (Some("login"), Some("  consent "), Some("consent login")),
        ] {
            let found = narrow_prompt(configured, own);
            assert_eq!(found.as_deref(), expected, "{configured:?}, {own:?}");
        }
    }

    #[test]
    fn a_link_asks_for_a_sign_in_alone() {
        for (link, expected) in [
            ("login", Some("login")),
            ("login  select_account consent", Some("login select_account consent")),
            ("login create Login", Some("login")),
            ("create", None),
            ("none login", None),
            ("", None),
        ] {
            assert_eq!(prompt_of_link(link).as_deref(), expected, "{link:?}");
        }
    }

    #[test]
    fn the_shorter_age_holds() {
        for (one, other, expected) in [
            (None, None, None),
            (Some(60), None, Some(60)),
            (None, Some(60), Some(60)),
            (Some(60), Some(61), Some(60)),
            (Some(61), Some(60), Some(60)),
            (Some(0), Some(60), Some(0)),
        ] {
            assert_eq!(shorter(one, other), expected);
        }
    }
}
