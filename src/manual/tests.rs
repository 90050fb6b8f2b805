//! The chapters on codes and dependencies against the code: nothing is listed that does not exist, and nothing exists that is not listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const CHAPTER: &str = include_str!("errors_and_codes.rs");

/// Names of settings that the chapter mentions.
const NOT_CODES: [&str; 2] = ["after_login", "id_token_signing_alg"];

#[test]
fn every_code_in_the_manual_exists() {
    let sources: String = sources().concat();
    let listed = listed();
    assert!(listed.len() > 100, "the chapter was not read: {}", listed.len());
    for code in listed {
        assert!(sources.contains(&format!("\"{code}\"")), "{code} is in the manual alone");
    }
}

#[test]
fn every_code_is_in_the_manual() {
    let listed = listed();
    let codes: BTreeSet<String> = sources().iter().flat_map(|source| codes(source)).collect();
    assert!(codes.len() > 100, "the sources were not read: {}", codes.len());
    for code in codes {
        assert!(listed.contains(&*code), "{code} is not in the manual");
    }
}

/// Each is told with its reason, and nothing is told that is none.
#[test]
fn every_dependency_is_in_the_manual() {
    let chapter = include_str!("dependencies.rs");
    let told: BTreeSet<&str> = chapter
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let manifest = include_str!("../../Cargo.toml");
    let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (section, _) = after.split_once("\n[").unwrap();
    let used: BTreeSet<&str> =
        section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert!(used.len() > 20, "the manifest was not read: {}", used.len());
    assert_eq!(told, used);
}

/// What stands between backticks and looks like a code.
fn listed() -> BTreeSet<&'static str> {
    let quoted = CHAPTER.split('`').skip(1).step_by(2);
    quoted.filter(|text| is_code(text) && !NOT_CODES.contains(text)).collect()
}

fn is_code(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The codes that functions called `code` give, and those of events in the log.
fn codes(source: &str) -> BTreeSet<String> {
    let literals = |text: &str| -> Vec<String> {
        text.split('"').skip(1).step_by(2).filter(|it| is_code(it)).map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    for part in source.split(" fn code(").skip(1) {
        let body = part.split_once("\n    }\n").map_or(part, |(body, _)| body);
        found.extend(literals(body));
    }
    for part in source.split("code = \"").skip(1) {
        found.extend(part.split('"').next().filter(|it| is_code(it)).map(str::to_owned));
    }
    found
}

/// The text of every source file but those of the manual, without unit tests.
fn sources() -> Vec<String> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let text = |file: &PathBuf| fs::read_to_string(file).unwrap();
    let mut sources: Vec<String> = files.iter().map(text).collect();
    for source in &mut sources {
        let end = source.find("#[cfg(test)]\nmod tests {").unwrap_or(source.len());
        source.truncate(end);
    }
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !matches!(name, "manual" | "tests") {
            collect(&path, files);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            files.push(path);
        }
    }
}
