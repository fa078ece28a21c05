//! Promises that only PostgreSQL can make: real geometry, views that are safe to grant, a connection that may be cut.

use crate::acts::*;
use crate::ground::Ground;
use crate::samples::{self, hidden, shelter};
use bihu::domain::{LonLat, Resource, Revision};
use bihu::store::{Store, StoreError};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::time::Duration;

const VIEWS: [&str; 5] = ["shelter", "warehouse", "storage_point", "team", "site"];

async fn sql(ground: &Ground) -> PgConnection {
    PgConnection::connect(&ground.url).await.expect("the database answers")
}

#[tokio::test]
async fn geometry_says_what_the_document_says() {
    let ground = Ground::postgres().await;
    let store = ground.open().await;
    let mut written = samples::every_kind();
    written.push(Resource { place: bihu::domain::Place::point(at(-0.1, 1.0 / 3.0)), ..shelter("point") });
    commit_all(&*store, written.iter().cloned().map(create).collect()).await;
    let mut connection = sql(&ground).await;
    for resource in &written {
        let (shape, valid, kind): (Vec<u8>, bool, String) = sqlx::query_as(
            "SELECT ST_AsBinary(geom, 'NDR'), ST_IsValid(geom), GeometryType(geom) FROM resource WHERE id = $1",
        )
        .bind(resource.id.as_str())
        .fetch_one(&mut connection)
        .await
        .expect("the row is there");
        let expected = match &resource.place.footprint {
            Some(area) => geo_types::Geometry::MultiPolygon(area.clone()),
            None => geo_types::Geometry::Point(geo_types::Coord::from(resource.place.position).into()),
        };
        use geozero::ToWkb;
        assert_eq!(shape, expected.to_wkb(geozero::CoordDimensions::xy()).expect("WKB"), "{}", resource.id);
        assert!(valid, "{}", resource.id);
        assert_eq!(kind, if resource.place.footprint.is_some() { "MULTIPOLYGON" } else { "POINT" });
        let spot: (f64, f64, i32, f64) = sqlx::query_as(
            "SELECT ST_X(location::geometry), ST_Y(location::geometry), ST_SRID(geom),
                    ST_Distance(location, ST_SetSRID(ST_MakePoint($2, $3), 4326)::geography)
             FROM resource WHERE id = $1",
        )
        .bind(resource.id.as_str())
        .bind(resource.place.position.lon())
        .bind(resource.place.position.lat())
        .fetch_one(&mut connection)
        .await
        .expect("the row is there");
        assert_eq!(spot, (resource.place.position.lon(), resource.place.position.lat(), 4326, 0.0));
    }
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).expect("a position")
}

#[tokio::test]
async fn geometry_follows_a_change() {
    let ground = Ground::postgres().await;
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a")), create_division(samples::division("310117001", None))]).await;
    let row = the_row(&*store, &shelter("a").id).await;
    let mut moved = shelter("a");
    moved.place.position = at(121.5, 31.25);
    commit_all(&*store, vec![change(&row, moved), create_demand(samples::demand("d", 7.5))]).await;
    let mut connection = sql(&ground).await;
    let text: (String, Option<String>, f64) = sqlx::query_as(
        "SELECT (SELECT ST_AsText(geom) FROM resource), (SELECT ST_AsText(geom) FROM division),
                (SELECT population FROM demand WHERE ST_X(geom) > 121)",
    )
    .fetch_one(&mut connection)
    .await
    .expect("rows are there");
    assert_eq!(text, ("POINT(121.5 31.25)".to_owned(), None, 7.5));
}

#[tokio::test]
async fn spatial_columns_have_an_index() {
    let ground = Ground::postgres().await;
    ground.open().await;
    let indexed: Vec<String> = sqlx::query_scalar(
        "SELECT tablename || '.' || indexname FROM pg_indexes WHERE indexdef LIKE '%USING gist%' ORDER BY 1",
    )
    .fetch_all(&mut sql(&ground).await)
    .await
    .expect("the catalogue reads");
    assert_eq!(
        indexed,
        ["demand.demand_geom", "division.division_geom", "resource.resource_geom", "resource.resource_location"]
    );
}

