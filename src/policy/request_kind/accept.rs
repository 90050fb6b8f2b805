//! Whether a client asks for HTML.

/// Whether `Accept` names HTML, with a weight above zero (RFC 9110 section 12.5.1). A wildcard does not.
pub(super) fn accepts_html(accept: Option<&str>) -> bool {
    accept.is_some_and(|ranges| ranges.split(',').any(is_html))
}

fn is_html(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let html = parts.next().is_some_and(|media_type| {
        media_type.eq_ignore_ascii_case("text/html")
            || media_type.eq_ignore_ascii_case("application/xhtml+xml")
    });
    html && !parts.any(is_weight_zero)
}

/// `q=0`, `q=0.0`, `q=0.00`, `q=0.000`: "not acceptable".
fn is_weight_zero(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    name.trim_end().eq_ignore_ascii_case("q")
        && value.trim_start().starts_with('0')
        && value.trim().bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_has_to_be_named() {
        for (accept, html) in [
            (None, false),
            (Some(""), false),
            (Some("text/html"), true),
            (Some("TEXT/HTML"), true),
            (Some("text/html;charset=utf-8"), true),
            (Some("text/html ; q=0.1"), true),
            (Some("text/html;q=0.001"), true),
            (Some("text/html;q=0"), false),
            (Some("text/html; Q=0.000"), false),
            (Some("text/html;level=0"), true),
            (Some("application/xhtml+xml"), true),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), true),
            (Some("application/json, text/html;q=0.9"), true),
            (Some("application/json"), false),
            (Some("application/json, text/html;q=0"), false),
            (Some("*/*"), false),
            (Some("text/*"), false),
            (Some("text/html+evil"), false),
            (Some("application/json;profile=text/html"), false),
            (Some("text/event-stream"), false),
        ] {
            assert_eq!(accepts_html(accept), html, "{accept:?}");
        }
    }
}
