//! The floors of the crate: an import may point down or stay on its floor, never up.
//!
//! | floor | may use |
//! |---|---|
//! | `auth` (assembles what the others need) | everything |
//! | `http` | everything below |
//! | `flow` | everything below |
//! | `provider` | the pure floor; not `session` |
//! | `session`, `store` | the pure floor and each other; not `provider` |
//! | `store_laws` (tests any store) | `session`, `store` and the ports |
//! | `config`, `events`, `policy`, `protocol`, `secret`, `clock`, `random`, `spawn` | as [`ALLOWED`] says: no cycle, no I/O |
//! | `fuzzing` (entries of fuzzers, built for them alone) | what it gives their input to |
//! | `dev_provider` | itself, `protocol`, `clock`, `random`, `spawn` |
//!
//! `session` and `store` know each other: the embedded store holds live entries, and is one of the two backends.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const ALLOWED: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("random", &[]),
    ("spawn", &[]),
    ("secret", &["random"]),
    ("protocol", &["clock", "random", "secret"]),
    ("policy", &["clock", "protocol"]),
    ("events", &["clock", "policy", "protocol"]),
    ("config", &["clock", "events", "policy", "protocol", "random", "secret", "spawn"]),
    ("session", &["clock", "policy", "protocol", "random", "secret", "spawn", "store"]),
    ("store", &["clock", "policy", "protocol", "random", "secret", "spawn", "session"]),
    ("store_laws", &["clock", "random", "session", "spawn", "store"]),
    ("provider", &["clock", "config", "events", "policy", "protocol", "random", "secret", "spawn"]),
    ("flow", &[PURE, "config", "provider", "session", "store"]),
    ("http", &[PURE, "config", "provider", "session", "store", "flow"]),
    ("fuzzing", &[PURE, "config", "http", "provider", "session"]),
    ("auth", &[PURE, "config", "provider", "session", "store", "flow", "http"]),
    ("dev_provider", &["clock", "protocol", "random", "spawn"]),
];

/// Stands for the ports and pure modules that every floor above them may use.
const PURE: &str = "pure";
const PURE_MODULES: [&str; 7] =
    ["clock", "events", "policy", "protocol", "random", "secret", "spawn"];

#[test]
fn no_import_points_up() {
    let mut faults = String::new();
    for file in sources() {
        let Some(from) = file.module.first() else { continue };
        // A unit test that puts a store to the laws, in a file of its own.
        if file.module.last().is_some_and(|name| name == "laws") {
            continue;
        }
        for (line, to) in file.crate_paths() {
            if !is_allowed(from, &to) {
                let _ = writeln!(faults, "{}:{line}: {from} uses {to}", file.path.display());
            }
        }
    }
    assert!(faults.is_empty(), "imports that point up:\n{faults}");
}

#[test]
fn the_rule_itself_can_fail() {
    assert!(is_allowed("flow", "session") && is_allowed("http", "clock"));
    for (from, to) in [
        ("session", "provider"),
        ("provider", "session"),
        ("policy", "session"),
        ("config", "provider"),
        ("flow", "http"),
        ("session", "flow"),
        ("dev_provider", "session"),
        ("clock", "random"),
        ("http", "OidcAuth"),
        ("http", "auth"),
    ] {
        assert!(!is_allowed(from, to), "{from} must not use {to}");
    }
    let file = Source {
        path: PathBuf::from("src/session/x.rs"),
        module: vec!["session".into(), "x".into()],
        text: "use super::super::provider::P;\n// crate::http\nfn f() { crate::flow::g() }\n"
            .into(),
    };
    assert_eq!(file.crate_paths(), [(1, "provider".to_owned()), (3, "flow".to_owned())]);
}

#[test]
fn files_and_functions_are_short() {
    let mut faults = String::new();
    for file in sources() {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            let _ = writeln!(faults, "{}: {lines} lines", file.path.display());
        }
        // A table of cases may be longer.
        let is_test = file.module.iter().any(|part| part == "tests");
        for (line, length) in file.functions() {
            if length > LONGEST_FUNCTION && !is_test {
                let _ = writeln!(faults, "{}:{line}: {length} lines", file.path.display());
            }
        }
    }
    assert!(faults.is_empty(), "too long:\n{faults}");
}

