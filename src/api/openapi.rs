//! The OpenAPI document of the whole API, made from the routes themselves, and its viewer, served from the binary.

use super::{
    accounts, closures, corrections, export, feeds, freshness, grids, health, history, imports, live, map, nearest,
    ogc, oidc, places, plans, problem, resources, routes, session, tiles, tokens, wire,
};
use crate::service::App;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use std::sync::Arc;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bihu 庇护",
        description = "应急避难场所与救援资源空间服务 / Emergency shelters and resources of a district.\n\nOGC API – Features is at `/ogc`, with its own OpenAPI 3.0 document at `/ogc/api`.",
    ),
    paths(
        live::live,
        imports::upload,
        imports::commit,
        feeds::run,
        feeds::release,
        ogc::collections::landing,
        ogc::definition::definition,
        ogc::collections::conformance,
        ogc::collections::collections,
        ogc::collections::collection,
        ogc::items::items,
        ogc::items::item,
        ogc::tiles::tilesets,
        ogc::tiles::tileset,
        ogc::tiles::tile,
        ogc::tiles::collection_tilesets,
        ogc::tiles::collection_tileset,
        ogc::tiles::collection_tile,
        ogc::tiles::matrix_sets,
        ogc::tiles::matrix_set,
        health::alive,
        health::ready,
        health::metrics,
    ),
    components(schemas(problem::Problem, problem::ViolationDoc, wire::NearestAnswer)),
    modifiers(&Bearer),
    tags(
        (name = "query", description = "查询分析 Questions"),
        (name = "roads", description = "道路 Routes, reach by road, and roads that are closed"),
        (name = "resources", description = "资源 Resources"),
        (name = "imports", description = "导入 Files, mappings and coordinate systems"),
        (name = "history", description = "历史与值班日志 What was done, and the way back"),
        (name = "corrections", description = "纠错 Reports that the map is wrong"),
        (name = "freshness", description = "新鲜度 How far figures can still be trusted"),
        (name = "feeds", description = "自动更新源 Sources that refresh by themselves"),
        (name = "exchange", description = "文件交换 Files in and out"),
        (name = "map", description = "地图 What the map asks for"),
        (name = "live", description = "实时 Changes as they happen"),
        (name = "ogc", description = "OGC API – Features Part 1, OGC API – Tiles Part 1"),
        (name = "accounts", description = "账号、登录与令牌 Who may, and who is signed in. A write by cookie carries `X-CSRF-Token`"),
        (name = "health", description = "运行状态 How the service is"),
    ),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(map::meta))
        .routes(routes!(map::layer))
        .routes(routes!(map::search))
        .routes(routes!(tiles::tile))
        .routes(routes!(tiles::tilejson))
        .routes(routes!(tiles::style))
        .routes(routes!(places::places))
        .routes(routes!(export::export))
        .routes(routes!(export::template_of))
        .routes(routes!(nearest::nearest))
        .routes(routes!(plans::around))
        .routes(routes!(plans::coverage))
        .routes(routes!(routes::route))
        .routes(routes!(routes::matrix))
        .routes(routes!(routes::isochrones))
        .routes(routes!(closures::list, closures::close))
        .routes(routes!(closures::read, closures::lift))
        .routes(routes!(grids::list))
        .routes(routes!(grids::fit))
        .routes(routes!(grids::put, grids::delete))
        .routes(routes!(corrections::report, corrections::inbox))
        .routes(routes!(corrections::look_up))
        .routes(routes!(corrections::photo))
        .routes(routes!(corrections::answer))
        .routes(routes!(freshness::freshness))
        .routes(routes!(freshness::settings, freshness::put_settings))
        .routes(routes!(history::history))
        .routes(routes!(history::batches))
        .routes(routes!(history::undo))
        .routes(routes!(history::restore))
        .routes(routes!(resources::read, resources::put, resources::patch, resources::delete))
        .routes(routes!(imports::read, imports::delete))
        .routes(routes!(imports::preview))
        .routes(routes!(imports::rows))
        .routes(routes!(imports::annotated))
        .routes(routes!(imports::mappings))
        .routes(routes!(imports::put_mapping, imports::delete_mapping))
        .routes(routes!(imports::fields))
        .routes(routes!(feeds::list, feeds::create))
        .routes(routes!(feeds::read, feeds::replace, feeds::delete))
        .routes(routes!(feeds::runs))
        .routes(routes!(feeds::discard))
        .routes(routes!(session::who, session::sign_in, session::sign_out))
        .routes(routes!(session::password))
        .routes(routes!(oidc::depart))
        .routes(routes!(oidc::arrive))
        .routes(routes!(session::setup))
        .routes(routes!(session::link))
        .routes(routes!(accounts::list, accounts::make))
        .routes(routes!(accounts::change, accounts::remove))
        .routes(routes!(accounts::reset))
        .routes(routes!(accounts::audit))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke))
}

/// Returns the routes that the document describes, but for the live feed.
pub fn routes() -> Router<Arc<App>> {
    described().split_for_parts().0
}

/// Returns the OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = described().split_for_parts().1;
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(operation_id(method, path));
                name_problems(operation);
            }
        }
    }
    document
}

/// Names an operation by its method and path: the names of handlers are unique only within their files.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| id + "_" + word)
}

/// Says of every refusal that it is a problem, which no single handler has to repeat.
fn name_problems(operation: &mut Operation) {
    let refusals = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5']));
    for (_, response) in refusals {
        if let RefOr::T(response) = response
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
}

/// What the viewer may load: itself. Its style sheet is in the page.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
    base-uri 'self'; frame-ancestors 'none'";

/// Returns the routes of the document and its viewer, which asks no other host: without a word it would send the
/// document's address to a validator elsewhere.
pub fn viewer() -> Router<Arc<App>> {
    let config = Config::default().validator_url("none");
    let viewer: Router<Arc<App>> =
        SwaggerUi::new("/api/docs").config(config).url("/api/openapi.json", document()).into();
    viewer.layer(axum::middleware::map_response(|mut response: Response| async {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }))
}
