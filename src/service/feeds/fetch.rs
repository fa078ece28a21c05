//! Bytes of a feed, from the network or from a folder, with every limit there is.
//!
//! Invariants: never more than [`Limits::bytes`] in memory; an answer that is cut off, drips, or is no 200 is a failure
//! and never half a file; redirects are followed by hand, each hop looked at like the first; credentials go to the host
//! that they were given for, and to no other.

use super::guard::{Guard, Refused, allows};
use super::{Limits, Private, Settings};
use chrono::{DateTime, Utc};
use reqwest::header::{
    AUTHORIZATION, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Most redirects that are followed.
pub const REDIRECTS_MAX: usize = 5;

/// What the bytes looked at last were called.
#[derive(Debug, Clone, Default)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What a source gave.
pub enum Fetched {
    /// A file.
    File(File),
    /// It is the one looked at last.
    NotModified,
}

/// A file.
pub struct File {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// When the source says that it was made.
    pub made_at: Option<DateTime<Utc>>,
    /// What it is called.
    pub validators: Validators,
}

/// Why a source gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The address is none that a feed may have.
    #[error("地址不可用：{0} / the address can not be used: {0}")]
    Address(&'static str),
    /// The address leads to a private network.
    #[error(
        "地址指向内部网络，已拒绝；内网数据源请以 --feeds-allow-private 启动 / the address leads into a private network and was refused; start with --feeds-allow-private for sources of an intranet"
    )]
    PrivateAddress,
    /// It redirects on and on.
    #[error("重定向超过 {REDIRECTS_MAX} 次 / more than {REDIRECTS_MAX} redirects")]
    Redirects,
    /// The answer is no file.
    #[error("数据源回应 HTTP {0} / the source answered HTTP {0}")]
    Status(u16),
    /// The answer is larger than allowed.
    #[error("文件超过 {0} 字节 / the file is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer took too long.
    #[error("数据源超时未答完 / the source did not finish in time")]
    Timeout,
    /// The answer was cut off, or did not come.
    #[error("连接失败或内容不完整：{0} / the connection failed or the file is incomplete: {0}")]
    Broken(String),
    /// The folder is none that a feed may have, or has no file.
    #[error("{0}")]
    Folder(&'static str),
    /// The file can not be read.
    #[error("文件读取失败：{0} / the file can not be read: {0}")]
    Unreadable(String),
}

/// Fetches from an address.
pub async fn from_url(
    settings: &Settings,
    address: &str,
    known: &Validators,
    authorization: Option<&str>,
) -> Result<Fetched, Trouble> {
    let fetching = follow(settings, address, known, authorization);
    tokio::time::timeout(settings.limits.total, fetching).await.map_err(|_| Trouble::Timeout)?
}

async fn follow(
    settings: &Settings,
    address: &str,
    known: &Validators,
    authorization: Option<&str>,
) -> Result<Fetched, Trouble> {
    let client = client(settings).map_err(|error| broken(&error.without_url()))?;
    let first = parse(address)?;
    let mut url = first.clone();
    for _ in 0..=REDIRECTS_MAX {
        check_host(settings.private, &url)?;
        let own = same_origin(&first, &url);
        let headers = headers(known, authorization.filter(|_| own));
        let response = client.get(url.clone()).headers(headers).send().await.map_err(failed)?;
        // The guard saw to it already; a proxy or a resolver that knows better would be found out here.
        if response.remote_addr().is_some_and(|peer| !allows(settings.private, peer.ip())) {
            return Err(Trouble::PrivateAddress);
        }
        match response.status() {
            StatusCode::OK => return read(response, &url, &settings.limits).await.map(Fetched::File),
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
            status if status.is_redirection() => url = next(&url, &response)?,
            status => return Err(Trouble::Status(status.as_u16())),
        }
    }
    Err(Trouble::Redirects)
}

fn client(settings: &Settings) -> reqwest::Result<Client> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(settings.limits.connect)
        .read_timeout(settings.limits.idle)
        .dns_resolver(Arc::new(Guard(settings.private)))
        .user_agent(concat!("bihu/", env!("CARGO_PKG_VERSION")))
        .build()
}

fn headers(known: &Validators, authorization: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, text: Option<&str>| {
        if let Some(mut value) = text.and_then(|text| text.parse::<reqwest::header::HeaderValue>().ok()) {
            value.set_sensitive(name == AUTHORIZATION);
            headers.insert(name, value);
        }
    };
    put(IF_NONE_MATCH, known.etag.as_deref());
    put(IF_MODIFIED_SINCE, known.last_modified.as_deref());
    put(AUTHORIZATION, authorization);
    headers
}

/// Reads an address that a feed may have.
pub fn parse(address: &str) -> Result<Url, Trouble> {
    let url = Url::parse(address).map_err(|_| Trouble::Address("应为完整的 http(s) 地址 (a whole http(s) address)"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Trouble::Address("只能是 http 或 https (only http and https)"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Trouble::Address("地址里不要写账号口令，请填在凭证里 (put credentials into `credentials`)"));
    }
    Ok(url)
}

/// Looks at a host that is a number; names are looked at by the guard.
fn check_host(private: Private, url: &Url) -> Result<(), Trouble> {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) if !allows(private, address) => Err(Trouble::PrivateAddress),
        _ => Ok(()),
    }
}

