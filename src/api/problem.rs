//! Problems: every refusal as RFC 9457 `application/problem+json`, from one exhaustive match.
//!
//! A 4xx says what is wrong, where, and the way out, Chinese first. A 5xx carries an incident id and nothing else; its
//! cause is logged once, here, under that id.

use crate::domain::Violation;
use crate::service::Error;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Kind of the refusal of a cookie that stands for nobody any more; it takes the cookie away with it.
pub const SESSION_ENDED: &str = "session-ended";

/// A refusal, RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// URI of the kind of problem, `urn:bihu:problem:…`.
    #[serde(rename = "type", serialize_with = "urn")]
    pub kind: &'static str,
    /// Short name, Chinese / English.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened and the way out, Chinese / English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Everything wrong with the input, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationDoc>,
    /// Version the resource is at, for a stale write.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub current: Option<Box<str>>,
    /// The right that is missing, for a denial: a stable word, such as `edit_resources` or `scope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<&'static str>,
    /// Seconds to wait before the next attempt, as `Retry-After` tells too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// Id under which the cause of a 5xx was logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub incident: Option<Box<str>>,
}

fn urn<S: serde::Serializer>(kind: &&'static str, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&format_args!("urn:bihu:problem:{kind}"))
}

/// One thing wrong with an input.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViolationDoc {
    /// Path of the field.
    pub field: String,
    /// Machine-readable reason.
    pub reason: String,
    /// Chinese sentence.
    pub zh: String,
    /// English sentence.
    pub en: String,
}

impl From<Violation> for ViolationDoc {
    fn from(v: Violation) -> Self {
        Self { field: v.field, reason: v.reason, zh: v.zh, en: v.en }
    }
}

