//! `bihu serve`: opens the store, seeds an empty one, listens, follows, and stops cleanly.

use super::StoreArgument;
use crate::api::{Gauges, router};
use crate::service::{seed, token};
use anyhow::Context;
use clap::Parser;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long open requests may go on after the signal to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Parser)]
pub struct Arguments {
    /// Address and port to listen on
    #[arg(long, env = "BIHU_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    store: StoreArgument,
    /// Leave an empty store empty
    #[arg(long)]
    no_demo: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // The port first: a token must not be made and shown by a process that then can not serve.
    let listener = TcpListener::bind(arguments.listen).await.with_context(|| {
        format!("无法监听 / can not listen on {}（换一个端口 / try another: --listen）", arguments.listen)
    })?;
    let app = arguments.store.app().await?;
    if !arguments.no_demo && seed::demonstration(&app).await? {
        println!("空库已装入演示数据（虚构） / the empty store got the invented demonstration district");
    }
    if let Some(token) = token::create_first(app.store(), app.now()).await? {
        println!("管理员令牌，仅显示一次 / admin token, shown this once:\n{token}");
    }
    let gauges = Gauges::install().context("metrics are already being counted in this process")?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let following = tokio::spawn(app.clone().follow());
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let ending = app.clone();
    let service = router(app.clone(), gauges).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
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
