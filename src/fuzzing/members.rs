//! A plain reading of a JSON object, in which a name may occur twice.

/// The members of an object that is valid JSON, as often as they occur: the name, and the value as it was written.
pub(super) fn members(object: &str) -> Vec<(String, String)> {
    let inner = object.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let at_commas = |character: char| {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            return false;
        }
        match character {
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        depth == 0 && character == ','
    };
    inner.split(at_commas).filter(|member| !member.trim().is_empty()).map(member).collect()
}

fn member(text: &str) -> (String, String) {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let name = strings.next().unwrap().unwrap();
    let value = text[strings.byte_offset()..].trim_start().strip_prefix(':').unwrap();
    (name, value.trim().to_owned())
}