impl Problem {
    /// Builds a problem without a list.
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: Some(detail.into()),
            violations: Vec::new(),
            current: None,
            missing: None,
            retry_after_s: None,
            incident: None,
        }
    }

    /// Wrong query parameters: 400 with every violation.
    pub fn parameters(violations: Vec<Violation>) -> Self {
        Self::listing(StatusCode::BAD_REQUEST, violations)
    }

    /// A body or address that breaks the protocol before any field can be looked at.
    pub fn bad_request(zh: &str, en: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "请求无法理解 / Bad request", format!("{zh} / {en}"))
    }

    /// The session of a cookie has ended. An answer with less in it than its reader expects would be worse than this one;
    /// the next request comes without the cookie.
    pub fn session_ended() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            SESSION_ENDED,
            "登录已结束 / The session has ended",
            "请重新登录；以公众身份查看请刷新 / sign in again, or reload to look as the public",
        )
    }

    /// A write that came by cookie without proof that it came from a page of this service.
    pub fn csrf(zh: &str, en: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", "请求来源未确认 / Origin not proven", format!("{zh} / {en}"))
    }

    /// A write that did not say which version it looked at, with the way to say it.
    pub fn unconditional(zh: &str, en: &str) -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "缺少版本条件 / Precondition required",
            format!("{zh} / {en}"),
        )
    }

    fn listing(status: StatusCode, violations: Vec<Violation>) -> Self {
        let say = |f: fn(&Violation) -> &String| {
            violations.iter().take(3).map(|v| f(v).as_str()).collect::<Vec<_>>().join("；")
        };
        let detail = format!("{} / {}", say(|v| &v.zh), say(|v| &v.en));
        let mut problem = Self::new(status, "invalid", "输入有误 / Invalid input", detail);
        problem.violations = violations.into_iter().map(ViolationDoc::from).collect();
        problem
    }

    fn incident(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        cause: &(dyn std::error::Error + 'static),
    ) -> Self {
        let mut bytes = [0u8; 8];
        // Without randomness the incident is still logged, only less findable.
        let _ = getrandom::fill(&mut bytes);
        let incident = crate::service::token::hex(&bytes);
        tracing::error!(incident, error = cause, "request failed");
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: None,
            violations: Vec::new(),
            current: None,
            missing: None,
            retry_after_s: None,
            incident: Some(incident.into()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => Self::listing(StatusCode::UNPROCESSABLE_ENTITY, violations),
            Error::Undecodable(error) => Self::bad_request("文件无法读取", error),
            Error::Unsigned { zh, en } => Self::new(
                StatusCode::UNAUTHORIZED,
                "unsigned",
                "需要有效凭证 / Credentials needed",
                format!("{zh} / {en}"),
            ),
            Error::Denied(denial) => {
                let detail = format!("{} / {}", denial.zh, denial.en);
                // Whoever may be somebody is asked who he is before he is told what he may not.
                let mut problem = if denial.missing == "sign_in" {
                    Self::new(StatusCode::UNAUTHORIZED, "unsigned", "需要有效凭证 / Credentials needed", detail)
                } else {
                    Self::new(StatusCode::FORBIDDEN, "denied", "没有权限 / Not permitted", detail)
                };
                problem.missing = Some(denial.missing);
                problem
            }
            Error::Throttled { wait_s } => {
                let mut problem = Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "throttled",
                    "尝试过多 / Too many attempts",
                    format!("请在 {wait_s} 秒后再试 / wait {wait_s} s, then try again"),
                );
                problem.retry_after_s = Some(wait_s);
                problem
            }
            Error::Outdated { current } => {
                let mut problem = Self::new(
                    StatusCode::PRECONDITION_FAILED,
                    "stale",
                    "版本已变 / It has changed",
                    "已被他人修改，请刷新后再改 / somebody else changed it: load it again, then change it",
                );
                problem.current = Some(format!("\"v{current}\"").into());
                problem
            }
            Error::NotFound { what } => {
                let what: String = what.chars().take(120).collect();
                Self::new(
                    StatusCode::NOT_FOUND,
                    "not-found",
                    "未找到 / Not found",
                    format!("没有 {what} / there is no {what}"),
                )
            }
            Error::NoNetwork => Self::new(
                StatusCode::NOT_FOUND,
                "no-network",
                "没有路网 / No road network",
                "服务未装入路网；请用 bihu network build 生成 .bihunet，再以 bihu serve --network FILE 启动 / no network file was given: make one with `bihu network build` and start with `bihu serve --network FILE`",
            ),
            Error::PreconditionRequired => Self::unconditional(
                "请先读取资源，把其 ETag 放入 If-Match；新建请用 If-None-Match: *",
                "read the resource and send its ETag as If-Match; to create, send If-None-Match: *",
            ),
            Error::Stale { current } => {
                let mut problem = Self::new(
                    StatusCode::PRECONDITION_FAILED,
                    "stale",
                    "版本已变 / The resource has changed",
                    "该资源已被他人修改或不存在，请重新读取后再改 / the resource was changed or is not there: read it again, then change it",
                );
                problem.current = current.map(|r| format!("\"r{r}\"").into());
                problem
            }
            Error::Conflict { zh, en } => {
                Self::new(StatusCode::CONFLICT, "conflict", "与现有资源冲突 / Conflict", format!("{zh} / {en}"))
            }
            Error::Overtaken(violations) => {
                let mut problem = Self::listing(StatusCode::CONFLICT, violations);
                (problem.kind, problem.title) = ("overtaken", "其后已被改动 / Changed since");
                problem
            }
            Error::TooMany { after_s, zh, en } => {
                let (status, title) = (StatusCode::TOO_MANY_REQUESTS, "请求过于频繁 / Too many requests");
                let mut problem = Self::new(status, "too-many", title, format!("{zh} / {en}"));
                problem.retry_after_s = Some(after_s.into());
                problem
            }
            Error::Overloaded { after_s, zh, en } => {
                let (status, title) = (StatusCode::SERVICE_UNAVAILABLE, "服务繁忙 / The service is busy");
                let mut problem = Self::new(status, "overloaded", title, format!("{zh} / {en}"));
                problem.retry_after_s = Some(after_s.into());
                problem
            }
            Error::Halted { why, zh, en } => Self::new(
                StatusCode::CONFLICT,
                why.word(),
                "暂不能执行 / It can not be done as things stand",
                format!("{zh} / {en}"),
            ),
            Error::TooLarge { zh, en } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "超过上限 / Over a limit", format!("{zh} / {en}"))
            }
            Error::Unavailable(cause) => Self::incident(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "数据库暂不可用 / The store is unavailable",
                &cause,
            ),
            Error::Internal(cause) => {
                Self::incident(StatusCode::INTERNAL_SERVER_ERROR, "internal", "内部错误 / Internal error", &*cause)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let retry_after_s = self.retry_after_s.or((status == StatusCode::SERVICE_UNAVAILABLE).then_some(2));
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bihu\""));
        }
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == SESSION_ENDED {
            super::cookie::clear(headers);
        }
        response
    }
}
