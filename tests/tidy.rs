//! Holds the house to its plan: floors lean down only, pure floors stay pure, names keep their units, maps stay true.
//!
//! It reads source text, so it runs in no time and needs nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors: a folder of `src/` and its number. A floor may use smaller numbers; two folders of one floor do not know
/// each other.
const FLOORS: [(&str, u8); 10] = [
    ("domain", 0),
    ("spatial", 1),
    ("network", 2),
    ("analysis", 3),
    ("world", 4),
    ("store", 5),
    ("exchange", 5),
    ("service", 6),
    ("api", 7),
    ("cli", 7),
];

/// The command line starts the API; that one step sideways is the front door.
const SIDEWAYS: [(&str, &str); 1] = [("cli", "api")];

/// What a pure floor (0–4) never names.
const IMPURE: [&str; 12] = [
    "tokio",
    "sqlx",
    "axum",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "serde_json",
    "SystemTime",
    "Utc::now",
    "Instant::now",
    "getrandom",
];

/// File names that say nothing.
const BANNED_NAMES: [&str; 6] = ["utils", "common", "helpers", "manager", "misc", "types"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Source without comments, so that prose may name what code may not.
fn code(path: &Path) -> String {
    text(path).lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn floor_of(folder: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == folder).map(|(_, floor)| *floor)
}

fn sources() -> Vec<(PathBuf, &'static str, u8)> {
    let of = |(name, floor): (&'static str, u8)| {
        files_below(&root().join("src").join(name), "rs").into_iter().map(move |path| (path, name, floor))
    };
    FLOORS.into_iter().flat_map(of).collect()
}

/// Folders of the crate that a source names, as `crate::folder` or within `use crate::{…}`.
fn named_folders(source: &str) -> BTreeSet<String> {
    let after = source.split("crate::").skip(1);
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    after
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').map(|part| word(part.trim())).collect(),
            None => vec![word(rest)],
        })
        .collect()
}

