//! What a session's owner is told about the device it runs on: a browser and a system, no more.
//!
//! 1. Only the first 512 bytes of `User-Agent` are looked at.
//! 2. A robot that says so (`…bot/`, `+http`) is no device.
//! 3. The browser is the first of the table whose product token is there. Most browsers also name those they want to be taken
//!    for, so the order counts: Edge before Chrome before Safari.
//! 4. The system is that of the first comment, the text in parentheses. An iPad says that it is a Mac, and is taken for one.
//! 5. Without a known browser there is no description; without a known system it is the browser alone.
//!
//! The description consists of words of this module: nothing that was sent is repeated, to a page or to a log.

/// A coarse description such as `Firefox on Linux` or `Safari on iPhone`, at most 40 ASCII characters; `None` if the header
/// tells nothing of use.
pub(crate) fn device(user_agent: &str) -> Option<String> {
    let user_agent = beginning(user_agent);
    let in_lower_case = user_agent.to_ascii_lowercase();
    if ROBOTS.iter().any(|mark| in_lower_case.contains(mark)) {
        return None;
    }
    let (browser, _) = BROWSERS.iter().find(|(_, products)| {
        let mut alternatives = products.iter();
        alternatives.any(|all| all.iter().all(|product| has_product(user_agent, product)))
    })?;
    let comment = user_agent.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let comment = comment.map_or("", |(comment, _)| comment);
    let system = SYSTEMS.iter().find(|(_, mark)| comment.contains(mark));
    Some(match system {
        Some((system, _)) => format!("{browser} on {system}"),
        None => (*browser).to_owned(),
    })
}

fn beginning(user_agent: &str) -> &str {
    let mut end = user_agent.len().min(LONGEST);
    while !user_agent.is_char_boundary(end) {
        end -= 1;
    }
    &user_agent[..end]
}

/// Whether a product token of this name is there: `Chrome/`, but not the end of `HeadlessChrome/`.
fn has_product(user_agent: &str, product: &str) -> bool {
    let mut tokens = user_agent.split([' ', '(', ')', ';', ',']);
    tokens.any(|token| token.split_once('/').is_some_and(|(name, _)| name == product))
}

/// Bytes.
const LONGEST: usize = 512;

/// In lower case. Not just `bot`: there are telephones called Cubot.
const ROBOTS: [&str; 5] = ["bot/", "bot;", "+http", "spider", "crawler"];

/// A browser, and its product tokens: all of one of the lists.
const BROWSERS: [(&str, &[&[&str]]); 12] = [
    ("Edge", &[&["Edg"], &["EdgA"], &["EdgiOS"], &["Edge"]]),
    ("Opera", &[&["OPR"], &["OPT"], &["OPiOS"], &["Opera"]]),
    ("Samsung Internet", &[&["SamsungBrowser"]]),
    ("Vivaldi", &[&["Vivaldi"]]),
    ("Yandex Browser", &[&["YaBrowser"]]),
    ("DuckDuckGo", &[&["DuckDuckGo"], &["Ddg"]]),
    ("Firefox", &[&["Firefox"], &["FxiOS"]]),
    ("Chrome", &[&["Chrome"], &["CriOS"], &["Chromium"]]),
    // `Safari` alone is what every browser with its engine says.
    ("Safari", &[&["Version", "Safari"]]),
    ("curl", &[&["curl"]]),
    ("Wget", &[&["Wget"]]),
    ("HTTPie", &[&["HTTPie"]]),
];

/// A system, and what names it. Those that name another one, too, go first.
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Chrome OS", "CrOS"),
    ("macOS", "Macintosh"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
];

#[cfg(test)]
mod tests;
