//! `bihu serve`: opens the store, seeds an empty one, listens, follows, and stops cleanly.

use super::StoreArgument;
use super::account;
use super::mapped::map;
use super::say::say;
use crate::api::{Gauges, behind, router};
use crate::service::accounts::oidc::Config;
use crate::service::ground::{Ground, Raster};
use crate::service::roads::Roads;
use crate::service::{feeds, seed, token};
use anyhow::Context;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long open requests may go on after the signal to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Address or host name, and port, to listen on
    #[arg(long, env = "BIHU_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    #[command(flatten)]
    store: StoreArgument,
    /// Network file (.bihunet) made by `bihu network build`: questions by road, base map and places come from it. Without one,
    /// a store that holds nothing but demonstration data gets the demonstration's invented roads
    #[arg(long, value_name = "FILE.bihunet", env = "BIHU_NETWORK")]
    network: Option<PathBuf>,
    /// Leave an empty store empty, and lay no invented roads
    #[arg(long)]
    no_demo: bool,
    /// Address of a proxy whose X-Forwarded-For is believed; may be given more than once
    #[arg(long, env = "BIHU_TRUSTED_PROXY", value_delimiter = ',', value_name = "IP")]
    trusted_proxy: Vec<IpAddr>,
    #[command(flatten)]
    ground: GroundArguments,
    #[command(flatten)]
    oidc: OidcArguments,
    #[command(flatten)]
    feeds: FeedArguments,
}

/// The map under the resources.
#[derive(Debug, clap::Args)]
struct GroundArguments {
    /// Raster tiles of another server: an address with {z}, {x} and {y}, in Web Mercator on WGS84 or CGCS2000 (Tianditu *_w
    /// with a key of your own, which whoever opens the page can see)
    #[arg(long, value_name = "TEMPLATE", env = "BIHU_BASEMAP_URL")]
    basemap_url: Option<String>,
    /// Whose map it is; default: what the network file says of itself
    #[arg(long, value_name = "TEXT", env = "BIHU_BASEMAP_ATTRIBUTION")]
    basemap_attribution: Option<String>,
    /// Approval number of the map (审图号); without one every page says that the map is for internal use
    #[arg(long, value_name = "审图号", env = "BIHU_BASEMAP_APPROVAL")]
    basemap_approval: Option<String>,
    /// Date of the map's data; default: that of the network file's extract
    #[arg(long, value_name = "DATE", env = "BIHU_BASEMAP_DATE")]
    basemap_date: Option<String>,
}

impl GroundArguments {
    fn ground(self) -> anyhow::Result<Ground> {
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let raster = given(self.basemap_url).as_deref().map(Raster::parse).transpose().context("--basemap-url")?;
        Ok(Ground {
            raster,
            approval_number: given(self.basemap_approval),
            attribution: given(self.basemap_attribution),
            data_date: given(self.basemap_date),
        })
    }
}

/// What feeds may do.
#[derive(Debug, clap::Args)]
struct FeedArguments {
    /// Folder beneath which feeds may read files
    #[arg(long, value_name = "DIR", env = "BIHU_FEEDS_FOLDER")]
    feeds_folder: Option<PathBuf>,
    /// Let feeds connect to private, loopback and link-local addresses: their sources are on an intranet
    #[arg(long)]
    feeds_allow_private: bool,
    /// File with the key that seals credentials of feeds, made when it is first needed; BIHU_SEAL_KEY (32 bytes, base64
    /// or hex) goes before it. Default: beside the SQLite store
    #[arg(long, value_name = "FILE")]
    seal_key_file: Option<PathBuf>,
}

impl FeedArguments {
    fn settings(self, store: &str) -> anyhow::Result<feeds::Settings> {
        let path = store.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        let beside = || path.map(|path| PathBuf::from(format!("{path}.seal-key")));
        let seal = match std::env::var("BIHU_SEAL_KEY") {
            Ok(text) => feeds::SealKey::parse(&text)
                .context("BIHU_SEAL_KEY 应为 32 字节（base64 或十六进制） / must be 32 bytes in base64 or hex")?,
            Err(_) => self.seal_key_file.or_else(beside).map_or(feeds::SealKey::Absent, feeds::SealKey::File),
        };
        let private = if self.feeds_allow_private { feeds::Private::Allow } else { feeds::Private::Refuse };
        if let Some(folder) = &self.feeds_folder {
            anyhow::ensure!(folder.is_dir(), "{}：不是文件夹 / is no folder", folder.display());
        }
        Ok(feeds::Settings { private, folder: self.feeds_folder, seal, ..feeds::Settings::default() })
    }
}