#[tokio::test]
async fn views_hold_the_public_part_and_nothing_else() {
    let ground = Ground::postgres().await;
    let store = ground.open().await;
    let open = samples::every_kind();
    let secret = open.iter().enumerate().map(|(i, r)| {
        let mut r = samples::with_detail(hidden(&format!("s{i}")), r.detail.clone());
        r.name.zh = "内部资源".to_owned();
        r
    });
    commit_all(&*store, open.iter().cloned().chain(secret).map(create).collect()).await;
    let mut connection = sql(&ground).await;
    for view in VIEWS {
        let (rows, text): (i64, String) = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT count(*), string_agg(to_jsonb(v)::text, ' ') FROM {view} AS v"
        )))
        .fetch_one(&mut connection)
        .await
        .expect("the view reads");
        assert_eq!(rows, 1, "{view}");
        for hidden in ["内部资源", "021-0000", "试验联系人", "verifier", "contacts", "remarks", "value_of_remarks"]
        {
            assert!(!text.contains(hidden), "{view} shows {hidden}: {text}");
        }
    }
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_name = ANY($1) AND column_name ~ 'contact|remark|verifier|phone|doc|visibility'",
    )
    .bind(VIEWS.map(str::to_owned).to_vec())
    .fetch_all(&mut connection)
    .await
    .expect("the catalogue reads");
    assert!(columns.is_empty(), "{columns:?}");
}

#[tokio::test]
async fn views_tell_unknown_from_zero() {
    let ground = Ground::postgres().await;
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("bare")), create(samples::every_kind().remove(0))]).await;
    let free: Vec<(String, Option<i64>, Option<i64>)> =
        sqlx::query_as("SELECT code, capacity, free_places FROM shelter ORDER BY code")
            .fetch_all(&mut sql(&ground).await)
            .await
            .expect("the view reads");
    assert_eq!(free, [("bare".to_owned(), None, None), ("full-0".to_owned(), Some(4200), Some(0))]);
}

#[tokio::test]
async fn a_commit_wakes_a_follower_at_once() {
    let ground = Ground::postgres().await;
    let (writer, follower) = (ground.open().await, ground.open().await);
    follower.wait(Revision(0)).await.expect("the wait ends");
    let waiting = tokio::spawn(async move {
        follower.wait(Revision(0)).await.expect("the wait ends");
        follower.revisions().await.expect("the counter reads").all
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    commit_all(&*writer, vec![create(shelter("a"))]).await;
    let woken = tokio::time::timeout(Duration::from_millis(400), waiting).await.expect("woken before the second is up");
    assert_eq!(woken.expect("the follower lives"), Revision(1));
}

#[tokio::test]
async fn a_cut_connection_is_an_error_and_not_the_end() {
    let ground = Ground::postgres().await;
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("before"))]).await;
    store.wait(Revision(0)).await.expect("the wait ends");
    // Somebody holds the counter, so that the commit is on its way when the line is cut.
    let mut holder = sql(&ground).await;
    sqlx::raw_sql("BEGIN; SELECT revision FROM counter FOR UPDATE").execute(&mut holder).await.expect("it holds");
    let on_its_way = spawn_commit(&store, "cut");
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.wait(Revision(1)).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    ground.cut().await;
    let cut = on_its_way.await.expect("the writer lives");
    assert!(matches!(cut, Err(StoreError::Database(_))), "{cut:?}");
    let waited = waiting.await.expect("the follower lives");
    assert!(matches!(waited, Ok(()) | Err(StoreError::Database(_))), "{waited:?}");
    assert_eq!(recovered(&store).await, 1, "nothing of it was written");
    commit_all(&*store, vec![create(shelter("after"))]).await;
    store.wait(Revision(1)).await.expect("the wait ends");
    assert_eq!(journal(&*store).await.len(), 2);
}

fn spawn_commit(store: &Arc<dyn Store>, code: &str) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let (store, proposal) = (store.clone(), create(shelter(code)));
    tokio::spawn(async move { commit(&*store, vec![proposal]).await.map(|_| ()) })
}

/// Returns the revision that the store shows once it answers again.
async fn recovered(store: &Arc<dyn Store>) -> u64 {
    for _ in 0..20 {
        if let Ok(revisions) = store.revisions().await {
            return revisions.all.0;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store does not come back");
}
