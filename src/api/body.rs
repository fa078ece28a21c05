//! JSON bodies: bounded objects, with the place of a syntax error, unknown and doubled names refused.

use super::misfit::misfits;
use super::problem::Problem;
use crate::domain::Violation;
use crate::service::Error;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::fmt;

/// Largest JSON body, bytes.
pub const BODY_MAX: usize = 4 * 1024 * 1024;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if let Some(media) = media.filter(|m| !is_json(m)) {
            let shown: String = media.chars().take(80).collect();
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "不支持的内容类型 / Unsupported media type",
                format!("请发送 application/json，而不是 {shown} / send application/json, not {shown}"),
            ));
        }
        let coding = request.headers().get(header::CONTENT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !coding.is_empty() && !coding.eq_ignore_ascii_case("identity") {
            let shown: String = coding.chars().take(40).collect();
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "不支持的内容编码 / Unsupported content encoding",
                format!("请不要压缩请求体（收到 {shown}）/ send the body as it is, not as {shown}"),
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                Problem::bad_request("请求体未能完整读取", "the body could not be read to its end")
            }
        })?;
        let Strict(value) = serde_json::from_slice(&bytes).map_err(|error| broken(&error))?;
        let Value::Object(members) = &value else {
            return Err(Error::invalid(Violation::new(
                "",
                "wrong_type",
                "应为 JSON 对象",
                "a JSON object is expected",
            ))
            .into());
        };
        T::deserialize(&value).map(Json).map_err(|_| misfits::<T>(members))
    }
}

fn broken(error: &serde_json::Error) -> Problem {
    let place = format!("第 {} 行第 {} 列", error.line(), error.column());
    Problem::bad_request(&format!("JSON 格式错误（{place}）"), error)
}

/// A JSON value in which no object says the same name twice: readers differ in which of the two they would take.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut out = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Strict(Value::Array(out)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let mut out = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if out.contains_key(&name) {
                let shown: String = name.chars().take(60).collect();
                return Err(A::Error::custom(format!("`{shown}` is given twice")));
            }
            out.insert(name, value);
        }
        Ok(Strict(Value::Object(out)))
    }
}

/// The problem for a body over [`BODY_MAX`].
pub fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "请求体过大 / Body too large",
        format!(
            "上限 {BODY_MAX} 字节；大文件请用命令行 bihu import / the limit is {BODY_MAX} bytes; import large files with bihu import"
        ),
    )
}

fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}