/// Signing in at an OpenID provider.
#[derive(Debug, clap::Args)]
struct OidcArguments {
    /// Address of an OpenID provider to sign in at; its client secret is read from BIHU_OIDC_CLIENT_SECRET
    #[arg(long, env = "BIHU_OIDC_ISSUER", requires = "oidc_client_id")]
    oidc_issuer: Option<String>,
    /// Name of this service at the provider
    #[arg(long, env = "BIHU_OIDC_CLIENT_ID", requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// What the button says
    #[arg(long, env = "BIHU_OIDC_LABEL", default_value = "统一身份登录 / Single sign-on")]
    oidc_label: String,
    /// Claim that names the role of somebody without an account; without it only linked accounts sign in
    #[arg(long, env = "BIHU_OIDC_ROLE_CLAIM")]
    oidc_role_claim: Option<String>,
    /// Address of the way back as the provider knows it, when it can not be told from the request
    #[arg(long, env = "BIHU_OIDC_REDIRECT")]
    oidc_redirect: Option<String>,
}

impl OidcArguments {
    /// Returns the provider that was named, if one was.
    fn provider(self) -> Option<Config> {
        Some(Config {
            issuer: self.oidc_issuer?,
            client_id: self.oidc_client_id?,
            client_secret: std::env::var("BIHU_OIDC_CLIENT_SECRET").ok().filter(|secret| !secret.is_empty()),
            label: self.oidc_label,
            role_claim: self.oidc_role_claim,
            redirect: self.oidc_redirect,
        })
    }
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // The port first: a token must not be made and shown by a process that then can not serve.
    let listener = TcpListener::bind(&arguments.listen).await.with_context(|| {
        format!("无法监听 / can not listen on {}（换一个端口 / try another: --listen）", arguments.listen)
    })?;
    let settings = arguments.feeds.settings(&arguments.store.store)?;
    let ground = arguments.ground.ground()?;
    let roads = arguments.network.as_deref().map(laid).transpose()?;
    let app = arguments.store.app().await?;
    app.allow_feeds(settings);
    app.lay_ground(ground);
    if let Some(roads) = roads {
        app.lay_roads(roads);
    }
    if !arguments.no_demo && seed::demonstration(&app).await? {
        say!("空库已装入演示数据（虚构） / the empty store got the invented demonstration district")?;
    }
    if !arguments.no_demo
        && app.roads().is_none()
        && let Some(roads) = seed::roads(&app)?
    {
        say!("演示路网（虚构） / the demonstration's invented roads; --network FILE lays others: {}", size(&roads))?;
        app.lay_roads(roads);
    }
    if let Some(token) = token::create_first(app.store(), app.now()).await? {
        let days = token::FIRST_FOR.num_days();
        say!(
            "管理员令牌，仅显示一次，{days} 天后失效；长期使用请用 bihu token create 另建 / admin token, shown this once, ends in {days} days; make one that lasts with bihu token create:\n{token}"
        )?;
    }
    if let Some(provider) = arguments.oidc.provider() {
        app.use_oidc(provider).context("无法使用 OIDC / can not use the OpenID provider")?;
    }
    let address = format!("http://{}", listener.local_addr()?);
    match app.first_link().await {
        Ok(Some(link)) => say!(
            "设置链接，24 小时内使用一次 / set-up link, good once within 24 hours:\n{}",
            account::shown(&address, &link)
        )?,
        Ok(None) => {}
        // A disk that takes nothing still answers questions.
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "no set-up link could be made"),
    }
    let gauges = Gauges::install().context("metrics are already being counted in this process")?;
    // Before anybody is told that it listens: who stops it then is heard.
    let stop = stop_signal();
    say!("listening on {address}")?;
    std::io::stdout().flush()?;
    let following = tokio::spawn(app.clone().follow());
    let feeding = tokio::spawn(feeds::keep_running(app.clone()));
    let clearing = tokio::spawn(app.clone().keep_clear());
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let ending = app.clone();
    let service = behind(router(app.clone(), gauges), &arguments.trusted_proxy);
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        ending.stop_telling();
        let _ = stopping.send(());
    });
    tokio::select! {
        served = serving => served?,
        () = async { let _ = stopped.await; tokio::time::sleep(STOP_WITHIN).await } => {
            tracing::warn!("requests still open after {STOP_WITHIN:?} were cut off");
        }
    }
    // A feed that is writing finishes; one that is fetching has given up by now.
    if tokio::time::timeout(STOP_WITHIN, feeding).await.is_err() {
        tracing::warn!("a feed was still running after {STOP_WITHIN:?} and was cut off");
    }
    following.abort();
    clearing.abort();
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Opens a network file where it lies.
fn laid(file: &std::path::Path) -> anyhow::Result<Roads> {
    let roads = Roads::open(Arc::new(map(file)?)).with_context(|| file.display().to_string())?;
    say!("路网 / network {}: {}", file.display(), size(&roads))?;
    Ok(roads)
}

fn size(roads: &Roads) -> String {
    format!("{} 边 / edges, {} 节点 / nodes", roads.graph.edge_count(), roads.graph.node_count())
}

/// Listens for SIGTERM and for an interrupt from the keyboard from now on; the future ends with the first of them.
fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        let _ = interrupt.await;
    }
}
