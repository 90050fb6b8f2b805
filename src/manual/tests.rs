//! The chapters on codes, checks and dependencies against the code: nothing is listed that does not exist, and nothing exists that
//! is not listed.

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

/// The tables of checks name codes and tests that exist.
#[test]
fn every_check_in_the_manual_has_its_test() {
    let chapter = include_str!("checks.rs");
    let sources: String = sources().concat();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    rust_files(&root.join("tests/it"), &mut files);
    let rows: Vec<&str> = chapter.lines().filter(|line| line.starts_with("//! | ")).collect();
    let mut tests = 0;
    for quoted in rows.iter().flat_map(|row| row.split('`').skip(1).step_by(2)) {
        if quoted.contains("::") {
            tests += 1;
            assert!(has_test(&files, quoted), "{quoted} is no test");
        } else if quoted.starts_with("tests/") {
            assert!(root.join(quoted).exists(), "{quoted}");
        }
    }
    assert!(tests > 100, "the chapter was not read: {tests}");
    let cells = |row: &&str| {
        row["//! |".len()..].trim_end_matches('|').split('|').map(str::to_owned).collect()
    };
    let rows = rows.iter().map(cells);
    for codes in rows.filter(|cells: &Vec<String>| cells.len() == 4).map(|cells| cells[2].clone()) {
        for code in codes.split('`').skip(1).step_by(2) {
            assert!(sources.contains(&format!("\"{code}\"")), "{code} is no code");
        }
    }
}

/// A function that is marked as a test, in a file that the modules before its name lead to.
fn has_test(files: &[PathBuf], name: &str) -> bool {
    let (modules, function) = name.rsplit_once("::").unwrap();
    let folder = format!("/{}", modules.replace("::", "/"));
    let is_in = |file: &&PathBuf| {
        let path = file.to_string_lossy();
        path.contains(&format!("{folder}/")) || path.ends_with(&format!("{folder}.rs"))
    };
    let declared = format!("fn {function}(");
    let has_it = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let Some((before, _)) = text.split_once(&declared) else { return false };
        let last = before.trim_end_matches("async ").trim_end().lines().last().unwrap_or_default();
        last.trim_start().starts_with("#[test]") || last.trim_start().starts_with("#[tokio::test")
    };
    files.iter().filter(is_in).any(has_it)
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

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