#[test]
fn nothing_is_left_to_do_and_nothing_prints() {
    let mut faults = String::new();
    for file in sources() {
        for (number, line) in file.text.lines().enumerate() {
            let code = without_comment(line);
            let unfinished = ["TODO", "FIXME", "XXX"].iter().any(|mark| line.contains(mark));
            let prints = ["println!", "print!(", "dbg!(", "todo!(", "unimplemented!("];
            if unfinished || prints.iter().any(|call| code.contains(call)) {
                let _ = writeln!(faults, "{}:{}: {line}", file.path.display(), number + 1);
            }
        }
    }
    assert!(faults.is_empty(), "unfinished or printing:\n{faults}");
}

fn is_allowed(from: &str, to: &str) -> bool {
    let allowed = ALLOWED.iter().find(|(module, _)| *module == from);
    let Some((_, allowed)) = allowed else { return false };
    from == to || allowed.contains(&to) || (allowed.contains(&PURE) && PURE_MODULES.contains(&to))
}

struct Source {
    path: PathBuf,
    /// The module's path below the crate's root; empty for `lib.rs`, which re-exports everything.
    module: Vec<String>,
    text: String,
}

impl Source {
    /// Every path from the crate's root in code: its line, and the module it begins with.
    fn crate_paths(&self) -> Vec<(usize, String)> {
        let mut to_root = "super::".repeat(self.module.len());
        let mut found = Vec::new();
        // Unit tests may put the floors together as they like.
        let production = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in production.lines().enumerate() {
            let code = without_comment(line);
            if code.starts_with("mod tests {") {
                // Unit tests use the crate as its users do.
                break;
            }
            if code.starts_with("mod ") && code.ends_with('{') {
                // An inline module is one level deeper.
                to_root.push_str("super::");
            }
            for root in ["crate::", to_root.as_str()] {
                for (at, _) in code.match_indices(root) {
                    let before = code[..at].chars().next_back();
                    if before.is_some_and(|c| c.is_alphanumeric() || "_:".contains(c)) {
                        continue;
                    }
                    let rest = &code[at + root.len()..];
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                    let name = &rest[..end.unwrap_or(rest.len())];
                    // `pub(in crate::x)` and macros apart, an empty name is a group: not to be read here.
                    found.push((number + 1, if name.is_empty() { "{…}" } else { name }.to_owned()));
                }
            }
        }
        found
    }

    /// Line and length of every function, by indentation: the sources are formatted.
    fn functions(&self) -> Vec<(usize, usize)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let begins = |line: &str| {
            let line = line.trim_start();
            let line = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let line = line.trim_start_matches("pub(super) ").trim_start_matches("const ");
            line.trim_start_matches("async ").starts_with("fn ")
        };
        let length = |start: usize| {
            let indent = lines[start].len() - lines[start].trim_start().len();
            let end = lines[start..].iter().position(|line| {
                line.len() - line.trim_start().len() == indent
                    && (line.trim_start() == "}"
                        || line.ends_with(" }")
                        || line.ends_with("{}")
                        || line.ends_with(';'))
            });
            end.map_or(0, |end| end + 1)
        };
        (0..lines.len())
            .filter(|index| begins(lines[*index]))
            .map(|index| (index + 1, length(index)))
            .collect()
    }
}

/// The code of a line: doc links and remarks may name anything.
fn without_comment(line: &str) -> &str {
    line.find("//").map_or(line, |at| &line[..at])
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let relative = path.strip_prefix(&root).unwrap().with_extension("");
                let mut module: Vec<String> =
                    relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                    module.pop();
                }
                found.push(Source { path, module, text });
            }
        }
    }
    assert!(found.len() > 100, "the sources are not where they are looked for");
    found
}

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;
