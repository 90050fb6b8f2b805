//! What comes with the crate: licences, sources, the toolchain that dependencies want, crates that must be there once.
//!
//! `cargo deny check` looks at the same rules (`deny.toml`) and at advisories; it is built and run by `tests/run.sh --long`. What can be
//! looked at without it is looked at here, each time.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

const RULES: &str = include_str!("../../../deny.toml");

/// The packages of the lock file, as cargo tells of them; without our own.
fn packages() -> &'static [Value] {
    static PACKAGES: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        // Not offline: what only other systems build may not be here yet.
        let output = Command::new(cargo)
            .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
            .arg("--manifest-path")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages") };
        packages.into_iter().filter(|package| !package["source"].is_null()).collect()
    });
    assert!(PACKAGES.len() > 200, "{}", PACKAGES.len());
    &PACKAGES
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// The texts between quotes in a list of the rules.
fn listed(section: &str, list: &str) -> Vec<&'static str> {
    let (_, rules) = RULES.split_once(&format!("[{section}]")).unwrap();
    let (_, rules) = rules.split_once(&format!("{list} = [")).unwrap();
    let (rules, _) = rules.split_once("\n]").unwrap();
    rules.lines().filter_map(|line| line.split('"').nth(1)).collect()
}

/// Whether a licence expression (SPDX) can be met with the licences that are allowed.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    // Parentheses hold alternatives here; `A OR B AND C` does not occur without them.
    let plain = expression.replace('/', " OR ");
    let all = split_outside(&plain, " AND ");
    if all.len() > 1 {
        return all.iter().all(|part| is_met(part, allowed));
    }
    let any = split_outside(&plain, " OR ");
    if any.len() > 1 {
        return any.iter().any(|part| is_met(part, allowed));
    }
    match plain.trim().strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_met(inner, allowed),
        None => allowed.contains(&plain.trim()),
    }
}

fn split_outside<'a>(text: &'a str, between: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= begin && text[at..].starts_with(between) => {
                parts.push(&text[begin..at]);
                begin = at + between.len();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[test]
fn licences_are_those_that_the_rules_allow() {
    let allowed = listed("licenses", "allow");
    assert!(allowed.contains(&"MIT"), "the rules were not read: {allowed:?}");
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{package}"));
        assert!(is_met(licence, &allowed), "{} has {licence}", name(package));
    }
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("MIT/Apache-2.0", true),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}

/// Everything comes from the registry, and by no git commit.
#[test]
fn there_is_one_source() {
    for package in packages() {
        let source = package["source"].as_str().unwrap();
        assert!(source.starts_with("registry+"), "{} is from {source}", name(package));
    }
}

/// No dependency wants a newer compiler than the one that we promise to build with.
#[test]
fn dependencies_build_with_the_promised_compiler() {
    let version = |text: &str| -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap()).chain([0, 0]).take(3).collect()
    };
    let promised = env!("CARGO_PKG_RUST_VERSION");
    for package in packages() {
        let Some(wanted) = package["rust_version"].as_str() else { continue };
        assert!(version(wanted) <= version(promised), "{} wants {wanted}", name(package));
    }
    let lints = include_str!("../../../clippy.toml");
    assert!(lints.contains(&format!("msrv = \"{promised}\"")), "lints look for newer interfaces");
}

#[test]
fn what_must_not_be_there_is_not_and_what_must_be_one_is() {
    let (_, banned) = RULES.split_once("deny = [").unwrap();
    let mut count = BTreeMap::<&str, usize>::new();
    packages().iter().for_each(|package| *count.entry(name(package)).or_default() += 1);
    let mut rules = 0;
    for rule in banned.lines().filter(|line| line.contains("crate = ")) {
        rules += 1;
        let of = rule.split('"').nth(1).unwrap();
        let found = count.get(of).copied().unwrap_or_default();
        let most = usize::from(rule.contains("deny-multiple-versions"));
        assert!(found <= most, "{of} is there {found} times");
    }
    assert!(rules > 10, "the rules were not read: {rules}");
}
