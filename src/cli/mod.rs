//! Floor 7: the command line. Reads arguments, calls the service, prints; no rule lives here.

mod account;
mod ask;
mod bounds;
mod export;
mod grid;
mod import;
mod mapped;
mod network;
mod say;
mod serve;
mod token;

use crate::domain::{Crs, Datum};
use crate::exchange::Target;
use crate::service::App;
use crate::store::Store;
use clap::{Parser, Subcommand};
use say::{HungUp, say};
use std::process::ExitCode;
use std::sync::Arc;

/// Store used when none is named.
const DEFAULT_STORE: &str = "sqlite:bihu.db";

/// 庇护：应急避难场所与救援资源空间服务 / Emergency shelters and resources of a district.
#[derive(Debug, Parser)]
#[command(name = "bihu", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Without a command: `bihu serve`, and its options.
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动服务 / Serve the map and the API (what `bihu` alone does)
    Serve(serve::Arguments),
    /// 导入文件 / Import a GeoJSON or CSV file, all of it or nothing
    Import(import::Arguments),
    /// 导出文件 / Export a layer, or a selection of it, as a file
    Export(export::Arguments),
    /// 导入模板 / Write an empty workbook of a kind, to fill in and import
    Template(export::TemplateArguments),
    /// 地方格网 / Fit a local grid to control points, list and remove grids
    Grid(grid::Arguments),
    /// 最近可用资源 / Find the nearest resources that really serve
    Nearest(ask::NearestArguments),
    /// 服务覆盖 / Work out who is covered and who is not
    Coverage(ask::CoverageArguments),
    /// 路网 / Make and show network files
    Network(network::Arguments),
    /// 令牌 / Make, list and take back bearer tokens
    Token(token::Arguments),
    /// 账号 / Make, list and disable accounts, and reset their passwords
    Account(account::Arguments),
    /// 设置链接 / Print a one-time link that makes an administrator, for a first start or a lock-out
    SetupLink(account::SetupLink),
    /// 输出接口文档 / Print the OpenAPI document
    Openapi,
}

/// Where the data is kept.
#[derive(Debug, Clone, clap::Args)]
struct StoreArgument {
    /// sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(long, env = "BIHU_STORE", default_value = DEFAULT_STORE)]
    store: String,
}

impl StoreArgument {
    /// Opens the store, and makes one where there is none.
    async fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(crate::store::open(&self.store).await?)
    }

    /// Opens a store that is there: who only wants to look must not leave an empty one behind.
    async fn open_existing(&self) -> anyhow::Result<Arc<dyn Store>> {
        if crate::store::exists(&self.store).await? {
            return self.open().await;
        }
        // An address may carry a password; a path does not.
        let place = self.store.strip_prefix("sqlite:").map_or("PostgreSQL", |path| path.trim_start_matches("//"));
        anyhow::bail!(
            "{place} 处没有数据；请先 bihu serve 或 bihu import，或用 --store 指明 / \
             there is no store at {place}: run bihu serve or bihu import first, or name another with --store"
        )
    }

    async fn app(&self) -> anyhow::Result<Arc<App>> {
        Ok(App::open(self.open().await?, chrono::Utc::now).await?)
    }

    async fn existing_app(&self) -> anyhow::Result<Arc<App>> {
        Ok(App::open(self.open_existing().await?, chrono::Utc::now).await?)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("BIHU_LOG").unwrap_or_else(|_| "bihu=info,warn".into()),
        )
        .init();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(cli)));
    outcome.unwrap_or_else(|error| {
        if error.is::<HungUp>() {
            return ExitCode::SUCCESS;
        }
        eprintln!("bihu: {error:#}");
        ExitCode::from(1)
    })
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None => serve::run(cli.serve).await,
        Some(Command::Serve(arguments)) => serve::run(arguments).await,
        Some(Command::Import(arguments)) => import::run(arguments).await,
        Some(Command::Export(arguments)) => export::run(arguments).await,
        Some(Command::Template(arguments)) => export::template(arguments),
        Some(Command::Grid(arguments)) => grid::run(arguments).await,
        Some(Command::Nearest(arguments)) => ask::nearest(arguments).await,
        Some(Command::Coverage(arguments)) => ask::coverage(arguments).await,
        Some(Command::Network(arguments)) => network::run(arguments).await,
        Some(Command::Token(arguments)) => token::run(arguments).await,
        Some(Command::Account(arguments)) => account::run(arguments).await,
        Some(Command::SetupLink(arguments)) => account::setup_link(arguments).await,
        Some(Command::Openapi) => {
            say!("{}", crate::api::openapi().to_pretty_json()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn datum(word: &str) -> Result<Datum, String> {
    Datum::from_word(word).ok_or_else(|| format!("one of: {}", Datum::choices()))
}

/// Checks a word for a coordinate system; which local grids there are only the store knows.
fn crs_word(word: &str) -> Result<String, String> {
    if !word.starts_with("local:") {
        Crs::parse(word).map_err(|violation| violation.en)?;
    }
    Ok(word.to_owned())
}

fn target(word: &str) -> Result<Target, String> {
    Target::from_word(word).ok_or_else(|| format!("one of: {}", Target::choices()))
}
