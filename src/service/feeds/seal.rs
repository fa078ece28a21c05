//! Credentials of feeds are kept sealed: whoever reads the store without the key reads nothing.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce of 192 bits, so that none is used twice; the name of
//! the feed is sealed in as well, so that one feed's credentials can not be put under another. The key comes from the
//! environment or from a file that only its owner may read, made when it is first needed.

use super::super::Error;
use crate::domain::Violation;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use std::path::{Path, PathBuf};

/// Bytes of a key.
const KEY: usize = 32;

/// Bytes of a nonce.
const NONCE: usize = 24;

/// Where the key comes from.
#[derive(Clone, Default)]
pub enum SealKey {
    /// There is none: credentials can not be kept.
    #[default]
    Absent,
    /// It was given.
    Given([u8; KEY]),
    /// It lies in this file, or will once it is needed.
    File(PathBuf),
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Given(_) => "Given(…)",
            Self::File(_) => "File(…)",
        })
    }
}

impl SealKey {
    /// Reads a key of 32 bytes, in base64 or hexadecimal digits; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = match unhex(text) {
            Some(bytes) => bytes,
            None => STANDARD.decode(text).ok()?,
        };
        bytes.try_into().ok().map(Self::Given)
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, Error> {
        let key = match self {
            Self::Given(key) => *key,
            Self::File(path) => from_file(path)?,
            Self::Absent => {
                return Err(Error::invalid(Violation::new(
                    "credentials",
                    "no_seal_key",
                    "服务器没有封存密钥，不能保存凭证；请设置环境变量 BIHU_SEAL_KEY（32 字节 base64）或 --seal-key-file",
                    "the server has no seal key and can not keep credentials: set BIHU_SEAL_KEY (32 bytes, base64) or --seal-key-file",
                )));
            }
        };
        Ok(XChaCha20Poly1305::new(&key.into()))
    }

    /// Seals a secret for a feed.
    pub fn seal(&self, feed: &str, secret: &str) -> Result<String, Error> {
        let cipher = self.cipher()?;
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::internal(error.to_string()))?;
        let payload = Payload { msg: secret.as_bytes(), aad: feed.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|e| Error::internal(e.to_string()))?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for a feed; `None` when the key is another one, or it was tampered with.
    pub fn open(&self, feed: &str, sealed: &str) -> Result<Option<String>, Error> {
        let cipher = self.cipher()?;
        let Ok(bytes) = STANDARD.decode(sealed) else { return Ok(None) };
        let Some((nonce, sealed)) = bytes.split_first_chunk::<NONCE>() else { return Ok(None) };
        let payload = Payload { msg: sealed, aad: feed.as_bytes() };
        let opened = cipher.decrypt(&XNonce::from(*nonce), payload).ok();
        Ok(opened.and_then(|secret| String::from_utf8(secret).ok()))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * KEY || !text.is_ascii() {
        return None;
    }
    (0..KEY).map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

/// Reads the key from its file; makes both when the file is not there.
fn from_file(path: &Path) -> Result<[u8; KEY], Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => match SealKey::parse(&text) {
            Some(SealKey::Given(key)) => Ok(key),
            _ => Err(Error::internal(format!("{} holds no key of 32 bytes", path.display()))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(path),
        Err(error) => Err(Error::internal(error)),
    }
}

fn make(path: &Path) -> Result<[u8; KEY], Error> {
    use std::io::Write;
    let mut key = [0u8; KEY];
    getrandom::fill(&mut key).map_err(|error| Error::internal(error.to_string()))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            writeln!(file, "{}", STANDARD.encode(key)).and_then(|()| file.sync_all()).map_err(Error::internal)?;
            Ok(key)
        }
        // Another process was first: its key counts.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => from_file(path),
        Err(error) => Err(Error::internal(error)),
    }
}
