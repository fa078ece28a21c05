//! Floor 7: the command line. Reads arguments, calls the service, prints; no rule lives here.

mod ask;
mod import;
mod mapped;
mod network;
mod serve;
mod token;

use crate::domain::{Crs, Datum};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Store used when none is named.
const DEFAULT_STORE: &str = "sqlite:bihu.db";

/// 庇护：应急避难场所与救援资源空间服务 / Emergency shelters and resources of a district.
#[derive(Debug, Parser)]
#[command(name = "bihu", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动服务 / Serve the map and the API (what `bihu` alone does)
    Serve(serve::Arguments),
    /// 导入文件 / Import a GeoJSON or CSV file, all of it or nothing
    Import(import::Arguments),
    /// 最近可用资源 / Find the nearest resources that really serve
    Nearest(ask::NearestArguments),
    /// 服务覆盖 / Work out who is covered and who is not
    Coverage(ask::CoverageArguments),
    /// 路网 / Make and show network files
    Network(network::Arguments),
    /// 令牌 / Make, list and take back bearer tokens
    Token(token::Arguments),
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
    async fn open(&self) -> anyhow::Result<std::sync::Arc<dyn crate::store::Store>> {
        Ok(crate::store::open(&self.store).await?)
    }

    async fn app(&self) -> anyhow::Result<std::sync::Arc<crate::service::App>> {
        Ok(crate::service::App::open(self.open().await?, chrono::Utc::now).await?)
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
        eprintln!("bihu: {error:#}");
        ExitCode::from(1)
    })
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None => serve::run(serve::Arguments::parse_from(["serve"])).await,
        Some(Command::Serve(arguments)) => serve::run(arguments).await,
        Some(Command::Import(arguments)) => import::run(arguments).await,
        Some(Command::Nearest(arguments)) => ask::nearest(arguments).await,
        Some(Command::Coverage(arguments)) => ask::coverage(arguments).await,
        Some(Command::Network(arguments)) => network::run(arguments),
        Some(Command::Token(arguments)) => token::run(arguments).await,
        Some(Command::Openapi) => {
            println!("{}", crate::api::openapi().to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn datum(word: &str) -> Result<Datum, String> {
    Datum::from_word(word).ok_or_else(|| format!("one of: {}", Datum::choices()))
}

fn crs(word: &str) -> Result<Crs, String> {
    Crs::parse(word).map_err(|violation| violation.en)
}
