//! Builds the web map with npm when its output is missing or older than its sources, so that `cargo run` is enough.
//! Says what is missing, and the command that installs it, when it can not.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::SystemTime;

/// Sources of the web map, below `web-map/`.
const SOURCES: [&str; 8] = [
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    "openapi.json",
];

fn main() -> ExitCode {
    for source in SOURCES {
        println!("cargo:rerun-if-changed=web-map/{source}");
    }
    // The output too: a deleted one is to be made again.
    println!("cargo:rerun-if-changed=web-map/dist/index.html");
    for migrations in ["migrations/sqlite", "migrations/postgres"] {
        println!("cargo:rerun-if-changed={migrations}");
    }
    if is_fresh() {
        return ExitCode::SUCCESS;
    }
    let steps: [&[&str]; 2] = [&["ci", "--no-audit", "--no-fund"], &["run", "build"]];
    for step in steps {
        if step[0] == "ci" && installed() {
            continue;
        }
        if let Err(message) = npm(step) {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Returns whether the packages of the lock file are installed.
fn installed() -> bool {
    let stamp = |path: &str| fs::metadata(path).and_then(|m| m.modified()).ok();
    let lock = stamp("web-map/package-lock.json");
    stamp("web-map/node_modules/.package-lock.json").is_some_and(|done| Some(done) >= lock)
}

fn npm(arguments: &[&str]) -> Result<(), String> {
    let shown = arguments.join(" ");
    let output = Command::new("npm").args(arguments).current_dir("web-map").output().map_err(|error| {
        format!(
            "\nbihu: the web map is built with npm, which can not be started ({error}).\n\
             Install Node.js 20 or newer with npm, e.g. on Debian or Ubuntu:\n\n    \
             sudo apt-get update && sudo apt-get install -y nodejs npm\n"
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "\nbihu: `npm {shown}` failed in web-map/:\n{}\n{}\n\
         Node.js 20 or newer is needed (`node --version`), and the npm registry must be reachable for the first build.\n",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn is_fresh() -> bool {
    let Ok(built) = fs::metadata("web-map/dist/index.html").and_then(|m| m.modified()) else { return false };
    SOURCES.iter().all(|source| newest(&Path::new("web-map").join(source)).is_none_or(|changed| changed <= built))
}

/// Returns when the newest file at or below a path was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = fs::metadata(path).and_then(|m| m.modified()).ok()?;
    let below = fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest(&entry.path()));
    below.chain([own]).max()
}