/// Returns whether scheme, host and port are the same.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    (a.scheme(), a.host_str(), a.port_or_known_default()) == (b.scheme(), b.host_str(), b.port_or_known_default())
}

fn next(url: &Url, response: &Response) -> Result<Url, Trouble> {
    let to = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = to.and_then(|to| url.join(to).ok()).ok_or(Trouble::Status(response.status().as_u16()))?;
    let to = parse(to.as_str())?;
    if url.scheme() == "https" && to.scheme() == "http" {
        return Err(Trouble::Address("不从 https 重定向到 http (no redirect from https to http)"));
    }
    Ok(to)
}

async fn read(mut response: Response, url: &Url, limits: &Limits) -> Result<File, Trouble> {
    if response.content_length().is_some_and(|bytes| bytes > limits.bytes as u64) {
        return Err(Trouble::TooLarge(limits.bytes));
    }
    let header = |name: HeaderName| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let validators = Validators { etag: header(ETAG), last_modified: header(LAST_MODIFIED) };
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > limits.bytes {
            return Err(Trouble::TooLarge(limits.bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let name = if name.is_empty() { "feed" } else { name };
    let told = validators.last_modified.as_deref().and_then(|at| DateTime::parse_from_rfc2822(at).ok());
    let made_at = told.map(|at| at.with_timezone(&Utc));
    Ok(File { name: name.chars().take(100).collect(), bytes: bytes.into(), made_at, validators })
}

/// Says what failed, without the address: it may carry a secret.
fn failed(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.is::<Refused>() {
            return Trouble::PrivateAddress;
        }
        cause = error.source();
    }
    if error.is_timeout() { Trouble::Timeout } else { broken(&error) }
}

fn broken(error: &reqwest::Error) -> Trouble {
    let mut deepest: &(dyn std::error::Error + 'static) = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    Trouble::Broken(deepest.to_string().chars().take(200).collect())
}

/// Reads from beneath the folder for feeds; of a folder, the newest file. Not for threads that answer requests.
pub fn from_folder(settings: &Settings, below: &str) -> Result<File, Trouble> {
    let path = find(settings, below)?;
    let path = if path.is_dir() { newest(&path)? } else { path };
    let unreadable = |error: std::io::Error| Trouble::Unreadable(error.to_string());
    let before = std::fs::metadata(&path).map_err(unreadable)?;
    if !before.is_file() {
        // A pipe would be waited for without end.
        return Err(Trouble::Folder("路径不是普通文件 / the path is no plain file"));
    }
    if before.len() > settings.limits.bytes as u64 {
        return Err(Trouble::TooLarge(settings.limits.bytes));
    }
    let mut bytes = Vec::with_capacity(before.len() as usize);
    let file = std::fs::File::open(&path).map_err(unreadable)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, settings.limits.bytes as u64 + 1), &mut bytes)
        .map_err(unreadable)?;
    let after = std::fs::metadata(&path).map_err(unreadable)?;
    if after.len() != bytes.len() as u64 || after.modified().ok() != before.modified().ok() {
        return Err(Trouble::Folder("文件正在写入，下次再读 / the file is being written: it is read next time"));
    }
    let name = path.file_name().map_or_else(|| "feed".to_owned(), |name| name.to_string_lossy().into_owned());
    let made_at = before.modified().ok().map(DateTime::from);
    Ok(File { name, bytes: bytes.into(), made_at, validators: Validators::default() })
}

/// Returns where a file or folder of the folder for feeds is. Not for threads that answer requests.
pub(super) fn find(settings: &Settings, below: &str) -> Result<PathBuf, Trouble> {
    let root = settings.folder.as_deref().ok_or(Trouble::Folder(
        "服务器没有开放数据源文件夹（--feeds-folder） / the server has no folder for feeds (--feeds-folder)",
    ))?;
    beneath(root, below)
}

/// Returns the path, if it lies beneath the root once every link is followed.
fn beneath(root: &Path, below: &str) -> Result<PathBuf, Trouble> {
    let outside = Trouble::Folder(
        "路径不存在或不在数据源文件夹之内 / the path is not there, or not beneath the folder for feeds",
    );
    let root = root.canonicalize().map_err(|_| outside.clone())?;
    let path = root.join(below.trim_start_matches(['/', '\\'])).canonicalize().map_err(|_| outside.clone())?;
    if path.starts_with(&root) { Ok(path) } else { Err(outside) }
}

/// Returns the newest file of a folder; hidden and unfinished ones do not count. Of equals, the last by name.
fn newest(folder: &Path) -> Result<PathBuf, Trouble> {
    let entries = std::fs::read_dir(folder).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    let files = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let unfinished = [".tmp", ".part", ".crdownload", "~"].iter().any(|ending| name.ends_with(ending));
        let of_file = entry.metadata().ok().filter(|facts| facts.is_file() && !name.starts_with('.') && !unfinished)?;
        Some((of_file.modified().unwrap_or(SystemTime::UNIX_EPOCH), name, entry.path()))
    });
    let newest = files.max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    newest.map(|(_, _, path)| path).ok_or(Trouble::Folder("文件夹里没有文件 / there is no file in the folder"))
}
