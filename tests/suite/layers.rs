//! The import table of the crate, held against the code: data moves one way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// What each module may name, besides itself. `cli` may name everything.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("resource", &[]),
    ("expression", &[]),
    ("config", &["resource"]),
    ("desired", &["config", "resource", "expression"]),
    ("edge", &["resource", "expression"]),
    ("live", &["edge", "resource"]),
    (
        "plan",
        &["desired", "live", "edge", "resource", "expression"],
    ),
    ("audit", &["live", "edge", "expression", "resource"]),
    // It compares a file's meaning with the account, as the plan does: `desired` is what it is handed.
    (
        "drift",
        &["desired", "plan", "live", "edge", "expression", "resource"],
    ),
    // It plans what it has written, to show that nothing changes.
    (
        "import",
        &[
            "config",
            "desired",
            "plan",
            "live",
            "edge",
            "resource",
            "expression",
        ],
    ),
    ("cloudflare", &["live", "resource"]),
    ("execute", &["plan", "cloudflare", "live", "resource"]),
    ("doctor", &["cloudflare", "live", "plan", "resource"]),
    (
        "observe",
        &[
            "config",
            "desired",
            "plan",
            "cloudflare",
            "live",
            "resource",
        ],
    ),
    ("handshake", &["resource"]),
    (
        "verify",
        &["handshake", "plan", "desired", "edge", "resource"],
    ),
    (
        "report",
        &[
            "audit",
            "config",
            "desired",
            "doctor",
            "drift",
            "edge",
            "execute",
            "live",
            "plan",
            "resource",
            "expression",
            "handshake",
            "verify",
        ],
    ),
    ("sandbox", &["resource", "expression"]),
];

/// Modules that never wait, never look at a clock and never touch the machine, with the files that are
/// the exceptions.
const PURE: &[(&str, &[&str])] = &[
    ("resource", &[]),
    ("expression", &[]),
    ("config", &["surroundings.rs"]),
    ("desired", &[]),
    ("edge", &[]),
    ("live", &[]),
    ("audit", &[]),
    ("doctor", &[]),
    ("drift", &[]),
    ("import", &[]),
    ("plan", &[]),
    ("verify", &["run.rs"]),
    ("report", &[]),
    (
        "sandbox",
        &[
            "store.rs",
            "faults.rs",
            "store_error.rs",
            "server.rs",
            "watch.rs",
            "managed_ca.rs",
        ],
    ),
];

const IMPURE: &[&str] = &[
    "async ",
    ".await",
    "std::fs",
    "std::env",
    "std::net::Tcp",
    "Timestamp::now",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
    "tracing::",
    "thread::sleep",
];

const LONGEST: usize = 400;

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// The stage that a file belongs to, such as `plan` for `src/plan/wave.rs` and `src/plan.rs`.
fn stage(path: &Path) -> String {
    let below = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = below.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Code without comments, and without the tests at the end of the file.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = body
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of the crate that a text names.
fn named(code: &str) -> BTreeSet<String> {
    code.match_indices("crate::")
        .map(|(at, found)| {
            let rest = &code[at + found.len()..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            rest[..end].to_owned()
        })
        .collect()
}

#[test]
fn each_module_names_only_what_it_may() {
    let modules: BTreeSet<&str> = MAY_NAME.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stage = stage(&path);
        let Some((_, allowed)) = MAY_NAME.iter().find(|(module, _)| *module == stage) else {
            assert!(
                ["cli", "lib", "main"].contains(&stage.as_str()),
                "`{stage}` is not in the table"
            );
            continue;
        };
        for name in named(&code(&text)) {
            let is_module = modules.contains(name.as_str()) || name == "cli";
            if is_module && name != stage && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} names `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_are_pure() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stage = stage(&path);
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some((_, exceptions)) = PURE.iter().find(|(module, _)| *module == stage) else {
            continue;
        };
        if exceptions.contains(&name) {
            continue;
        }
        let code = code(&text);
        for word in IMPURE.iter().filter(|word| code.contains(**word)) {
            wrong.push(format!("{} has `{word}`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_and_reads_the_environment() {
    let mut wrong = Vec::new();
    for (path, text) in sources()
        .into_iter()
        .filter(|(path, _)| stage(path) != "cli")
    {
        let code = code(&text);
        for word in [
            "println!",
            "eprintln!",
            "print!(",
            "env::var",
            "env::args",
            "process::exit",
            "stdin()",
        ] {
            if code.contains(word) {
                wrong.push(format!("{} has `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_is_one_noun() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LONGEST {
            wrong.push(format!(
                "{} has {lines} lines; {LONGEST} are allowed",
                path.display()
            ));
        }
        if !text.starts_with("//!") {
            wrong.push(format!(
                "{} does not say what it owns (`//!`)",
                path.display()
            ));
        }
        if text.contains("use super::*")
            || text.contains("super::super")
            || code(&text).contains("::*;")
        {
            wrong.push(format!(
                "{} imports by glob or from two levels up",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