#[test]
fn floors_lean_down_only() {
    let mut wrong = Vec::new();
    for (path, folder, floor) in sources() {
        for named in named_folders(&code(&path)) {
            let Some(other) = floor_of(&named) else { continue };
            let sideways = SIDEWAYS.contains(&(folder, named.as_str()));
            if named != folder && other >= floor && !sideways {
                wrong.push(format!("{} (floor {floor}) names {named} (floor {other})", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_folder_of_the_source_has_its_floor() {
    let folders = fs::read_dir(root().join("src")).expect("src/").flatten().filter(|e| e.path().is_dir());
    for folder in folders {
        let name = folder.file_name().to_string_lossy().into_owned();
        assert!(floor_of(&name).is_some(), "src/{name} is on no floor: put it into FLOORS");
    }
}

#[test]
fn pure_floors_name_no_runtime_no_clock_and_no_format() {
    let mut wrong = Vec::new();
    for (path, _, _) in sources().into_iter().filter(|(_, _, floor)| *floor <= 4) {
        let source = code(&path);
        wrong.extend(IMPURE.iter().filter(|word| source.contains(**word)).map(|w| format!("{}: {w}", shown(&path))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A GeoPackage is an SQLite file by its standard: here SQL is how a file format is read and written, in memory, and no
/// store. Nothing is kept.
const SQL_IS_A_FILE_FORMAT: [&str; 2] = ["src/exchange/decode/geopackage.rs", "src/exchange/encode/geopackage.rs"];

#[test]
fn only_the_store_speaks_sql_and_only_the_front_speaks_http() {
    let mut wrong = Vec::new();
    for (path, folder, _) in sources() {
        let source = code(&path);
        let excused = SQL_IS_A_FILE_FORMAT.contains(&shown(&path).as_str());
        if folder != "store" && !excused && source.contains("sqlx::") {
            wrong.push(format!("{}: sqlx", shown(&path)));
        }
        if !["api", "cli"].contains(&folder) && source.contains("axum") {
            wrong.push(format!("{}: axum", shown(&path)));
        }
        if folder != "cli" && source.contains("anyhow") {
            wrong.push(format!("{}: anyhow", shown(&path)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sql_is_never_built_from_data() {
    let risky = ["AssertSqlSafe", "sqlx::raw_sql"];
    let mut wrong = Vec::new();
    let reader = root().join("src/exchange/decode/geopackage.rs");
    for path in files_below(&root().join("src/store"), "rs").into_iter().chain([reader]) {
        for (number, line) in code(&path).lines().enumerate() {
            // Table names of a closed list are the one thing put into a statement; that line says so.
            let excused = line.contains("Table::") || line.contains("table.");
            if risky.iter().any(|r| line.contains(r)) && line.contains("format!") && !excused {
                wrong.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_code_has_one_place() {
    let files = files_below(&root().join("src"), "rs");
    let allowed: Vec<_> = files.iter().filter(|p| text(p).contains("allow(unsafe_code)")).map(|p| shown(p)).collect();
    assert_eq!(allowed, ["src/cli/mapped.rs"]);
    assert!(text(&root().join("src/lib.rs")).contains("#![deny(unsafe_code)]"));
}

#[test]
fn both_databases_have_the_same_migrations() {
    let stems = |folder: &str| -> BTreeSet<String> {
        let files = files_below(&root().join("migrations").join(folder), "sql");
        files.iter().filter_map(|p| p.file_stem()).map(|s| s.to_string_lossy().into_owned()).collect()
    };
    assert!(!stems("sqlite").is_empty());
    assert_eq!(stems("sqlite"), stems("postgres"));
}

#[test]
fn every_migration_begins_with_why() {
    for path in files_below(&root().join("migrations"), "sql") {
        let first = text(&path).lines().next().unwrap_or_default().to_lowercase();
        assert!(first.starts_with("-- why"), "{} begins with: {first}", shown(&path));
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    let all = files_below(&root().join("src"), "rs").into_iter().chain(files_below(&root().join("tests"), "rs"));
    let silent: Vec<_> = all.filter(|p| !text(p).starts_with("//!")).map(|p| shown(&p)).collect();
    assert!(silent.is_empty(), "without //!: {silent:#?}");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let stem = |p: &PathBuf| p.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let all = files_below(&root().join("src"), "rs").into_iter().chain(files_below(&root().join("web-map/src"), "ts"));
    let bad: Vec<_> = all.filter(|p| BANNED_NAMES.contains(&stem(p).as_str())).map(|p| shown(&p)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn measures_on_the_wire_end_in_their_unit() {
    const MEASURES: [&str; 6] = ["distance", "duration", "area", "radius", "age", "volume"];
    const UNITS: [&str; 6] = ["_m", "_s", "_m2", "_m3", "_max", "_m_max"];
    let mut wrong = Vec::new();
    for path in files_below(&root().join("src/api/wire"), "rs") {
        for line in code(&path).lines() {
            let Some(field) = line.trim().strip_prefix("pub ").and_then(|rest| rest.split(':').next()) else {
                continue;
            };
            let number = line.contains("f64") || line.contains("i64") || line.contains("u64");
            let measure = MEASURES.iter().any(|m| field.split('_').any(|part| part == *m));
            if number && measure && !UNITS.iter().any(|u| field.ends_with(u)) {
                wrong.push(format!("{}: {field}", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_path_in_the_architecture_page_exists() {
    let page = text(&root().join("src/ARCHITECTURE.md"));
    let quoted = page.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|q| {
        ["src/", "tests/", "data/", "migrations/", "web-map/"].iter().any(|top| q.starts_with(top)) && !q.contains(' ')
    });
    let missing: Vec<_> = paths.filter(|p| !root().join(p.trim_end_matches('/')).exists()).collect();
    assert!(missing.is_empty(), "named in src/ARCHITECTURE.md, not there: {missing:#?}");
}

#[test]
fn the_top_level_holds_what_was_agreed_and_nothing_else() {
    const AGREED: [&str; 12] = [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "README.md",
        "LICENSE",
        "rustfmt.toml",
        "src",
        "data",
        "migrations",
        "web-map",
        "tests",
        "target",
    ];
    let entries =
        fs::read_dir(root()).expect("the root").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    let databases = |n: &String| n.starts_with("bihu.db");
    let odd: Vec<_> =
        entries.filter(|n| !n.starts_with('.') && !AGREED.contains(&n.as_str()) && !databases(n)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = ["todo!(", "unimplemented!(", concat!("#[ig", "nore"), concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut wrong = Vec::new();
    for path in files_below(&root().join("src"), "rs") {
        let source = text(&path);
        wrong.extend(marks.iter().filter(|m| source.contains(**m)).map(|m| format!("{}: {m}", shown(&path))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn lock_files_carry_no_address() {
    let lock = root().join("web-map/package-lock.json");
    assert!(!text(&lock).contains("\"resolved\""), "web-map/package-lock.json carries download addresses");
    let cargo = text(&root().join("Cargo.lock"));
    let registries = cargo.lines().filter(|l| l.starts_with("source = ")).collect::<BTreeSet<_>>();
    assert_eq!(registries, BTreeSet::from(["source = \"registry+https://github.com/rust-lang/crates.io-index\""]));
}
