//! `bihu serve`: opens the store, seeds an empty one, listens, follows, and stops cleanly.

use super::StoreArgument;
use super::say::say;
use crate::api::{Gauges, router};
use crate::service::{seed, token};
use anyhow::Context;
use std::io::Write;
use std::process::ExitCode;
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
    /// Leave an empty store empty
    #[arg(long)]
    no_demo: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // The port first: a token must not be made and shown by a process that then can not serve.
    let listener = TcpListener::bind(&arguments.listen).await.with_context(|| {
        format!("无法监听 / can not listen on {}（换一个端口 / try another: --listen）", arguments.listen)
    })?;
    let app = arguments.store.app().await?;
    if !arguments.no_demo && seed::demonstration(&app).await? {
        say!("空库已装入演示数据（虚构） / the empty store got the invented demonstration district")?;
    }
    if let Some(token) = token::create_first(app.store(), app.now()).await? {
        say!("管理员令牌，仅显示一次 / admin token, shown this once:\n{token}")?;
    }
    let gauges = Gauges::install().context("metrics are already being counted in this process")?;
    say!("listening on http://{}", listener.local_addr()?)?;
    std::io::stdout().flush()?;
    let following = tokio::spawn(app.clone().follow());
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let ending = app.clone();
    let serving = axum::serve(listener, router(app.clone(), gauges)).with_graceful_shutdown(async move {
        stop_signal().await;
        ending.stop_telling();
        let _ = stopping.send(());
    });
    tokio::select! {
        served = serving => served?,
        () = async { let _ = stopped.await; tokio::time::sleep(STOP_WITHIN).await } => {
            tracing::warn!("requests still open after {STOP_WITHIN:?} were cut off");
        }
    }
    following.abort();
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for SIGTERM or an interrupt from the keyboard.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
